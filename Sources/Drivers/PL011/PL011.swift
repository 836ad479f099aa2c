// How the device works. A byte written to the data register goes through a transmit FIFO (32 deep on the BCM2711, 16 in QEMU) to the
// pin; received bytes wait, each with its error bits, in a FIFO of the same depth. The flags register tells whether the FIFOs are full
// or empty: the driver asks it before every byte and needs no depth. The transmit interrupt rises when the FIFO *falls through* its
// level, not while it is empty; the receive interrupt when the FIFO rises to its level; the receive timeout when fewer bytes lie there
// and the line is silent. The divisor is latched by the write to the line control register and may change only while the UART is
// disabled and idle. Disabling it while a byte is on the wire makes the BCM2711's transmitter stand still until the chip is reset.
import Interfaces

/// The ARM PL011 UART: registers, configuration, byte-wise input and output.
///
/// A value without state, as large as its bus: copy it freely. For queues and interrupts wrap it in a
/// `BufferedSerialPort`. Callers keep two of its methods from running at the same time, except that `transmit` and
/// `writePolled` may interrupt anything, as a crash report does.
public struct PL011<Bus: RegisterBus>: SerialPort {
    private let bus: Bus

    /// The UART behind `bus`, a window of at least 0x48 bytes. Touches nothing.
    public init(_ bus: Bus) { self.bus = bus }

    /// Whether a device answers at the UART's address. Survives an empty bus. (The identification registers at 0xFE0 are not
    /// asked: the BCM2711 packs its UARTs 0x200 bytes apart, and what lies there is another's.)
    public var isPresent: Bool { bus.probe(PL011Register.flags.offset) != nil }

    /// Brings the UART, in whatever state the firmware left it, to `baud` with eight data bits, no parity, one stop
    /// bit, FIFOs on and all interrupts off. What it was sending is sent first; what it has received is thrown away. One that is so
    /// already is never turned off.
    ///
    /// - Parameters:
    ///   - baud: bits per second, at most a sixteenth of the clock.
    ///   - clockRate: UARTCLK in Hz, as the firmware reports it; see `BaudDivisor.assumesStandardClock`.
    ///   - time: bounds the wait for bytes that are still being sent.
    /// - Returns: the divisor in use.
    /// - Throws: `.unsupported` when no clock gives `baud`. A transmitter that stays busy is no error: its bytes are lost, and perhaps
    ///   every later one.
    @discardableResult
    public func configure<Time: Clock>(baud: UInt32, clockRate: UInt32, time: Time) throws(DeviceError) -> BaudDivisor {
        guard let divisor = BaudDivisor(baud: baud, clockRate: clockRate) else {
            throw .unsupported("PL011 baud rate")
        }
        bus.write([], to: PL011Register.interruptMask)
        if !isConfigured(divisor) {
            stop(time)
            bus.write([], to: PL011Register.lineControl)  // FEN = 0 empties both FIFOs.
            bus.write(divisor.integer, to: PL011Register.integerDivisor)
            bus.write(divisor.fraction, to: PL011Register.fractionalDivisor)
            bus.write([.eightBits, .enableFIFOs], to: PL011Register.lineControl)  // latches the divisor
            bus.write([.enable, .transmitEnable, .receiveEnable], to: PL011Register.control)
        }
        // Receive at half: 16 bytes, 1.4 ms at 115200 baud, to come before anything is lost. Transmit at an eighth: 4 bytes, 0.35 ms,
        // to refill before the line falls silent.
        bus.write(PL011FIFOLevels(transmit: .oneEighth, receive: .oneHalf), to: PL011Register.fifoLevels)
        // More than the deepest FIFO holds, and no more than that: the line may be full of noise.
        for _ in 0..<64 where !bus.read(PL011Register.flags).contains(.receiveFIFOEmpty) {
            _ = bus.read(PL011Register.data)
        }
        bus.write(.all, to: PL011Register.interruptClear)
        return divisor
    }

    /// Whether the UART is on and sends and receives as `configure` wants it, with this divisor.
    private func isConfigured(_ divisor: BaudDivisor) -> Bool {
        bus.read(PL011Register.control) == [.enable, .transmitEnable, .receiveEnable]
            && bus.read(PL011Register.lineControl) == [.eightBits, .enableFIFOs]
            && bus.read(PL011Register.integerDivisor) == divisor.integer
            && bus.read(PL011Register.fractionalDivisor) == divisor.fraction
    }

    /// Turns the UART off once the last byte has left. A UART that is off sends nothing, whatever lies in its FIFO.
    private func stop(_ time: some Clock) {
        guard bus.read(PL011Register.control).contains(.enable) else { return }
        // A full FIFO and the shifter at 9600 baud take 34 ms.
        _ = time.poll(for: .milliseconds(50), every: .microseconds(50)) { isTransmitterIdle }
        bus.write([], to: PL011Register.control)
    }

    /// Takes the oldest received byte with its error bits, or nil.
    public func receive() -> ReceivedByte? {
        if bus.read(PL011Register.flags).contains(.receiveFIFOEmpty) { return nil }
        let data = bus.read(PL011Register.data)
        var byte = ReceivedByte(UInt8(truncatingIfNeeded: data.rawValue))
        if data.isDisjoint(with: .errors) { return byte }
        if data.contains(.framingError) { byte.errors.insert(.framing) }
        if data.contains(.parityError) { byte.errors.insert(.parity) }
        if data.contains(.breakError) { byte.errors.insert(.break) }
        if data.contains(.overrunError) { byte.errors.insert(.overrun) }
        return byte
    }

    /// Hands `byte` to the FIFO unless it is full.
    public func transmit(_ byte: UInt8) -> Bool {
        if bus.read(PL011Register.flags).contains(.transmitFIFOFull) { return false }
        bus.write(PL011Data(rawValue: UInt32(byte)), to: PL011Register.data)
        return true
    }

    /// Whether FIFO and shifter are empty.
    public var isTransmitterIdle: Bool {
        let flags = bus.read(PL011Register.flags)
        return flags.contains(.transmitFIFOEmpty) && !flags.contains(.busy)
    }

    /// Reads and acknowledges why the UART interrupts.
    public func takeInterrupts() -> SerialInterrupts {
        let pending = bus.read(PL011Register.maskedInterrupts)
        // The receive interrupt goes by reading the FIFO down, and must not be cleared here: it rises only when the level is crossed, so
        // bytes that stay behind would never be reported. The others are cleared before the FIFOs are served; a refill that crosses the
        // level again raises a new one.
        let cleared = pending.subtracting(.receive)
        if !cleared.isEmpty { bus.write(cleared, to: PL011Register.interruptClear) }
        var causes: SerialInterrupts = []
        if !pending.isDisjoint(with: [.receive, .receiveTimeout]) { causes.insert(.receive) }
        if pending.contains(.transmit) { causes.insert(.transmit) }
        return causes
    }

    /// Lets through what `interrupts` names, and nothing else.
    public func enableInterrupts(_ interrupts: SerialInterrupts) {
        var mask: PL011Interrupts = []
        // Line errors come with their bytes; they need no interrupt of their own.
        if interrupts.contains(.receive) { mask.formUnion([.receive, .receiveTimeout]) }
        if interrupts.contains(.transmit) { mask.insert(.transmit) }
        bus.write(mask, to: PL011Register.interruptMask)
    }
}
