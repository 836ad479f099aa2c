/// The timestamps of a segment (RFC 7323 section 3.2).
@frozen
public struct TCPTimestamps: Hashable, Sendable {
    /// TSval: the sender's clock.
    public var value: UInt32
    /// TSecr: what the sender last saw of the other's clock; without ACK it means nothing.
    public var echo: UInt32

    /// A pair of timestamps.
    @inlinable
    public init(value: UInt32, echo: UInt32) {
        self.value = value
        self.echo = echo
    }
}
