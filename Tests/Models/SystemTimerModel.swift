import Interfaces

/// The system timer, whose counter moves with every access as well.
public final class SystemTimerModel: RegisterModel {
    /// Microseconds that pass at each access.
    public var step: UInt64
    /// The counter.
    public var counter: UInt64
    /// Compare registers that were written, by channel.
    public private(set) var compared: [Int: UInt32] = [:]
    private var status: UInt32 = 0

    /// A timer at `counter`.
    public init(counter: UInt64, step: UInt64 = 1) {
        self.counter = counter
        self.step = step
    }

    /// Lets `microseconds` pass.
    public func advance(_ microseconds: UInt64) {
        for (channel, value) in compared {
            let distance = UInt64(value &- UInt32(truncatingIfNeeded: counter))
            if distance > 0 && distance <= microseconds { status |= 1 << UInt32(channel) }
        }
        counter &+= microseconds
    }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        defer { advance(step) }
        return switch offset {
        case 0x00: status
        case 0x04: UInt32(truncatingIfNeeded: counter)
        case 0x08: UInt32(truncatingIfNeeded: counter >> 32)
        default: compared[(offset - 0x0C) / 4] ?? 0
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        if offset == 0 { status &= ~value } else { compared[(offset - 0x0C) / 4] = value }
        advance(step)
    }
}
