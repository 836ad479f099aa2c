import Interfaces
import Network

extension ObservedLink {
    /// Wraps `device` and records what passes, as Wireshark reads it (`PacketCapture`).
    ///
    /// `write` gets the file's header at once and then a record for each frame, and says where they go; the bytes are its for the duration of
    /// the call. `clock` tells the time of a frame.
    public convenience init(
        capturing device: any NetworkDevice, snapLength: Int = 65535, clock: @escaping () -> Instant,
        to write: @escaping (RawSpan) -> Void
    ) {
        let recorder = Recorder(PacketCapture(snapLength: snapLength), clock, write)
        self.init(device) { _, frame in recorder.record(frame) }
    }
}

/// Makes records in a buffer that it keeps.
private final class Recorder {
    private let capture: PacketCapture
    private let clock: () -> Instant
    private let write: (RawSpan) -> Void
    private var buffer = [UInt8](repeating: 0, count: PacketCapture.fileHeaderLength)

    init(_ capture: PacketCapture, _ clock: @escaping () -> Instant, _ write: @escaping (RawSpan) -> Void) {
        self.capture = capture
        self.clock = clock
        self.write = write
        put(PacketCapture.fileHeaderLength) { bytes in capture.emitFileHeader(into: &bytes) }
    }

    func record(_ frame: RawSpan) {
        let now = clock()
        put(capture.recordLength(frame.byteCount)) { bytes in capture.emit(frame, at: now, into: &bytes) }
    }

    private func put(_ count: Int, _ fill: (inout MutableRawSpan) -> Void) {
        // Grows to the longest frame there was.
        while buffer.count < count { buffer.append(0) }
        unsafe buffer.withUnsafeMutableBytes { memory in
            var bytes = unsafe MutableRawSpan(_unsafeStart: memory.baseAddress!, byteCount: count)
            fill(&bytes)
            write(bytes.bytes)
        }
    }
}
