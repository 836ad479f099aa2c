import DeviceTree
import Interfaces
import Mailbox

/// The line of arguments that the firmware has for the program: `cmdline.txt` on the card behind words of its own, `-append` in QEMU.
public struct BootArguments {
    /// The most that the firmware's mailbox tells: the end of a longer line.
    private static let tagLimit = 256

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

    /// What `property`, `bootargs` of the device tree, says: text that a zero ends, if it is as it should be.
    init(_ property: Property) { self.init(Array(property.bytes.prefix { $0 != 0 })) }

    /// What the mailbox has answered. A line as long as an answer can be was longer: the word that it begins with may be the end of another.
    init(tag line: [UInt8]) {
        self.init(line.count < Self.tagLimit ? line : Array(line.drop { $0 > 0x20 }))
    }

    /// Looks into the device tree, which has the whole line, or asks the firmware; empty when neither has one.
    static func ask() -> BootArguments {
        if let property = PhysicalMemory.deviceTree()?.chosen?.node.property("bootargs") {
            return BootArguments(property)
        }
        var line = [UInt8](repeating: 0, count: tagLimit)
        let count = try? Board.askFirmware { firmware throws(DeviceError) in
            var span = line.mutableSpan
            var bytes = unsafe span.mutableBytes
            return try firmware.commandLine(into: &bytes)
        }
        return BootArguments(tag: Array(line.prefix(count ?? 0)))
    }
}

extension Board {
    /// The line of arguments for this program. Asks anew at each call.
    public static var arguments: BootArguments { .ask() }
}
