/// A UART seen byte by byte: what a console is built on. No call waits.
///
/// The port alone is enough to print, before tasks and interrupts exist and in a crash report (`writePolled`).
/// `BufferedSerialPort` adds the queues and the interrupt handling.
public protocol SerialPort {
    /// Takes the oldest received byte, or nil when none waits.
    func receive() -> ReceivedByte?

    /// Hands `byte` to the transmitter. Returns false, and does nothing, when it has no room.
    func transmit(_ byte: UInt8) -> Bool

    /// Whether the last stop bit has left the pin.
    var isTransmitterIdle: Bool { get }

    /// Why the port interrupts; an empty set when it does not. Acknowledges what has to be acknowledged *before* the FIFOs are
    /// served, so that nothing that happens meanwhile is lost.
    func takeInterrupts() -> SerialInterrupts

    /// Lets the port interrupt for `interrupts` and for nothing else.
    func enableInterrupts(_ interrupts: SerialInterrupts)
}

extension SerialPort {
    /// Sends `byte` without interrupts, asking at most `spins` times for room. Safe everywhere, on a dead UART too:
    /// then the byte is dropped. The default spans over ten times a byte's 87 us at 115200 baud, as long as a register read takes at
    /// least 10 ns.
    /// - Returns: whether the byte was handed to the transmitter.
    @inlinable
    @discardableResult
    public func writePolled(_ byte: UInt8, spins: Int = 100_000) -> Bool {
        for _ in 0..<spins where transmit(byte) { return true }
        return false
    }

    /// Waits without interrupts until the last stop bit has left the pin, asking at most `spins` times.
    /// - Returns: whether it has.
    @inlinable
    @discardableResult
    public func drainPolled(spins: Int = 1_000_000) -> Bool {
        for _ in 0..<spins where isTransmitterIdle { return true }
        return false
    }
}

/// A byte from a serial line and what the UART noticed about it.
@frozen
public struct ReceivedByte: Equatable, Sendable {
    /// The byte; its content means nothing when `errors` names a break, framing or parity error.
    public var value: UInt8
    /// What went wrong with it.
    public var errors: SerialLineErrors

    /// The byte `value` received with `errors`.
    @inlinable
    public init(_ value: UInt8, errors: SerialLineErrors = []) {
        self.value = value
        self.errors = errors
    }
}

/// What can be wrong with a received byte.
@frozen
public struct SerialLineErrors: OptionSet, Sendable {
    /// One bit a member.
    public var rawValue: UInt8

    /// The set with the bits of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No stop bit.
    public static var framing: SerialLineErrors { SerialLineErrors(rawValue: 1) }
    /// Wrong parity.
    public static var parity: SerialLineErrors { SerialLineErrors(rawValue: 2) }
    /// The line was low for longer than a byte.
    public static var `break`: SerialLineErrors { SerialLineErrors(rawValue: 4) }
    /// At least one byte after or before this one was lost: the FIFO was full. This byte itself is good.
    public static var overrun: SerialLineErrors { SerialLineErrors(rawValue: 8) }
}

/// Why a serial port interrupts.
@frozen
public struct SerialInterrupts: OptionSet, Sendable {
    /// One bit a member.
    public var rawValue: UInt8

    /// The set with the bits of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bytes wait in the receiver.
    public static var receive: SerialInterrupts { SerialInterrupts(rawValue: 1) }
    /// The transmitter has room again.
    public static var transmit: SerialInterrupts { SerialInterrupts(rawValue: 2) }
}
