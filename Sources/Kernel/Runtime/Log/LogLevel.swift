/// How much a message matters: the names of swift-log.
public enum LogLevel: UInt8, Comparable, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    /// Whether `left` matters less than `right`.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// The name, in lower case.
    public var name: StaticString {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }
}
