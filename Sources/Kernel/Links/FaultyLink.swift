import Interfaces
import Network

/// A bad cable: loses, repeats, corrupts, delays and reorders frames in both directions, by chances from a seed (`FaultInjector`).
///
/// Every frame is copied and memory is allocated: for trying how an application and its peer bear it, not for every day. A received frame
/// is handed on in a buffer of the link's own, of which there are `bufferCount`; without a free one, or when it is longer than
/// the device promises, it is lost and counted as `noBuffer`.
@safe
public final class FaultyLink: LinkWrapper {
    private static let bufferCount = 256

    private let clock: () -> Instant
    private var outward: FaultInjector
    private var inward: FaultInjector
    // A buffer's bytes are its taker's alone: the link's until `receive`, then the frame's.
    private let memory: UnsafeMutableRawBufferPointer
    private let bufferSize: Int
    private var pool = FramePool(count: FaultyLink.bufferCount)
    /// Buffers with frames that have arrived, the oldest first.
    private var waiting: [(buffer: Int, length: Int)] = []
    private var withoutBuffer: UInt64 = 0

    /// Wraps `device`. The same `seed` does the same to the same frames; the directions differ. `clock` tells the time.
    public init(
        _ device: any NetworkDevice, _ faults: FaultInjector.Faults, seed: UInt64, clock: @escaping () -> Instant
    ) {
        self.clock = clock
        outward = FaultInjector(faults, seed: seed)
        inward = FaultInjector(faults, seed: ~seed)
        bufferSize = (device.maximumTransmissionUnit + 18 + 63) & ~63
        unsafe memory = .allocate(byteCount: Self.bufferCount * bufferSize, alignment: 64)
        super.init(device)
    }

    deinit {
        for (buffer, _) in waiting { pool.giveBack(buffer) }
        unsafe memory.deallocate()
    }

    /// What the cable does to frames that come from now on, in both directions.
    public var faults: FaultInjector.Faults {
        get { outward.faults }
        set { (outward.faults, inward.faults) = (newValue, newValue) }
    }

    /// Frames lost on purpose, in both directions.
    public var lost: Int { outward.lost + inward.lost }

    /// No checksums by the device: it would put right what the cable spoils, or find it before the stack does.
    public override var capabilities: NetworkCapabilities {
        device.capabilities.subtracting([.receiveChecksum, .transmitChecksum])
    }

    public override var statistics: NetworkStatistics {
        var statistics = device.statistics
        statistics.noBuffer &+= withoutBuffer
        return statistics
    }

    /// When the next frame arrives, at either end.
    public override var deadline: Instant { min(device.deadline, min(outward.deadline, inward.deadline)) }

    /// The cable takes everything; what the device below has no room for when it arrives there is lost.
    public override var transmitRoom: Int { .max }

    public override func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        if checksum != nil { throw .unsupported }
        guard (14...device.maximumTransmissionUnit + 18).contains(length) else { throw .length }
        guard device.link.isUp else { throw .linkDown }
        outward.now = clock()
        outward.transmit(length, on: .loopback, checksum: nil, fill)
        deliver()
    }

    public override func receive() -> ReceivedFrame? {
        deliver()
        while let frame = device.receive() { take(frame) }
        arrive()
        guard !waiting.isEmpty else { return nil }
        let (buffer, length) = waiting.removeFirst()
        return unsafe pool.frame(buffer, of: UnsafeRawBufferPointer(bytes(buffer)), 0..<length, checksum: .unknown)
    }

    public override func arm(_ causes: NetworkInterrupts) -> Bool {
        deliver()
        arrive()
        return waiting.isEmpty && device.arm(causes)
    }

    // MARK: The cable

    private func take(_ frame: consuming ReceivedFrame) {
        inward.now = clock()
        let bytes = frame.bytes
        inward.transmit(bytes.byteCount, on: .loopback, checksum: nil) { target in
            unsafe target.withUnsafeMutableBytes { target in
                unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
            }
        }
    }

    /// Hands the device what arrives at its other end until now.
    private func deliver() {
        let device = device
        outward.deliver(until: clock()) { frame in
            try? device.transmit(frame.byteCount, checksum: nil) { target in
                unsafe target.withUnsafeMutableBytes { target in
                    unsafe frame.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
                }
            }
        }
    }

    /// Puts what arrives here until now into buffers.
    private func arrive() {
        var arrived: [[UInt8]] = []
        inward.deliver(until: clock()) { frame in arrived.append(unsafe frame.withUnsafeBytes { unsafe Array($0) }) }
        for frame in arrived {
            // A device may have longer frames than it says.
            guard frame.count <= bufferSize, let buffer = pool.take() else {
                withoutBuffer &+= 1
                continue
            }
            unsafe bytes(buffer).copyBytes(from: frame)
            waiting.append((buffer, frame.count))
        }
    }

    private func bytes(_ buffer: Int) -> UnsafeMutableRawBufferPointer {
        let start = buffer * bufferSize
        return unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + bufferSize])
    }
}
