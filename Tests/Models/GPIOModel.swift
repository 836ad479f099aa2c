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

    /// A block whose pins are all inputs, and whose gates (offset 0xD0) are as the firmware leaves them, or `gates`.
    public init(gates: UInt32 = 1) { registers[0xD0] = gates }

    /// Whether Ethernet frames pass, and its management bus reaches the PHY.
    public var passesEthernet: Bool {
        registers[0xD0, default: 0] & 1 != 0 && field(0x00, bits: 3, of: 28) == 2 && field(0x00, bits: 3, of: 29) == 2
    }

    /// The code in the field of `bits` bits that belongs to `pin` in the registers from `offset` on.
    public func field(_ offset: Int, bits: Int, of pin: Int) -> UInt32 {
        let perWord = bits == 3 ? 10 : 32 / bits
        let word = registers[offset + pin / perWord * 4] ?? 0
        return word >> UInt32(pin % perWord * bits) & (1 << UInt32(bits) - 1)
    }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x00...0x14, 0xD0, 0xE4...0xF0: registers[offset] ?? 0
        case 0x34: UInt32(truncatingIfNeeded: levels)
        case 0x38: UInt32(truncatingIfNeeded: levels >> 32)
        default: unexpected("read of offset \(offset)")
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        switch offset {
        case 0x00...0x14, 0xD0, 0xE4...0xF0: registers[offset] = value
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

    /// Reserved words, and those that are only written, read as on the board: "gpio".
    private func unexpected(_ what: String) -> UInt32 {
        violations.append(what)
        return 0x6770_696F
    }
}
