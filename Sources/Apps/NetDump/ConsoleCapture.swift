import Interfaces
import RaspberryPi4

/// Writes a capture to the console: a line `pcap HEX` for the file's header and for each frame's record. Whoever joins their bytes has a
/// file for Wireshark; `apus run NetDump --pcap FILE` and `apus monitor --pcap FILE` do.
final class ConsoleCapture {
    private static let mark: StaticString = "pcap "
    /// The line under way; grows to the longest there was.
    private var line: [UInt8] = []

    func put(_ record: RawSpan) {
        line.removeAll(keepingCapacity: true)
        for index in 0..<Self.mark.utf8CodeUnitCount { unsafe line.append(Self.mark.utf8Start[index]) }
        for index in 0..<record.byteCount {
            let byte = unsafe record.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            for digit in [byte >> 4, byte & 15] { line.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
        line.append(0x0D)
        line.append(0x0A)
        unsafe line.withUnsafeBytes {
            unsafe Board.console.write(RawSpan(_unsafeStart: $0.baseAddress!, byteCount: $0.count))
        }
    }
}
