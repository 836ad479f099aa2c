import Interfaces

/// The AUX block with its mini UART. As unkind as the PL011: turned off, or given another rate, with a byte on the wire it never sends again.
public final class MiniUARTModel: RegisterModel {
    /// What has left the pin of what was written.
    public private(set) var sent: [UInt8] = []
    /// How many of the firmware's own bytes have left the pin.
    public private(set) var sentByFirmware = 0
    /// The transmitter stands still for good.
    public private(set) var isWedged = false
    /// What was done wrong so far, in words.
    public private(set) var violations: [String] = []
    /// AUX_MU_BAUD_REG.
    public private(set) var divisor: UInt32 = 0
    /// The number of data bits.
    public var dataBits: Int { lineControl & 3 == 3 ? 8 : 7 }
    /// AUX_ENABLES.
    public private(set) var enables: UInt32

    private let clock: VirtualClock
    private let byteTime = Interval.nanoseconds(87_000)
    /// Bytes, and nil for each of the firmware's.
    private var transmitFIFO: [UInt8?] = []
    private var isShifting = false
    private var receiveFIFO: [UInt8] = []
    private var hasOverrun = false
    private var interruptEnable: UInt32 = 0
    private var lineControl: UInt32 = 0
    private var control: UInt32 = 3

    /// A mini UART that is off, beside an SPI that `enables` says is in use; or, when that says so, one that is the firmware's console, with
    /// its last words in a full FIFO.
    public init(_ clock: VirtualClock, enables: UInt32 = 0) {
        self.clock = clock
        self.enables = enables
        if enables & 1 != 0 {
            transmitFIFO = Array(repeating: nil, count: 9)
            shift()
        }
    }

    /// Whether the interrupt line is up.
    public var isInterrupting: Bool { identification & 1 == 0 }

    /// Puts a byte on the line.
    public func receive(_ byte: UInt8) {
        if enables & 1 == 0 || control & 1 == 0 { return }
        if receiveFIFO.count == 8 { hasOverrun = true } else { receiveFIFO.append(byte) }
    }

    private var identification: UInt32 {
        guard interruptEnable & 0xC == 0xC else { return 0xC1 }
        if interruptEnable & 1 != 0 && !receiveFIFO.isEmpty { return 0xC4 }
        if interruptEnable & 2 != 0 && transmitFIFO.isEmpty { return 0xC2 }
        return 0xC1
    }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        clock.advance(by: .nanoseconds(50))
        if offset == 0x04 { return enables }
        if enables & 1 == 0 { return 0 }
        switch offset {
        case 0x40: return receiveFIFO.isEmpty ? 0 : UInt32(receiveFIFO.removeFirst())
        case 0x44: return interruptEnable
        case 0x48: return identification
        case 0x4C: return lineControl
        case 0x54:
            var status: UInt32 = receiveFIFO.isEmpty ? 0 : 1
            if hasOverrun { status |= 2 }
            hasOverrun = false
            if transmitFIFO.count < 8 { status |= 1 << 5 }
            if transmitFIFO.isEmpty && !isShifting { status |= 1 << 6 }
            return status
        case 0x60: return control
        case 0x64:
            var status: UInt32 = receiveFIFO.isEmpty ? 0 : 1
            if transmitFIFO.count < 8 { status |= 2 }
            if transmitFIFO.isEmpty { status |= 1 << 8 }
            if transmitFIFO.isEmpty && !isShifting { status |= 1 << 9 }
            return status | UInt32(receiveFIFO.count) << 16 | UInt32(transmitFIFO.count) << 24
        case 0x68: return divisor
        default:
            violations.append("read of offset \(offset)")
            return 0
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        clock.advance(by: .nanoseconds(50))
        if offset == 0x04 {
            if value & 1 == 0 && isShifting { isWedged = true }
            enables = value & 7
            return
        }
        if enables & 1 == 0 {
            violations.append("write to offset \(offset) of a device that is off")
            return
        }
        switch offset {
        case 0x40: transmit(UInt8(truncatingIfNeeded: value))
        case 0x44: interruptEnable = value
        case 0x48:
            if value & 2 != 0 { receiveFIFO = [] }
            if value & 4 != 0 { transmitFIFO = [] }
        case 0x4C: lineControl = value
        case 0x50: break
        case 0x60:
            if value & 2 == 0 && isShifting { isWedged = true }
            control = value
            shift()
        case 0x68:
            if isShifting { isWedged = true }
            divisor = value & 0xFFFF
        default: violations.append("write to offset \(offset)")
        }
    }

    private func transmit(_ byte: UInt8) {
        if transmitFIFO.count == 8 {
            violations.append("byte written to a full FIFO")
            return
        }
        transmitFIFO.append(byte)
        shift()
    }

    private func shift() {
        if isWedged || isShifting || transmitFIFO.isEmpty || control & 2 == 0 { return }
        isShifting = true
        let byte = transmitFIFO.removeFirst()
        clock.schedule(after: byteTime) { [self] in
            isShifting = false
            if isWedged { return }
            if let byte { sent.append(byte) } else { sentByFirmware += 1 }
            shift()
        }
    }
}
