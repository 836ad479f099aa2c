import Interfaces

/// The GPIO block, with every write kept.
public final class GPIOModel: RegisterModel {
    /// The registers, by offset.
    public private(set) var registers: [Int: UInt32] = [:]
    /// Levels of the pins that are driven, pins 0 to 63.
    public private(set) var latch: UInt64 = 0
    /// Levels at the pins that are inputs.
    public var outside: UInt64 = 0
    /// What was done wrong so far, in words.
    public private(set) var violations: [String] = []

    /// A block whose pins are all inputs.
    public init() {}

    /// The code in the field of `bits` bits that belongs to `pin` in the registers from `offset` on.
    public func field(_ offset: Int, bits: Int, of pin: Int) -> UInt32 {
        let perWord = bits == 3 ? 10 : 32 / bits
        let word = registers[offset + pin / perWord * 4] ?? 0
        return word >> UInt32(pin % perWord * bits) & (1 << UInt32(bits) - 1)
    }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x00...0x14, 0xE4...0xF0: registers[offset] ?? 0
        case 0x34: UInt32(truncatingIfNeeded: levels)
        case 0x38: UInt32(truncatingIfNeeded: levels >> 32)
        default: unexpected("read of offset \(offset)")
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        switch offset {
        case 0x00...0x14, 0xE4...0xF0: registers[offset] = value
        case 0x1C: latch |= UInt64(value)
        case 0x20: latch |= UInt64(value) << 32
        case 0x28: latch &= ~UInt64(value)
        case 0x2C: latch &= ~(UInt64(value) << 32)
        default: _ = unexpected("write to offset \(offset)")
        }
    }

    private var levels: UInt64 {
        (0..<58).reduce(0) { levels, pin in
            let source = field(0x00, bits: 3, of: pin) == 1 ? latch : outside
            return levels | source & 1 << UInt64(pin)
        }
    }

    private func unexpected(_ what: String) -> UInt32 {
        violations.append(what)
        return 0
    }
}
