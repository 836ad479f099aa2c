import Interfaces

/// A slower cable: lets so many bits a second pass in each direction, and a burst at once. What is to be sent waits for room as before a
/// full ring; what has arrived waits in the device, which drops what it has no room for.
///
/// A bucket of credits for each direction that fills with time; a frame passes when there is any credit, and its bytes are taken from it.
public final class RateLimitedLink: LinkWrapper {
    private let clock: () -> Instant
    private var outward: CreditBucket
    private var inward: CreditBucket

    /// Wraps `device`.
    /// - Parameters:
    ///   - bitsPerSecond: 1,000 to 10,000,000,000.
    ///   - burst: bytes that may pass at once after a rest; a frame at least.
    ///   - clock: the time.
    public init(
        _ device: any NetworkDevice, bitsPerSecond: UInt64, burst: Int = 16 << 10, clock: @escaping () -> Instant
    ) {
        let bucket = CreditBucket(bitsPerSecond: bitsPerSecond, burst: burst, now: clock())
        (outward, inward) = (bucket, bucket)
        self.clock = clock
        super.init(device)
    }

    public override var transmitRoom: Int {
        let now = clock()
        guard outward.isOpen(now) else { return 0 }
        // One by one: what a frame takes is known when it is sent.
        return min(device.transmitRoom, 1)
    }

    /// When a direction opens that is waited for.
    public override var deadline: Instant { min(device.deadline, min(outward.wanted, inward.wanted)) }

    public override func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        guard outward.isOpen(clock()) else { throw .full }
        try device.transmit(length, checksum: checksum, fill)
        outward.take(length)
    }

    public override func receive() -> ReceivedFrame? {
        guard inward.isOpen(clock()), let frame = device.receive() else { return nil }
        return pass(frame)
    }

    private func pass(_ frame: consuming ReceivedFrame) -> ReceivedFrame {
        inward.take(frame.count)
        return frame
    }

    /// While a direction is closed its interrupts are not armed: its `deadline` is what wakes.
    public override func arm(_ causes: NetworkInterrupts) -> Bool {
        let now = clock()
        var open = causes
        if !inward.isOpen(now) { open.remove(.receive) }
        if !outward.isOpen(now) { open.remove(.transmit) }
        return device.arm(open)
    }
}
