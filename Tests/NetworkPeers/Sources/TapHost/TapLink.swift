import Interfaces
import Network

/// The way between the stack and a TAP interface, both directions bad in the same manner if that is wished.
struct TapLink: FrameSink {
    let tap: Tap
    /// The time: of what is sent next.
    var now = Instant(nanoseconds: 0)
    private let capture: CaptureFile?
    private let isPerfect: Bool
    private let corrupts: Bool
    private var outward: FaultInjector
    private var inward: FaultInjector
    private var buffer = [UInt8](repeating: 0, count: Tap.frameSize)

    init(_ tap: Tap, faults: FaultInjector.Faults?, seed: UInt64, capture: CaptureFile?) {
        self.tap = tap
        self.capture = capture
        isPerfect = faults == nil
        corrupts = (faults?.corruption ?? 0) > 0
        outward = FaultInjector(faults ?? FaultInjector.Faults(), seed: seed)
        inward = FaultInjector(faults ?? FaultInjector.Faults(), seed: ~seed)
    }

    /// When the next frame arrives that is under way.
    var deadline: Instant { min(outward.deadline, inward.deadline) }

    /// Frames that were lost on the way.
    var lost: Int { outward.lost + inward.lost }

    /// Sends a frame of the stack.
    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) {
        fillBuffer(length, fill)
        guard suffers(length) else { return write(length) }
        outward.now = now
        Self.put(buffer, length, into: &outward)
    }

    /// Takes what the system has sent, at most `limit` frames, and shows the stack what arrives until now.
    mutating func receive(limit: Int, _ consume: (inout TapLink, RawSpan) -> Void) -> Int {
        var count = 0
        var frame = [UInt8](repeating: 0, count: Tap.frameSize)
        while count < limit, let length = tap.read(into: &frame) {
            count += 1
            frame.withUnsafeBytes { capture?.append(UnsafeRawBufferPointer(rebasing: $0[..<length]), at: now) }
            if suffers(frame) {
                inward.now = now
                Self.put(frame, length, into: &inward)
            } else {
                consume(&self, frame.span.bytes.extracting(0..<length))
            }
        }
        guard !isPerfect else { return count }
        var arrived: [[UInt8]] = []
        inward.deliver(until: now) { arrived.append($0.withUnsafeBytes { Array($0) }) }
        for frame in arrived { consume(&self, frame.span.bytes) }
        return count
    }

    /// Hands the system what arrives there until now.
    mutating func deliver() {
        guard !isPerfect else { return }
        let (tap, capture, now) = (tap, capture, now)
        outward.deliver(until: now) { frame in
            frame.withUnsafeBytes {
                capture?.append($0, at: now)
                tap.write($0)
            }
        }
    }

    /// Brings what was captured into its file.
    func flushCapture() { capture?.flush() }

    private mutating func fillBuffer(_ length: Int, _ fill: (inout MutableRawSpan) -> Void) {
        var span = buffer.mutableSpan
        var raw = span.mutableBytes
        var frame = raw._mutatingExtracting(0..<length)
        fill(&frame)
    }

    private func write(_ length: Int) {
        buffer.withUnsafeBytes {
            let frame = UnsafeRawBufferPointer(rebasing: $0[..<length])
            capture?.append(frame, at: now)
            tap.write(frame)
        }
    }

    private func suffers(_ length: Int) -> Bool { !isPerfect && suffers(buffer) }

    /// ARP has no checksum: on a cable the frame's own protects it, so wrong bits stay away from it here as well.
    private func suffers(_ frame: [UInt8]) -> Bool {
        let isARP = frame[12] == 0x08 && frame[13] == 0x06
        return !isPerfect && !(corrupts && isARP)
    }

    private static func put(_ frame: [UInt8], _ length: Int, into link: inout FaultInjector) {
        link.transmit(length, on: InterfaceID(rawValue: 1)) { target in
            frame.withUnsafeBytes { bytes in
                target.withUnsafeMutableBytes {
                    $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
                }
            }
        }
    }
}
