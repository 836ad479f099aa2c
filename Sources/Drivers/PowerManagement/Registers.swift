// The power management block is not in the BCM2711 manual. Its registers as Linux's bcm2835_wdt and the firmware's own reset code
// use them; the watchdog counts at 65536 Hz.
import Interfaces

/// The power management registers. Every write carries the password.
enum PowerManagementRegister {
    /// PM_RSTC: what the watchdog does when it expires.
    static var resetControl: Register<ResetControl> { Register(0x1C) }
    /// PM_RSTS: why the chip was reset, and which partition the firmware is to boot.
    static var resetStatus: Register<ResetStatus> { Register(0x20) }
    /// PM_WDOG: ticks until the watchdog expires.
    static var watchdog: Register<WatchdogTime> { Register(0x24) }
}

/// A register of the block: a write without the password in bits 31 to 24 is ignored.
protocol PasswordProtected: RegisterFields {}

extension PasswordProtected {
    /// The same fields with the password.
    var unlocked: Self {
        var fields = self
        fields[24...31] = 0x5A
        return fields
    }
}

/// PM_RSTC.
struct ResetControl: PasswordProtected {
    var rawValue: UInt32

    /// WRCFG: what happens when the watchdog expires; 2 is a full reset, 0 nothing.
    var configuration: UInt32 {
        get { self[4...5] }
        set { self[4...5] = newValue }
    }

    /// WRCFG for a full reset.
    static var fullReset: UInt32 { 2 }
    /// The value after reset, with the watchdog off.
    static var stopped: ResetControl { ResetControl(rawValue: 0x102) }
}

/// PM_WDOG.
struct WatchdogTime: PasswordProtected {
    var rawValue: UInt32

    /// Remaining time in ticks of 1/65536 s, 20 bits.
    var ticks: UInt32 {
        get { self[0...19] }
        set { self[0...19] = newValue }
    }

    /// The most that fits.
    static var longest: UInt32 { 0xF_FFFF }
}
