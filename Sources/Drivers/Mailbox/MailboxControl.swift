import Interfaces

/// Clocks, voltages, power, temperature, the GPIO expander and reboot.
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

    /// The rate `clock` really runs at, in Hz. Not known to a released QEMU; `.absent` where the firmware does not measure this clock: that of 2026
    /// answers 0 for the processor's and the core's.
    public mutating func measuredClockRate(_ clock: FirmwareClock) throws(DeviceError) -> UInt32 {
        try rate(.measuredClockRate, clock)
    }

    /// The rate `clock` really runs at, in Hz, or the one it is set to where the firmware does not measure it. `.absent` when neither is known.
    public mutating func runningClockRate(_ clock: FirmwareClock) throws(DeviceError) -> UInt32 {
        if let measured = try? measuredClockRate(clock) { return measured }
        return try clockRate(clock)
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

    // MARK: - Voltages

    /// The present voltage of `rail` in microvolts. Not known to a released QEMU; `.absent` when there is no such voltage.
    public mutating func voltage(_ rail: FirmwareVoltage) throws(DeviceError) -> UInt32 {
        let microvolts = try ask(.voltage, about: rail.rawValue)
        // What the firmware answers about a voltage that it does not know.
        if microvolts == 0 || microvolts == 0x8000_0000 { throw .absent }
        return microvolts
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
        // Request: bit 0 on, bit 1 wait. The firmware takes every state but 0 for on, so that nothing can be switched off and awaited.
        // Answer: bit 0 on, bit 1 no such device.
        let state = try ask(.setPowerState, about: device.rawValue, isOn ? 3 : 0)
        if state & 2 != 0 { throw .absent }
        return state & 1 != 0
    }

    // MARK: - Expander

    /// Whether `line` is high. Not known to a released QEMU.
    public mutating func isHigh(_ line: ExpanderLine) throws(DeviceError) -> Bool {
        word(try askExpander(.expanderState, line, 0), 1) != 0
    }

    /// Drives `line`. Not known to a released QEMU.
    public mutating func setLevel(_ isHigh: Bool, of line: ExpanderLine) throws(DeviceError) {
        _ = try askExpander(.setExpanderState, line, isHigh ? 1 : 0)
    }

    /// Asks about `line`. The firmware does what the setting tags say and leaves them unmarked, as if it did not know them. What tells is the
    /// status that it puts in the place of the line's number: 0 for success; an ignorant one leaves the number, which is never 0.
    private mutating func askExpander(
        _ tag: PropertyTag, _ line: ExpanderLine, _ level: UInt32
    ) throws(DeviceError) -> PropertyAnswer {
        try begin()
        let answer = append(tag, [line.gpio, level])
        try exchange()
        let status = word(answer, 0)
        if status == line.gpio { throw .unsupported(tag.name) }
        if status != 0 { throw .invalid(tag.name) }
        return answer
    }

    // MARK: - Reboot

    /// Tells the firmware that a reset follows: switching the card's power off then makes it cycle it, at 3.3 V. Not known to a
    /// released QEMU, which does not say so.
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
