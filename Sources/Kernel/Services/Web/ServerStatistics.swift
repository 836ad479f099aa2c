/// What a server has done since it was made.
public struct ServerStatistics: Sendable {
    /// Connections accepted.
    public var connections: UInt64 = 0
    /// Requests whose head was read.
    public var requests: UInt64 = 0
    /// Responses by the hundreds of their status: 1xx to 5xx.
    public var responses: [5 of UInt64] = [0, 0, 0, 0, 0]
    /// Bytes of content sent.
    public var sentBytes: UInt64 = 0
    /// Connections that were ended because the other end was too slow.
    public var timeouts: UInt64 = 0
    /// Connections that made room for others.
    public var evicted: UInt64 = 0
}
