/// The levels of log lines, as `swift-log` names them.
package enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical

    /// The terminal's sequence that begins the level's colour.
    var colour: String {
        switch self {
        case .trace, .debug: "\u{1b}[2m"
        case .info: "\u{1b}[36m"
        case .notice: "\u{1b}[32m"
        case .warning: "\u{1b}[33m"
        case .error: "\u{1b}[31m"
        case .critical: "\u{1b}[1;31m"
        }
    }

    /// What the beginning of a line says about it.
    enum Recognition: Equatable {
        /// It is no log line, whatever comes.
        case none
        /// It may become one.
        case open
        /// It is one.
        case level(LogLevel)
    }

    /// Reads the beginning of a line: `[    1.234567] error sdhci: text`.
    static func recognise(_ line: [UInt8]) -> Recognition {
        guard let first = line.first else { return .open }
        guard first == UInt8(ascii: "[") else { return .none }
        var rest = line.dropFirst()
        let time = rest.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ".") || (48...57).contains($0) }
        rest = rest.dropFirst(time.count)
        guard time.count <= 24 else { return .none }
        guard let bracket = rest.popFirst() else { return .open }
        guard bracket == UInt8(ascii: "]"), !time.isEmpty else { return .none }
        guard let space = rest.popFirst() else { return .open }
        guard space == UInt8(ascii: " ") else { return .none }
        for level in allCases {
            let word = Array("\(level.rawValue) ".utf8)
            if rest.starts(with: word) { return .level(level) }
        }
        return allCases.contains { Array("\($0.rawValue) ".utf8).starts(with: rest) } ? .open : .none
    }
}
