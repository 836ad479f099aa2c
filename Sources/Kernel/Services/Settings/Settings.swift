/// The settings of a board: defaults, over them what the store on the card holds, over both what a person wrote into
/// `apus.json` on the boot partition.
public struct Settings: Sendable {
    /// Where a value comes from; a later one wins.
    public enum Origin: UInt8, Sendable {
        case standard, store, file

        /// The name, for a person.
        public var name: StaticString {
            switch self {
            case .standard: "default"
            case .store: "store"
            case .file: "apus.json"
            }
        }
    }

    /// What is wrong in `apus.json` and in the store, a line for each. What they concern counts as not set.
    public internal(set) var problems: [String] = []

    private var stored: [[UInt8]?]
    private var written: [[UInt8]?]

    /// The defaults.
    public init() {
        stored = Setting.allCases.map { _ in nil }
        written = stored
    }

    /// The value of `setting` as text, and where it comes from; nil when it has none.
    public func value(of setting: Setting) -> (text: [UInt8], origin: Origin)? {
        let index = Int(setting.rawValue)
        if let text = written[index] { return (text, .file) }
        if let text = stored[index] { return (text, .store) }
        return setting.standard.map { ($0.bytes, .standard) }
    }

    /// Takes `text` as the value of `setting` in the store or the file; nil takes it away. False, and nothing has changed,
    /// when it is no value of this setting.
    @discardableResult
    mutating func set(_ setting: Setting, _ text: [UInt8]?, _ origin: Origin) -> Bool {
        var normalized: [UInt8]?
        if let text {
            normalized = setting.normalized(text)
            guard normalized != nil else { return false }
        }
        let index = Int(setting.rawValue)
        switch origin {
        case .store: stored[index] = normalized
        case .file: written[index] = normalized
        case .standard: return false
        }
        return true
    }

    // MARK: Typed

    private func text(_ setting: Setting) -> [UInt8]? { value(of: setting)?.text }

    /// The name under which the board is found.
    public var hostName: String { String(decoding: text(.hostName) ?? [], as: UTF8.self) }

    /// Whether the network asks for its address: as it was set, or else if there is no fixed one.
    public var usesDHCP: Bool { text(.usesDHCP).map { $0 == ("true" as StaticString).bytes } ?? (address == nil) }

    /// The fixed address; nil for none.
    public var address: IPv4Network? { text(.address).flatMap { IPv4Network($0) } }

    /// The address of the gateway, first number in the most significant byte; nil for none.
    public var gateway: UInt32? { text(.gateway).flatMap { IPv4Text.parse($0) } }

    /// The addresses of the name servers, as above.
    public var nameServers: [UInt32] {
        (text(.nameServers) ?? []).split(separator: 0x2C).compactMap { IPv4Text.parse([UInt8]($0)) }
    }

    /// The least level that is logged: the raw value of the runtime's `LogLevel`, 0 (trace) to 6 (critical).
    public var logLevel: UInt8 { level(.logLevel) }

    /// The least level that is shown on the console as well.
    public var consoleLevel: UInt8 { level(.consoleLevel) }

    private func level(_ setting: Setting) -> UInt8 {
        let name = text(setting)
        return UInt8(Setting.levels.firstIndex { $0.bytes == name } ?? 2)
    }
}
