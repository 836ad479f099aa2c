/// `config.txt` and its kin: the settings whose conditions hold on a board, in their order.
///
/// By the public documentation of config.txt: `#` begins a comment line, a filter holds until one of its kind replaces it or
/// `[all]` ends all of them, filters of different kinds must all pass, of two values of a key the later one counts, and what is
/// beyond the 98th character of a line is not seen.
public struct ConfigFile: Equatable, Sendable {
    /// A line that counts.
    public struct Setting: Equatable, Sendable {
        /// What is before the `=`, or the first word of `initramfs` and its kin.
        public let key: String
        /// What is behind it.
        public let value: String
    }

    /// The board's side of the conditions.
    struct Conditions {
        var board: BoardDescription
        /// Whether only `[all]`, `[none]` and `[tryboot]` are known, as in autoboot.txt.
        var isAutoboot = false
    }

    /// The settings that count.
    public let settings: [Setting]

    private static let lineLimit = 98

    init(
        _ bytes: [UInt8], _ conditions: Conditions, including: (String) -> [UInt8]? = { _ in nil }, depth: Int = 0
    ) {
        var settings: [Setting] = []
        var filters: [String: Bool] = [:]
        for raw in bytes.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d || $0 == 0 }) {
            let line = String(decoding: raw.prefix(Self.lineLimit), as: UTF8.self)
            guard let first = line.first, first != "#" else { continue }
            if first == "[" {
                Self.apply(String(line.dropFirst().prefix { $0 != "]" }), conditions, to: &filters)
                continue
            }
            guard filters.values.allSatisfy({ $0 }), let setting = Self.setting(line) else { continue }
            if setting.key == "include" {
                guard depth < 4, let other = including(setting.value) else { continue }
                settings += ConfigFile(other, conditions, including: including, depth: depth + 1).settings
            } else {
                settings.append(setting)
            }
        }
        self.settings = settings
    }

    /// The value of a key, the last one if there are several.
    public func value(_ key: String) -> String? {
        settings.last { $0.key == key }?.value
    }

    /// The number that is the value of a key; nil too for what is no number.
    public func number(_ key: String) -> Int? { value(key).flatMap(Self.number) }

    /// Decimal, or hexadecimal behind `0x`.
    static func number(_ text: String) -> Int? {
        text.lowercased().hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }

    private static func setting(_ line: String) -> Setting? {
        for word in ["initramfs", "include"] where line.hasPrefix(word + " ") {
            return Setting(key: word, value: trimmed(line.dropFirst(word.count + 1)))
        }
        guard let equals = line.firstIndex(of: "=") else { return nil }
        return Setting(key: String(line[..<equals]), value: trimmed(line[line.index(after: equals)...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }

    /// Takes a filter in: what it says, by its kind. One that nobody knows is the name of another model.
    private static func apply(_ name: String, _ conditions: Conditions, to filters: inout [String: Bool]) {
        let board = conditions.board
        switch name {
        case "all": filters = [:]
        case "none": filters["none"] = false
        case "tryboot": filters["tryboot"] = board.triesBoot
        case _ where conditions.isAutoboot: filters["unknown"] = false
        case _ where name.hasPrefix("HDMI:"): break
        case _ where name.hasPrefix("EDID="): filters["EDID"] = false
        case _ where name.hasPrefix("gpio"): filters["gpio"] = name.hasSuffix("=1")
        case _ where name.hasPrefix("0x"): filters["serial"] = number(name) == Int(board.serial & 0xffff_ffff)
        case _ where name.hasPrefix("board-type="):
            filters["model"] = number(String(name.dropFirst(11))) == Int(board.revision >> 4 & 0xff)
        default: filters["model"] = board.model.filters.contains(name)
        }
    }
}
