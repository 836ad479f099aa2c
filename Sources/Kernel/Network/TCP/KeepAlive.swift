import Interfaces

/// When to ask an idle peer whether it is still there (RFC 9293, section 3.8.4).
@frozen
public struct KeepAlive: Sendable {
    /// Silence before the first probe; the RFC asks for two hours unless the application says otherwise.
    public var idle: Interval
    /// Time between probes.
    public var interval: Interval
    /// Probes without answer after which the connection counts as dead.
    public var count: Int

    /// Probes after `idle`, then each `interval`, giving up after `count`.
    public init(idle: Interval = .seconds(7200), interval: Interval = .seconds(75), count: Int = 9) {
        self.idle = idle
        self.interval = interval
        self.count = count
    }
}
