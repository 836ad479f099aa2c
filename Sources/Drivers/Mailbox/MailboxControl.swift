import Interfaces

/// Clocks, power, temperature, the GPIO expander and reboot.
extension Mailbox {
    // MARK: - Clocks

    /// The rate `clock` is set to, in Hz. `.absent` when there is no such clock.
    public mutating func clockRate(_ clock: FirmwareClock) throws(DeviceError) -> UInt32 {
        try rate(.clockRate, clock)
    }

    /// The highest rate `clock` may be set to, in Hz. `.absent` when there is no such clock.
    public mutating func maximumClockRate(_ clock: FirmwareClock) throws(DeviceError) -> UInt32 {
        try rate(.maximumClockRate, clock)
    }

    /// The rate `clock` really runs at, in Hz. Not known to a released QEMU.
    public mutating func measuredClockRate(_ clock: FirmwareClock) throws(DeviceError) -> UInt32 {
        try rate(.measuredClockRate, clock)
    }

    /// Sets `clock` to `rate` Hz, or as near as the firmware allows.
    /// - Parameter skipsTurbo: for the ARM clock: leave the other clocks and the voltage's turbo setting as they are.
    /// - Returns: the rate it runs at now, which QEMU leaves at its old value. `.absent` when there is no such clock.
    @discardableResult
    public mutating func setClockRate(
        _ clock: FirmwareClock, to rate: UInt32, skipsTurbo: Bool = false
    ) throws(DeviceError) -> UInt32 {
        let answer = try ask(.setClockRate, [clock.rawValue, rate, skipsTurbo ? 1 : 0], words: 2)
        if word(answer, 0) != clock.rawValue { throw .invalid(PropertyTag.setClockRate.name) }
        if word(answer, 1) == 0 { throw .absent }
        return word(answer, 1)
    }

    private mutating func rate(_ tag: PropertyTag, _ clock: FirmwareClock) throws(DeviceError) -> UInt32 {
        let rate = try ask(tag, about: clock.rawValue)
        if rate == 0 { throw .absent }
        return rate
    }

    // MARK: - Temperature

    /// The chip's temperature in thousandths of a degree Celsius.
    public mutating func temperature() throws(DeviceError) -> Int { Int(try ask(.temperature, about: 0)) }

    /// The temperature at which the firmware slows the chip down, in thousandths of a degree Celsius.
    public mutating func maximumTemperature() throws(DeviceError) -> Int {
        Int(try ask(.maximumTemperature, about: 0))
    }

    /// What keeps, or has kept, the processor from its full speed.
    public mutating func throttleStatus() throws(DeviceError) -> ThrottleStatus {
        ThrottleStatus(rawValue: try ask(.throttled))
    }

    // MARK: - Power

    /// Switches the power of `device`, and waits until it is stable.
    /// - Returns: whether it is on now. `.absent` when there is no such device.
    @discardableResult
    public mutating func setPower(_ device: FirmwarePower, isOn: Bool) throws(DeviceError) -> Bool {
        // Request: bit 0 on, bit 1 wait. Answer: bit 0 on, bit 1 no such device.
        let state = try ask(.setPowerState, about: device.rawValue, isOn ? 3 : 2)
        if state & 2 != 0 { throw .absent }
        return state & 1 != 0
    }

    // MARK: - Expander

    /// Whether `line` is high. Not known to a released QEMU.
    public mutating func isHigh(_ line: ExpanderLine) throws(DeviceError) -> Bool {
        let answer = try ask(.expanderState, [line.gpio, 0], words: 2)
        // The firmware replaces the line's number by a status, 0 for success.
        if word(answer, 0) != 0 { throw .invalid(PropertyTag.expanderState.name) }
        return word(answer, 1) != 0
    }

    /// Drives `line`. Not known to a released QEMU.
    public mutating func setLevel(_ isHigh: Bool, of line: ExpanderLine) throws(DeviceError) {
        let answer = try ask(.setExpanderState, [line.gpio, isHigh ? 1 : 0], words: 1)
        if word(answer, 0) != 0 { throw .invalid(PropertyTag.setExpanderState.name) }
    }

    // MARK: - Reboot

    /// Tells the firmware that a reset follows. Not known to a released QEMU, which does not say so.
    public mutating func notifyReboot() throws(DeviceError) {
        _ = try ask(.notifyReboot, [], words: 0)
    }

    /// The flags for the next boot: bit 0 boots the other slot once (tryboot). Not known to a released QEMU.
    public mutating func rebootFlags() throws(DeviceError) -> UInt32 { try ask(.rebootFlags) }

    /// Sets the flags for the next boot: bit 0 boots the other slot once (tryboot). Not known to a released QEMU.
    public mutating func setRebootFlags(_ flags: UInt32) throws(DeviceError) {
        _ = try ask(.setRebootFlags, [flags], words: 1)
    }
}
