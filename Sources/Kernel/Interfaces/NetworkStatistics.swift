/// What a network device has done since it was made. Counters never reset and, having 64 bits, never wrap.
///
/// A received frame is counted once: as received, or under the one reason for which it was dropped.
@frozen
public struct NetworkStatistics: Equatable, Sendable {
    /// Frames handed up.
    public var receivedFrames: UInt64 = 0
    /// Their bytes, from the destination address up to the end of the payload.
    public var receivedBytes: UInt64 = 0
    /// Frames handed to the device.
    public var transmittedFrames: UInt64 = 0
    /// Their bytes, without padding.
    public var transmittedBytes: UInt64 = 0

    /// Dropped: the checksum at the frame's end is wrong.
    public var checksumErrors: UInt64 = 0
    /// Dropped: not a whole number of bytes, or a symbol error on the cable.
    public var symbolErrors: UInt64 = 0
    /// Dropped: shorter or longer than a frame may be, or a piece of one that did not fit its buffer.
    public var lengthErrors: UInt64 = 0
    /// Dropped: the device's own memory was full.
    public var overruns: UInt64 = 0
    /// Dropped by the device: no buffer was free in the ring.
    public var ringFull: UInt64 = 0
    /// Dropped: every spare buffer was still owned by a consumer.
    public var noBuffer: UInt64 = 0
    /// Dropped: what the device said about the frame cannot be true.
    public var malformed: UInt64 = 0

    /// Frames refused because the transmit ring was full.
    public var transmitRingFull: UInt64 = 0
    /// Frames taken by the device that a restart or the stop threw away.
    public var transmitAbandoned: UInt64 = 0

    /// Times the link went up.
    public var linksUp: UInt64 = 0
    /// Times the link went down.
    public var linksDown: UInt64 = 0
    /// Times the device was stuck, or told nonsense, and was reset and started again.
    public var restarts: UInt64 = 0
    /// Conversations with the PHY that failed.
    public var phyErrors: UInt64 = 0

    /// All counters zero.
    @inlinable
    public init() {}

    /// Received frames that were dropped, for whatever reason.
    @inlinable
    public var receiveDrops: UInt64 {
        checksumErrors &+ symbolErrors &+ lengthErrors &+ overruns &+ ringFull &+ noBuffer &+ malformed
    }
}
