import Interfaces
import Mailbox

/// The line of arguments that the firmware has for the program: `cmdline.txt` on the card, `-append` in QEMU.
public struct BootArguments {
    /// The most that is looked at, in bytes.
    private static let length = 512

    private let line: [UInt8]

    init(_ line: [UInt8]) { self.line = line }

    /// Whether `word` stands in the line, between blanks or its ends.
    public func contains(_ word: StaticString) -> Bool {
        var start = 0
        for end in 0...line.count where end == line.count || line[end] <= 0x20 {
            if end > start && holds(word, at: start..<end) { return true }
            start = end + 1
        }
        return false
    }

    private func holds(_ word: StaticString, at range: Range<Int>) -> Bool {
        let wanted = unsafe UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard range.count == wanted.count else { return false }
        for index in 0..<wanted.count where unsafe line[range.lowerBound + index] != wanted[index] { return false }
        return true
    }

    /// Asks the firmware; empty when it has none, or does not say.
    static func ask() -> BootArguments {
        var line = [UInt8](repeating: 0, count: length)
        let count = try? Board.askFirmware { firmware throws(DeviceError) in
            var span = line.mutableSpan
            var bytes = unsafe span.mutableBytes
            return try firmware.commandLine(into: &bytes)
        }
        return BootArguments(Array(line.prefix(count ?? 0)))
    }
}

extension Board {
    /// The line of arguments for this program. Asks the firmware at each call.
    public static var arguments: BootArguments { .ask() }
}
