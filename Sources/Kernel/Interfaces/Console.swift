/// Bytes to and from a person: a serial port.
public protocol Console: AnyObject {
    /// Sends `bytes`. Never fails. Never waits inside an interrupt handler: what does not fit there is dropped and
    /// counted in `statistics`.
    func write(_ bytes: RawSpan)

    /// Takes up to `buffer`'s length of what has arrived, without waiting. Returns how many bytes were taken.
    func read(into buffer: inout MutableRawSpan) -> Int

    /// Counters since start.
    var statistics: ConsoleStatistics { get }
}

/// What a reader of a console finds where bytes were lost on the way.
public enum LostInput {
    /// Stands in the place of any number of lost bytes. No UTF-8 has it, and no terminal sends it.
    public static var mark: UInt8 { 0xFE }
}

/// What a console has counted since start. All counts wrap at 2^64.
public struct ConsoleStatistics: Equatable, Sendable {
    /// Bytes that were received and handed to the reader's buffer.
    public var received: UInt64 = 0
    /// Bytes that were sent.
    public var sent: UInt64 = 0
    /// Bytes that arrived while the receive buffer was full.
    public var receiveDropped: UInt64 = 0
    /// Bytes that an interrupt handler wanted to send while the transmit buffer was full.
    public var transmitDropped: UInt64 = 0
    /// Bytes lost in the hardware because nobody fetched them in time.
    public var overruns: UInt64 = 0
    /// Bytes with a wrong stop bit: usually a wrong baud rate.
    public var framingErrors: UInt64 = 0
    /// Bytes with wrong parity.
    public var parityErrors: UInt64 = 0
    /// Break conditions: the line held low for longer than a byte.
    public var breaks: UInt64 = 0

    /// All counters at zero.
    public init() {}
}
