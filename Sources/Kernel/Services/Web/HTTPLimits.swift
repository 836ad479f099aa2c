import Interfaces

/// What a server puts up with.
public struct HTTPLimits: Sendable {
    /// Bytes of a head.
    public var head = 8 << 10
    /// Bytes of a request's content.
    public var content: UInt64 = 1 << 20
    /// Connections at a time. When another comes, the one that has been idle longest makes room, or it waits.
    public var connections = 4096
    /// Requests that are worked on at a time. Others wait their turn.
    public var workers = 64
    /// How long a head may take from its first byte.
    public var headTime = Interval.seconds(10)
    /// How long a connection may be idle between requests.
    public var idleTime = Interval.seconds(60)
    /// How long the other end may take no byte, or send none that is waited for.
    public var stallTime = Interval.seconds(20)
    /// Bytes a second that content has to come with in the long run.
    public var contentRate: UInt64 = 500
    /// How long the end of a connection is waited for after this side has ended it.
    public var lingerTime = Interval.seconds(5)

    /// The defaults.
    public init() {}
}
