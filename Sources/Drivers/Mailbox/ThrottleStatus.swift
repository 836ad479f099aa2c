/// What keeps, or has kept, the processor from its full speed.
public struct ThrottleStatus: OptionSet, Sendable {
    /// The bits as the firmware gives them.
    public var rawValue: UInt32

    /// The status with the bits of `rawValue`.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The supply is below 4.63 V now.
    public static var underVoltage: ThrottleStatus { ThrottleStatus(rawValue: 1 << 0) }
    /// The frequency is capped now.
    public static var frequencyCapped: ThrottleStatus { ThrottleStatus(rawValue: 1 << 1) }
    /// The processor is slowed down now.
    public static var throttled: ThrottleStatus { ThrottleStatus(rawValue: 1 << 2) }
    /// The soft temperature limit is in force now.
    public static var softTemperatureLimit: ThrottleStatus { ThrottleStatus(rawValue: 1 << 3) }
    /// The supply has been too low since power-on.
    public static var underVoltageOccurred: ThrottleStatus { ThrottleStatus(rawValue: 1 << 16) }
    /// The frequency has been capped since power-on.
    public static var frequencyCappedOccurred: ThrottleStatus { ThrottleStatus(rawValue: 1 << 17) }
    /// The processor has been slowed down since power-on.
    public static var throttledOccurred: ThrottleStatus { ThrottleStatus(rawValue: 1 << 18) }
    /// The soft temperature limit has been in force since power-on.
    public static var softTemperatureLimitOccurred: ThrottleStatus { ThrottleStatus(rawValue: 1 << 19) }
}
