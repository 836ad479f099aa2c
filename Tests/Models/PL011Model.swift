import Interfaces

/// A PL011 with its two FIFOs and a line of finite speed.
///
/// The board's wedges as it was measured to: its transmitter stands still until the next reset of the chip after it was disabled, or its
/// clock stopped or changed, with a byte on the wire, and after it was enabled without a clock. The firmware leaves it on and sending.
public final class PL011Model: RegisterModel {
    /// What it behaves like.
    public enum Flavour: Sendable {
        /// The BCM2711's.
        case board
        /// QEMU's: sends at once, interrupts for the first byte received, knows no receive timeout.
        case qemu
    }

    /// What has left the pin of what was written.
    public private(set) var sent: [UInt8] = []
    /// How many of the firmware's own bytes have left the pin.
    public private(set) var sentByFirmware = 0
    /// The transmitter stands still for good.
    public private(set) var isWedged = false
    /// What was done wrong so far, in words.
    public private(set) var violations: [String] = []
    /// Bits per second that the latched divisor makes of `clockRate`; 0 before.
    public private(set) var baud = 0.0
    /// The transmitter never moves: its FIFO stays as it is, BUSY stays set.
    public var isStuck = false
    /// Nanoseconds that a register access takes.
    public var accessTime: UInt64 = 50
    /// UARTCLK in Hz; 0 while it stands. Changing it belongs to whoever has turned the UART off.
    public var clockRate: Double { didSet { if clockRate != oldValue && control & 1 != 0 { wedge() } } }

    private let clock: VirtualClock
    private let flavour: Flavour
    private let depth: Int
    /// Bytes, and nil for each of the firmware's.
    private var transmitFIFO: [UInt8?] = []
    private var isShifting = false
    private var receiveFIFO: [UInt32] = []
    private var hasOverrun = false
    private var integer: UInt32 = 0
    private var fraction: UInt32 = 0
    private var lineControl: UInt32 = 0
    private var control: UInt32 = 0x300
    private var levels: UInt32 = 0x12
    private var mask: UInt32 = 0
    private var raw: UInt32 = 0
    private var silence = 0

    /// A UART on `clock`, as a firmware leaves it when `isEnabled`: at `firmwareBaud`, with its last words in a full FIFO.
    public init(
        _ clock: VirtualClock, flavour: Flavour = .board, clockRate: Double = 48_000_000, isEnabled: Bool = true,
        firmwareBaud: Double = 115_200
    ) {
        self.clock = clock
        self.flavour = flavour
        self.clockRate = clockRate
        depth = flavour == .board ? 32 : 16
        if isEnabled {
            control = 0x301
            lineControl = 0x70
            let sixtyFourths = UInt32((clockRate * 4 / firmwareBaud).rounded())
            (integer, fraction) = (sixtyFourths / 64, sixtyFourths % 64)
            baud = firmwareBaud
            if flavour == .board {
                transmitFIFO = Array(repeating: nil, count: depth + 1)
                shift()
            }
        }
    }

    /// Whether the interrupt line is up.
    public var isInterrupting: Bool { raw & mask != 0 }

    /// Puts a byte on the line; `errors` as in the data register (bits 8 to 11).
    public func receive(_ byte: UInt8, errors: UInt32 = 0) {
        if receiveFIFO.count >= depth {
            hasOverrun = true
            raw |= 1 << 10
            return
        }
        receiveFIFO.append(UInt32(byte) | errors | (hasOverrun ? 1 << 11 : 0))
        hasOverrun = false
        if receiveFIFO.count == receiveLevel { raw |= 1 << 4 }
        if flavour == .qemu { return }
        silence += 1
        let number = silence
        clock.schedule(after: bits(32)) { [self] in
            if number == silence && !receiveFIFO.isEmpty { raw |= 1 << 6 }
        }
    }

