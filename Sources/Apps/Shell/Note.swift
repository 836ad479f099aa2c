import Runtime
import ShellCore

/// The image's header note.
enum Note {
    /// What stands behind `key` and a colon; nil when the note has no such line.
    static func value(_ key: StaticString) -> String? {
        for line in Image.note.utf8.split(separator: ASCII.lineFeed) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            guard key.equals(Array(line[..<colon])) else { continue }
            return String(decoding: line[line.index(after: colon)...].drop { $0 == ASCII.space }, as: UTF8.self)
        }
        return nil
    }
}
