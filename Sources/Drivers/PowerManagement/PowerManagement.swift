// How the device works. A counter runs down at 65536 Hz from what was written to PM_WDOG; at zero the chip does what
// PM_RSTC says: nothing, or a full reset. A reboot is a watchdog of a few ticks. The firmware then reads from
// PM_RSTS which partition to boot; the number 63 makes it stop there, which is all the power off this chip has.
// QEMU does not count: writing "full reset" to PM_RSTC resets its machine at once (and ends it for partition 63). There
// a watchdog is not to be armed, hence `countsDown`.
import Interfaces

/// The power management block: watchdog, reboot, power off, reset status.
///
/// A value without state: copy it freely.
public struct PowerManagement<Bus: RegisterBus>: Watchdog, Power {
    private let bus: Bus
    private let countsDown: Bool

    /// Ticks before a reboot takes place: 150 us, for the write to get through.
    private static var rebootTicks: UInt32 { 10 }

    /// The block behind `bus`, a window of at least 0x28 bytes. Touches nothing.
    ///
    /// - Parameter countsDown: whether the watchdog counts. Give false in QEMU, where arming it resets at once: `kick` then does
    ///   nothing. Rebooting works either way.
    public init(_ bus: Bus, countsDown: Bool) {
        self.bus = bus
        self.countsDown = countsDown
    }

    /// Why the chip was last reset, and the partition it booted from.
    public var resetStatus: ResetStatus { bus.read(PowerManagementRegister.resetStatus) }

    // MARK: - Watchdog

    /// 20 bits of 1/65536 s: just under 16 s.
    public var longestTimeout: Interval { Self.interval(ticks: WatchdogTime.longest) }

    /// Whether the watchdog is armed.
    public var isRunning: Bool {
        bus.read(PowerManagementRegister.resetControl).configuration == ResetControl.fullReset
    }

    /// Time until the watchdog resets the board, if it is armed.
    public var remaining: Interval { Self.interval(ticks: bus.read(PowerManagementRegister.watchdog).ticks) }

    /// Starts the countdown, or starts it again; nothing where the watchdog does not count.
    public func kick(timeout: Interval) {
        if !countsDown { return }
        // At least one tick: zero would reset at once, though the caller asked for some time.
        let wanted = min(timeout, longestTimeout).nanoseconds * 65536 / 1_000_000_000
        arm(ticks: max(1, min(UInt32(wanted), WatchdogTime.longest)))
    }

    /// Stops the countdown.
    public func stop() { bus.write(ResetControl.stopped.unlocked, to: PowerManagementRegister.resetControl) }

    // MARK: - Power

    /// Starts the reset that `reboot` waits for, and returns: within a millisecond the board is gone.
    ///
    /// - Parameter partition: 0 to 62; 0 is the firmware's choice. It is always written: what an earlier boot left there together with the
    ///   watchdog's bit has been read as a partition of its own.
    public func startReboot(partition: UInt8) {
        precondition(partition < ResetStatus.halt, "PowerManagement: partitions are 0 to 62")
        reset(partition: partition)
    }

    /// Starts again through the firmware, from `partition`, 0 to 62.
    public func reboot(partition: UInt8) -> Never {
        startReboot(partition: partition)
        waitForReset()
    }

    /// Starts the reset that `powerOff` waits for, and returns.
    public func startPowerOff() { reset(partition: ResetStatus.halt) }

    /// Stops until power is cut; ends QEMU.
    public func powerOff() -> Never {
        startPowerOff()
        waitForReset()
    }

    private func reset(partition: UInt8) {
        var status = bus.read(PowerManagementRegister.resetStatus)
        status.partition = partition
        bus.write(status.unlocked, to: PowerManagementRegister.resetStatus)
        arm(ticks: Self.rebootTicks)
    }

    private func arm(ticks: UInt32) {
        var time = WatchdogTime(rawValue: 0)
        time.ticks = ticks
        bus.write(time.unlocked, to: PowerManagementRegister.watchdog)
        var control = bus.read(PowerManagementRegister.resetControl)
        control.configuration = ResetControl.fullReset
        bus.write(control.unlocked, to: PowerManagementRegister.resetControl)
    }

    private func waitForReset() -> Never {
        while true { _ = bus.read(PowerManagementRegister.watchdog) }
    }

    private static func interval(ticks: UInt32) -> Interval {
        .nanoseconds(UInt64(ticks) * 1_000_000_000 / 65536)
    }
}
