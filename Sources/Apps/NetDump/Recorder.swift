import Interfaces
import Network
import Runtime

/// Makes the records of a capture, and hands them to somebody who keeps them.
final class Recorder {
    private let capture = PacketCapture()
    /// The bytes of a record, for the longest frame.
    private var record = [UInt8](repeating: 0, count: PacketCapture.recordHeaderLength + 1518)
    private let keep: (RawSpan) -> Void

    /// Hands the file's header to `keep` at once, and then each frame's record, for the duration of the call.
    init(_ keep: @escaping (RawSpan) -> Void) {
        self.keep = keep
        fill(PacketCapture.fileHeaderLength) { [capture] span in capture.emitFileHeader(into: &span) }
    }

    func record(_ frame: borrowing ReceivedFrame) {
        let now = SystemTime.now
        let bytes = frame.bytes
        fill(capture.recordLength(bytes.byteCount)) { span in capture.emit(bytes, at: now, into: &span) }
    }

    private func fill(_ count: Int, _ body: (inout MutableRawSpan) -> Void) {
        unsafe record.withUnsafeMutableBytes { buffer in
            var span = unsafe MutableRawSpan(_unsafeStart: buffer.baseAddress!, byteCount: count)
            body(&span)
            keep(span.bytes)
        }
    }
}
