/// What can be set, by its name in the store and in `apus.json`.
public enum Setting: UInt8, CaseIterable, Sendable {
    case hostName, usesDHCP, address, gateway, nameServers, logLevel, consoleLevel

    /// The name: the group, a dot, the rest.
    public var name: StaticString {
        switch self {
        case .hostName: "system.hostname"
        case .usesDHCP: "net.dhcp"
        case .address: "net.address"
        case .gateway: "net.gateway"
        case .nameServers: "net.dns"
        case .logLevel: "log.level"
        case .consoleLevel: "log.console"
        }
    }

    /// One line of help.
    public var help: StaticString {
        switch self {
        case .hostName: "the name under which the board is found"
        case .usesDHCP: "whether the network asks for its address; not if net.address is set"
        case .address: "a fixed address and the length of its network's prefix"
        case .gateway: "the way out of the network, where DHCP does not tell it"
        case .nameServers: "whom to ask for names, up to three"
        case .logLevel: "the least level that is logged"
        case .consoleLevel: "the least level that is shown on the console as well"
        }
    }

    /// The value of a board on which nothing was ever set; nil for none.
    public var standard: StaticString? {
        switch self {
        case .hostName: "apus"
        case .logLevel: "info"
        case .consoleLevel: "notice"
        case .usesDHCP, .address, .gateway, .nameServers: nil
        }
    }

    /// What a value looks like, for a person.
    public var form: StaticString {
        switch self {
        case .hostName: "1 to 63 letters, digits and hyphens, such as kitchen"
        case .usesDHCP: "true or false"
        case .address: "an IPv4 address with its prefix, such as 192.168.1.20/24"
        case .gateway: "an IPv4 address, such as 192.168.1.1"
        case .nameServers: "IPv4 addresses, such as 192.168.1.1 or 9.9.9.9, 1.1.1.1"
        case .logLevel, .consoleLevel: "trace, debug, info, notice, warning, error or critical"
        }
    }

    /// The setting of this name.
    public init?(_ name: [UInt8]) {
        for setting in Setting.allCases where setting.name.bytes == name {
            self = setting
            return
        }
        return nil
    }

    /// The names of the levels, the least first: the order of the runtime's `LogLevel`.
    static let levels: [StaticString] = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// `text` in the form in which it is kept; nil when it is no value of this setting.
    public func normalized(_ text: [UInt8]) -> [UInt8]? {
        switch self {
        case .hostName: Self.isHostName(text) ? text : nil
        case .usesDHCP: text == ("true" as StaticString).bytes || text == ("false" as StaticString).bytes ? text : nil
        case .address: IPv4Network(text)?.bytes
        case .gateway: IPv4Text.parse(text).map(IPv4Text.bytes)
        case .nameServers: IPv4Text.list(text)
        case .logLevel, .consoleLevel: Self.levels.contains { $0.bytes == text } ? text : nil
        }
    }

    /// A label of RFC 1123, section 2.1.
    private static func isHostName(_ text: [UInt8]) -> Bool {
        guard (1...63).contains(text.count), text.first != 0x2D, text.last != 0x2D else { return false }
        return text.allSatisfy { byte in
            switch byte {
            case 0x2D, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
    }
}
