import Runtime
import ShellCore

/// The image's header note.
enum Note {
    /// What stands behind `key` and a colon; nil when the note has no such line.
    static func value(_ key: StaticString) -> Text? {
        for line in Image.note.bytes.split(separator: ASCII.lineFeed) {
            guard let colon = line.firstIndex(of: 0x3a), key.equals(Array(line[..<colon])) else { continue }
            return Text(Array(line[(colon + 1)...].drop { $0 == ASCII.space }))
        }
        return nil
    }
}
