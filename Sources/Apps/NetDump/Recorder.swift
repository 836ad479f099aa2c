import Interfaces
import Network
import RaspberryPi4
import Runtime

/// Writes a capture to the console: a line `pcap HEX` for the file's header and for each frame's record. Whoever joins their bytes has a
/// file for Wireshark; `apus run NetDump --pcap FILE` and `apus monitor --pcap FILE` do.
final class Recorder {
    private static let mark: StaticString = "pcap "
    private let capture = PacketCapture()
    /// The bytes of a record, and the line made of them; both for the longest frame.
    private var record = [UInt8](repeating: 0, count: PacketCapture.recordHeaderLength + 1518)
    private var line = [UInt8](repeating: 0, count: 5 + 2 * (PacketCapture.recordHeaderLength + 1518) + 2)

    init() {
        fill(PacketCapture.fileHeaderLength) { [capture] span in capture.emitFileHeader(into: &span) }
    }

    func record(_ frame: borrowing ReceivedFrame) {
        let now = SystemTime.now
        let bytes = frame.bytes
        fill(capture.recordLength(bytes.byteCount)) { span in capture.emit(bytes, at: now, into: &span) }
    }

    /// Lets `body` write `count` bytes, and sends them as a line.
    private func fill(_ count: Int, _ body: (inout MutableRawSpan) -> Void) {
        unsafe record.withUnsafeMutableBytes { buffer in
            var span = unsafe MutableRawSpan(_unsafeStart: buffer.baseAddress!, byteCount: count)
            body(&span)
        }
        var end = 0
        func put(_ byte: UInt8) {
            line[end] = byte
            end += 1
        }
        for index in 0..<Self.mark.utf8CodeUnitCount { unsafe put(Self.mark.utf8Start[index]) }
        for byte in record[..<count] {
            for digit in [byte >> 4, byte & 15] { put(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
        put(0x0D)
        put(0x0A)
        unsafe line.withUnsafeBytes {
            unsafe Board.console.write(RawSpan(_unsafeStart: $0.baseAddress!, byteCount: end))
        }
    }
}
