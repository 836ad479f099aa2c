import Interfaces

/// PM_RSTS: why the chip was reset, and which partition the firmware is to boot. The firmware of 2026 clears it before it starts the image and leaves
/// what was there in the device tree; the watchdog and a reboot look the same, since a reboot uses the watchdog, and with a boot loader of 2026
/// power-on as well. Where the card's signals were at 1.8 V the boot loader resets the board's supply, and it says power-on.
public struct ResetStatus: RegisterFields, Equatable, Sendable {
    /// The register as read.
    public var rawValue: UInt32

    /// The status `rawValue`.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// HADPOR: the power came on.
    public var wasPowerOn: Bool { self[12...12] != 0 }
    /// HADWRF: the watchdog expired, or software rebooted.
    public var wasWatchdog: Bool { self[5...5] != 0 }
    /// The next boot is to be a trial: the firmware sets it at once when it is told so, and clears it when it boots.
    public var startsTrial: Bool { self[1...1] != 0 }
    /// HADSRF: a software reset.
    public var wasSoftware: Bool { self[9...9] != 0 }

    /// The partition to boot from, 0 to 63: its six bits lie at the even positions 0 to 10, the causes between them.
    public var partition: UInt8 {
        get {
            var value: UInt8 = 0
            for bit in 0..<UInt32(6) where rawValue >> (2 * bit) & 1 != 0 { value |= 1 << bit }
            return value
        }
        set {
            for bit in 0..<UInt32(6) { self[2 * bit...2 * bit] = UInt32(newValue) >> bit }
        }
    }

    /// The partition number that makes the firmware stop instead of booting.
    static var halt: UInt8 { 63 }
}
extension ResetStatus: PasswordProtected {}