    /// Puts bytes on the line, at its speed.
    public func receive(_ bytes: [UInt8]) {
        for byte in bytes {
            receive(byte)
            clock.advance(by: bits(10))
        }
    }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        clock.advance(by: .nanoseconds(accessTime))
        switch offset {
        case 0x00: return takeReceived()
        case 0x18:
            // CTS, BUSY, RXFE, TXFF: what a wedged one shows.
            if isWedged { return 0x39 }
            var flags: UInt32 = 0
            if isShifting || !transmitFIFO.isEmpty { flags |= 1 << 3 }
            if receiveFIFO.isEmpty { flags |= 1 << 4 }
            if transmitFIFO.count >= depth { flags |= 1 << 5 }
            if receiveFIFO.count >= depth { flags |= 1 << 6 }
            if transmitFIFO.isEmpty { flags |= 1 << 7 }
            return flags
        case 0x24: return integer
        case 0x28: return fraction
        case 0x2C: return lineControl
        case 0x30: return control
        case 0x34: return levels
        case 0x38: return mask
        case 0x3C: return raw
        case 0x40: return raw & mask
        default:
            violations.append("read of offset \(offset)")
            return 0
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        clock.advance(by: .nanoseconds(accessTime))
        switch offset {
        case 0x00: transmit(UInt8(truncatingIfNeeded: value))
        case 0x24: setWhileDisabled("IBRD", &integer, value)
        case 0x28: setWhileDisabled("FBRD", &fraction, value)
        case 0x2C:
            if control & 1 != 0 { violations.append("LCRH written while the UART is enabled") }
            lineControl = value
            if value & 1 << 4 == 0 {
                transmitFIFO = []
                receiveFIFO = []
            }
            if integer > 0 { baud = clockRate / 16 / (Double(integer) + Double(fraction) / 64) }
        case 0x30:
            let (wasOn, isOn) = (control & 1 != 0, value & 1 != 0)
            control = value
            if flavour == .board && (wasOn && !isOn && isShifting || isOn && clockRate == 0) { wedge() }
            if isOn { shift() }
        case 0x34: levels = value
        case 0x38: mask = value
        case 0x44: raw &= ~value
        default: violations.append("write to offset \(offset)")
        }
    }

    private func bits(_ count: Double) -> Interval { .nanoseconds(UInt64(count * 1e9 / max(baud, 1))) }

    private func setWhileDisabled(_ name: String, _ register: inout UInt32, _ value: UInt32) {
        if control & 1 != 0 { violations.append("\(name) written while the UART is enabled") }
        register = value
    }

    private var receiveLevel: Int { flavour == .qemu ? 1 : level(levels >> 3 & 7) }
    private var transmitLevel: Int { level(levels & 7) }

    private func level(_ code: UInt32) -> Int {
        [depth / 8, depth / 4, depth / 2, depth * 3 / 4, depth * 7 / 8][Int(code)]
    }

    private func takeReceived() -> UInt32 {
        if receiveFIFO.isEmpty {
            violations.append("data register read while nothing was there")
            return 0
        }
        let data = receiveFIFO.removeFirst()
        if receiveFIFO.count == receiveLevel - 1 { raw &= ~(1 << 4) }
        if receiveFIFO.isEmpty { raw &= ~(1 << 6) }
        return data
    }

    private func transmit(_ byte: UInt8) {
        if control & 0x101 != 0x101 {
            violations.append("byte written while the transmitter is off")
            if flavour == .board { return }
        }
        if flavour == .qemu {
            sent.append(byte)
            raw |= 1 << 5
            return
        }
        if transmitFIFO.count >= depth {
            violations.append("byte written to a full FIFO")
            return
        }
        if isWedged { return }
        transmitFIFO.append(byte)
        if transmitFIFO.count > transmitLevel { raw &= ~(1 << 5) }
        shift()
    }

    /// Moves the next byte to the shifter when it is free. The interrupt rises as the FIFO falls *to* its level.
    private func shift() {
        if isStuck || isWedged || isShifting || transmitFIFO.isEmpty || control & 1 == 0 { return }
        isShifting = true
        let byte = transmitFIFO.removeFirst()
        if transmitFIFO.count == transmitLevel { raw |= 1 << 5 }
        clock.schedule(after: bits(10)) { [self] in
            isShifting = false
            if isWedged { return }
            if let byte { sent.append(byte) } else { sentByFirmware += 1 }
            shift()
        }
    }

    private func wedge() { isWedged = flavour == .board }
}
