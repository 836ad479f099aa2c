// How the device works. A 16550 cut down: FIFOs of eight bytes, no parity, no framing errors, no breaks, no receive timeout. It
// interrupts while a byte waits, and while the transmit FIFO is empty: levels, which go by serving them; there is nothing to
// acknowledge. Its baud rate hangs on the VideoCore's core clock, and moves with it. The block it lies in, shared with SPI1 and
// SPI2, gives it its clock; until then its registers are dead.
import Interfaces

/// The mini UART (UART1): registers, configuration, byte-wise input and output.
///
/// A value without state: copy it freely. For queues and interrupts wrap it in a `BufferedSerialPort`.
public struct MiniUART<Bus: RegisterBus>: SerialPort {
    private let bus: Bus

    /// The mini UART in the AUX block behind `bus`, a window of 0x6C bytes at least. Touches nothing.
    public init(_ bus: Bus) { self.bus = bus }

    /// Whether an AUX block answers. Survives an empty bus.
    public var isPresent: Bool { bus.probe(MiniUARTRegister.enables.offset) != nil }

    /// What AUX_MU_BAUD_REG holds for `baud` at a core clock of `clockRate` Hz: clock / (8 * baud) - 1, rounded; nil
    /// when that does not fit into 16 bits, or gives a rate that is more than 3 % off.
    public static func divisor(baud: UInt32, clockRate: UInt32) -> UInt32? {
        guard baud > 0 else { return nil }
        let periods = (UInt64(clockRate) / 4 / UInt64(baud) + 1) / 2
        let cycles = 8 * UInt64(baud) * periods
        let error = cycles > UInt64(clockRate) ? cycles - UInt64(clockRate) : UInt64(clockRate) - cycles
        return (1...0x1_0000).contains(periods) && error * 32 <= clockRate ? UInt32(periods - 1) : nil
    }

    /// Brings the mini UART, in whatever state the firmware left it, to `baud` with eight data bits, FIFOs empty and
    /// interrupts off. What it was sending is sent first. Changes the block's enables, which SPI1 and SPI2 share.
    ///
    /// - Parameters:
    ///   - baud: bits per second.
    ///   - clockRate: the VideoCore's core clock in Hz: measured rather than nominal. Configure again when it changes.
    ///   - time: bounds the wait for bytes that are still being sent.
    /// - Throws: `.unsupported` when the clock does not give `baud`.
    public func configure<Time: Clock>(baud: UInt32, clockRate: UInt32, time: Time) throws(DeviceError) {
        guard let divisor = Self.divisor(baud: baud, clockRate: clockRate) else {
            throw .unsupported("mini UART baud rate")
        }
        // The firmware's console where Bluetooth has the PL011. Nine bytes at 9600 baud take 10 ms.
        if bus.read(MiniUARTRegister.enables).contains(.miniUART),
            bus.read(MiniUARTRegister.control).contains(.transmitterEnable)
        {
            _ = time.poll(for: .milliseconds(20), every: .microseconds(50)) { isTransmitterIdle }
        }
        bus.modify(MiniUARTRegister.enables) { $0.insert(.miniUART) }
        bus.write([], to: MiniUARTRegister.control)
        bus.write([], to: MiniUARTRegister.interruptEnable)
        bus.write(.eightBits, to: MiniUARTRegister.lineControl)
        bus.write(0, to: MiniUARTRegister.modemControl)
        bus.write(MiniUARTInterruptIdentification.clearFIFOs, to: MiniUARTRegister.interruptIdentification)
        bus.write(divisor, to: MiniUARTRegister.baud)
        bus.write([.receiverEnable, .transmitterEnable], to: MiniUARTRegister.control)
    }

    /// Takes the oldest received byte, or nil. An overrun is told with the byte after whose arrival it was noticed.
    public func receive() -> ReceivedByte? {
        let status = bus.read(MiniUARTRegister.lineStatus)
        if !status.contains(.dataReady) { return nil }
        let byte = UInt8(truncatingIfNeeded: bus.read(MiniUARTRegister.data))
        return ReceivedByte(byte, errors: status.contains(.receiverOverrun) ? .overrun : [])
    }

    /// Hands `byte` to the FIFO unless it is full.
    public func transmit(_ byte: UInt8) -> Bool {
        if !bus.read(MiniUARTRegister.extraStatus).contains(.spaceAvailable) { return false }
        bus.write(UInt32(byte), to: MiniUARTRegister.data)
        return true
    }

    /// Whether FIFO and shifter are empty.
    public var isTransmitterIdle: Bool { bus.read(MiniUARTRegister.extraStatus).contains(.transmitterDone) }

    /// Why the mini UART interrupts. It names one cause at a time: the receiver's hides the transmitter's, which is asked for
    /// again as long as it lasts.
    public func takeInterrupts() -> SerialInterrupts {
        switch bus.read(MiniUARTRegister.interruptIdentification).cause {
        case .receive: .receive
        case .transmit: .transmit
        case nil, .some(.none): []
        }
    }

    /// Lets through what `interrupts` names, and nothing else.
    public func enableInterrupts(_ interrupts: SerialInterrupts) {
        var enable: MiniUARTInterruptEnable = interrupts.isEmpty ? [] : .passage
        if interrupts.contains(.receive) { enable.insert(.receive) }
        if interrupts.contains(.transmit) { enable.insert(.transmit) }
        bus.write(enable, to: MiniUARTRegister.interruptEnable)
    }
}
