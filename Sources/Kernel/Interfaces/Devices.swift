/// Random bytes fit for keys, or an error; never a fallback that is not.
public protocol EntropySource {
    /// Fills `buffer` with random bytes. On an error the buffer holds nothing usable.
    func fill(_ buffer: inout MutableRawSpan) throws(DeviceError)
}

/// Resets the board unless it is kicked in time.
public protocol Watchdog {
    /// The longest timeout the hardware can hold.
    var longestTimeout: Interval { get }

    /// Starts the countdown, or starts it again: without another call within `timeout` the board resets.
    /// Timeouts beyond `longestTimeout` are shortened to it.
    func kick(timeout: Interval)

    /// Stops the countdown.
    func stop()
}

/// A thermometer.
public protocol TemperatureSensor {
    /// The temperature in thousandths of a degree Celsius.
    func millidegreesCelsius() throws(DeviceError) -> Int
}

/// Turning the board off and on.
public protocol Power {
    /// Starts again through the firmware, from `partition` (0: the firmware's choice, at most 62). Callers have
    /// flushed what must survive and stopped every device that writes to memory by itself.
    func reboot(partition: UInt8) -> Never

    /// Stops until power is cut. In QEMU: ends the emulator.
    func powerOff() -> Never
}

/// Why a device could not answer.
public enum DeviceError: Error, Equatable, Sendable {
    /// There is no such device on this board or in this emulator.
    case absent
    /// The device did not do something in its time; names what was waited for.
    case timeout(StaticString)
    /// The device answered with something that cannot be true; names the register or the field.
    case invalid(StaticString)
    /// The device is there but cannot do this; names what.
    case unsupported(StaticString)

    /// Whether both are of the same kind; the names in them do not count.
    public static func == (left: DeviceError, right: DeviceError) -> Bool {
        switch (left, right) {
        case (.absent, .absent), (.timeout, .timeout), (.invalid, .invalid), (.unsupported, .unsupported): true
        default: false
        }
    }
}
