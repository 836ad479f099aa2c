/// A request of the property channel (firmware wiki "Mailbox property interface"; newer tags: raspberrypi-firmware.h).
public struct PropertyTag: Sendable {
    /// The number the firmware knows it by.
    public let rawValue: UInt32
    /// What it is called in errors.
    public let name: StaticString

    /// The tag `rawValue`, for requests that have no call of their own.
    public init(_ rawValue: UInt32, _ name: StaticString) {
        self.rawValue = rawValue
        self.name = name
    }

    /// Firmware revision.
    public static var firmwareRevision: PropertyTag { PropertyTag(0x0000_0001, "mailbox tag: firmware revision") }
    /// Board revision.
    public static var boardRevision: PropertyTag { PropertyTag(0x0001_0002, "mailbox tag: board revision") }
    /// MAC address.
    public static var macAddress: PropertyTag { PropertyTag(0x0001_0003, "mailbox tag: MAC address") }
    /// Serial number.
    public static var serialNumber: PropertyTag { PropertyTag(0x0001_0004, "mailbox tag: serial number") }
    /// ARM memory.
    public static var armMemory: PropertyTag { PropertyTag(0x0001_0005, "mailbox tag: ARM memory") }
    /// VideoCore memory.
    public static var videoCoreMemory: PropertyTag { PropertyTag(0x0001_0006, "mailbox tag: VideoCore memory") }
    /// Set power state.
    public static var setPowerState: PropertyTag { PropertyTag(0x0002_8001, "mailbox tag: set power state") }
    /// Clock rate.
    public static var clockRate: PropertyTag { PropertyTag(0x0003_0002, "mailbox tag: clock rate") }
    /// Maximum clock rate.
    public static var maximumClockRate: PropertyTag { PropertyTag(0x0003_0004, "mailbox tag: maximum clock rate") }
    /// Voltage.
    public static var voltage: PropertyTag { PropertyTag(0x0003_0003, "mailbox tag: voltage") }
    /// Temperature.
    public static var temperature: PropertyTag { PropertyTag(0x0003_0006, "mailbox tag: temperature") }
    /// Maximum temperature.
    public static var maximumTemperature: PropertyTag { PropertyTag(0x0003_000A, "mailbox tag: maximum temperature") }
    /// GPIO expander state.
    public static var expanderState: PropertyTag { PropertyTag(0x0003_0041, "mailbox tag: GPIO expander state") }
    /// Throttled.
    public static var throttled: PropertyTag { PropertyTag(0x0003_0046, "mailbox tag: throttled") }
    /// Measured clock rate.
    public static var measuredClockRate: PropertyTag { PropertyTag(0x0003_0047, "mailbox tag: measured clock rate") }
    /// Notify reboot.
    public static var notifyReboot: PropertyTag { PropertyTag(0x0003_0048, "mailbox tag: notify reboot") }
    /// Reboot flags.
    public static var rebootFlags: PropertyTag { PropertyTag(0x0003_0064, "mailbox tag: reboot flags") }
    /// Set clock rate.
    public static var setClockRate: PropertyTag { PropertyTag(0x0003_8002, "mailbox tag: set clock rate") }
    /// Set GPIO expander state.
    public static var setExpanderState: PropertyTag { PropertyTag(0x0003_8041, "mailbox tag: set GPIO expander state") }
    /// Set reboot flags.
    public static var setRebootFlags: PropertyTag { PropertyTag(0x0003_8064, "mailbox tag: set reboot flags") }
    /// Command line.
    public static var commandLine: PropertyTag { PropertyTag(0x0005_0001, "mailbox tag: command line") }
    /// DMA channels.
    public static var dmaChannels: PropertyTag { PropertyTag(0x0006_0001, "mailbox tag: DMA channels") }
}
