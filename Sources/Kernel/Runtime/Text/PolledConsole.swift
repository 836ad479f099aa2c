import Boot

/// The console as it is when nothing works: one byte at a time, waiting for room.
public struct PolledConsole: TextSink {
    /// The board's console.
    public init() {}

    /// Sends `byte`; a line feed as carriage return and line feed.
    public func put(_ byte: UInt8) {
        if byte == 0x0a { apus_put_byte(0x0d) }
        apus_put_byte(byte)
    }
}
