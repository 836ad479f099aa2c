// How the device works. A counter of 64 bits runs at 1 MHz from power-on, whatever the processor's clock does. Each of four channels
// raises its flag and its interrupt when the lower half of the counter *equals* its register: a value that has just passed matches
// 71 minutes later. QEMU sets the flags, and delivers no interrupt.
import Interfaces

/// The system timer: microseconds since power-on, and two alarms.
///
/// A value without state: copy it freely. Each channel belongs to one owner.
public struct SystemTimer<Bus: RegisterBus> {
    private let bus: Bus

    /// The timer behind `bus`, a window of 0x1C bytes. Touches nothing.
    public init(_ bus: Bus) { self.bus = bus }

    /// Microseconds since power-on.
    public var microseconds: UInt64 {
        // The halves are two reads: when the upper one has moved between, the lower one belongs to neither. It moves
        // every 71 minutes, so the second look is final.
        let high = bus.read(SystemTimerRegister.counterHigh)
        let low = bus.read(SystemTimerRegister.counterLow)
        let again = bus.read(SystemTimerRegister.counterHigh)
        if again == high { return UInt64(high) << 32 | UInt64(low) }
        return UInt64(again) << 32 | UInt64(bus.read(SystemTimerRegister.counterLow))
    }

    /// Lets `channel` match `microseconds` from now, at most 2^31 (35 minutes).
    /// - Returns: false when that moment passed while it was being set, so that no match will come.
    public func setAlarm(_ channel: SystemTimerChannel, after microseconds: UInt32) -> Bool {
        precondition(microseconds <= 1 << 31, "SystemTimer: an alarm lies at most 2^31 us ahead")
        clear(channel)
        let start = bus.read(SystemTimerRegister.counterLow)
        bus.write(start &+ microseconds, to: SystemTimerRegister.compare(channel))
        return hasMatched(channel) || bus.read(SystemTimerRegister.counterLow) &- start < microseconds
    }

    /// Whether `channel` has matched since it was cleared.
    public func hasMatched(_ channel: SystemTimerChannel) -> Bool {
        bus.read(SystemTimerRegister.status) & channel.bit != 0
    }

    /// Takes back the flag of `channel` and with it the interrupt.
    public func clear(_ channel: SystemTimerChannel) { bus.write(channel.bit, to: SystemTimerRegister.status) }
}
