// BCM2711 ARM Peripherals, chapter 10 "System Timer", section 10.2 "Registers".
import Interfaces

/// The system timer's registers.
enum SystemTimerRegister {
    /// CS: a bit for each channel that has matched; a one clears.
    static var status: Register<UInt32> { Register(0x00) }
    /// CLO: bits 31 to 0 of the counter.
    static var counterLow: Register<UInt32> { Register(0x04) }
    /// CHI: bits 63 to 32 of the counter.
    static var counterHigh: Register<UInt32> { Register(0x08) }
    /// C0 to C3: what the lower half of the counter is compared with.
    static func compare(_ channel: SystemTimerChannel) -> Register<UInt32> {
        Register(0x0C + 4 * Int(channel.rawValue))
    }
}
