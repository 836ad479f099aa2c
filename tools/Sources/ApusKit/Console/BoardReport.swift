/// A report of `SelfTest` as somebody sent it: whether its lines are those that the board printed.
///
/// The report ends with a line that says how many lines it has and what their checksum is (FNV-1a over each line and a newline).
package struct BoardReport {
    /// The lines of the report, without that one.
    package let lines: [String]
    /// Whether they are as they were printed.
    package let isIntact: Bool

    private static let beginning = "checksum of these "

    /// The last whole report in `text`, a console's log; nil when there is none. Ends of lines, and spaces at them, do not count.
    package init?(in text: String) {
        let all = text.split(whereSeparator: \.isNewline).map { line in
            String(line.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }.filter { !$0.isEmpty }
        guard let end = all.lastIndex(where: { $0.hasPrefix(Self.beginning) }) else { return nil }
        let words = all[end].dropFirst(Self.beginning.count).split(separator: " ")
        guard words.count == 3, let count = Int(words[0]), count >= 0,
            let wanted = UInt64(words[2].hexadecimalDigits, radix: 16)
        else { return nil }
        lines = Array(all[max(0, end - count)..<end])
        isIntact = lines.count == count && Self.checksum(of: lines) == wanted
    }

    static func checksum(of lines: [String]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for line in lines {
            for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0x0a) &* 0x100_0000_01b3
        }
        return hash
    }
}

extension Substring {
    /// Without the `0x` in front, where there is one.
    fileprivate var hexadecimalDigits: Substring { hasPrefix("0x") ? dropFirst(2) : self }
}
