/// What a stack has done since it was made. A packet that was dropped is counted under one reason.
@frozen
public struct StackStatistics: Equatable, Sendable {
    /// Frames handed in.
    public var receivedFrames: UInt64 = 0
    /// Frames handed to the sink, whether or not it had room.
    public var sentFrames: UInt64 = 0
    /// Dropped: a protocol that nobody here speaks, or an address that is not ours.
    public var notForUs: UInt64 = 0
    /// Dropped: the bytes are no packet.
    public var malformed: UInt64 = 0
    /// Dropped: a checksum is wrong.
    public var checksumErrors: UInt64 = 0
    /// Dropped: an address stands where it must not.
    public var martians: UInt64 = 0
    /// Fragments that did not become a datagram.
    public var lostFragments: UInt64 = 0
    /// Datagrams put together from fragments.
    public var reassembled: UInt64 = 0
    /// Dropped: no socket has the port.
    public var unclaimedDatagrams: UInt64 = 0
    /// Dropped: the socket's queue was full.
    public var queueFull: UInt64 = 0
    /// Not sent: no route, or the next hop does not answer.
    public var unreachable: UInt64 = 0
    /// ICMP messages received and sent.
    public var receivedICMP: UInt64 = 0
    /// ICMP messages sent.
    public var sentICMP: UInt64 = 0
    /// TCP segments received, good ones.
    public var receivedSegments: UInt64 = 0
    /// TCP segments sent.
    public var sentSegments: UInt64 = 0
    /// TCP resets sent.
    public var sentResets: UInt64 = 0
    /// Connections opened from here.
    public var activeOpens: UInt64 = 0
    /// Connections accepted.
    public var passiveOpens: UInt64 = 0
    /// SYNs answered with a cookie, for a backlog that was full.
    public var sentCookies: UInt64 = 0
    /// SYNs dropped, because the application leaves the backlog waiting or the table of connections is full.
    public var droppedSYNs: UInt64 = 0
    /// UDP datagrams received and sent.
    public var receivedDatagrams: UInt64 = 0
    /// UDP datagrams sent.
    public var sentDatagrams: UInt64 = 0

    /// All counters zero.
    @inlinable
    public init() {}
}
