import Glibc
import Interfaces
import Network

/// A file of all frames, for Wireshark.
final class CaptureFile {
    private let file: UnsafeMutablePointer<FILE>
    private let capture: PacketCapture
    private var record = [UInt8](repeating: 0, count: Tap.frameSize + PacketCapture.recordHeaderLength)

    /// Makes the file, which is to keep `snapLength` bytes of each frame; nil when it cannot be written.
    init?(_ path: String, snapLength: Int) {
        guard let file = fopen(path, "w") else { return nil }
        self.file = file
        capture = PacketCapture(snapLength: snapLength)
        begin()
    }

    deinit { fclose(file) }

    /// Appends a frame.
    func append(_ frame: UnsafeRawBufferPointer, at now: Instant) {
        let length = capture.recordLength(frame.count)
        var span = record.mutableSpan
        var raw = span.mutableBytes
        var part = raw._mutatingExtracting(0..<length)
        capture.emit(frame.bytes, at: now, into: &part)
        write(length)
    }

    /// Hands the system what has been appended: whoever ends this process finds it.
    func flush() { fflush(file) }

    private func begin() {
        var span = record.mutableSpan
        var raw = span.mutableBytes
        capture.emitFileHeader(into: &raw)
        write(PacketCapture.fileHeaderLength)
    }

    private func write(_ count: Int) { _ = record.withUnsafeBytes { fwrite($0.baseAddress!, 1, count, file) } }
}
