import Network

/// Messages on a TCP connection, each with its length in two bytes in front (RFC 1035 section 4.2.2).
///
/// Holds one message of 65,535 bytes at most, and grows only by what has arrived.
public struct DNSStream: Sendable {
    private var buffer: [UInt8] = []

    /// Nothing has arrived.
    public init() {}

    /// `message` with its length in front. Traps when it is longer than 65,535 bytes.
    public static func frame(_ message: [UInt8]) -> [UInt8] { DNSMessage.bytes(UInt16(message.count)) + message }

    /// Takes bytes that arrived, in pieces of any size.
    /// - Returns: the first message, once it is complete; what follows it is dropped, as there is one answer to one query.
    public mutating func append(_ bytes: RawSpan) -> [UInt8]? {
        var offset = 0
        while offset < bytes.byteCount, buffer.count < 2 || buffer.count < 2 + length {
            buffer.append(bytes.byte(offset))
            offset += 1
        }
        guard buffer.count >= 2, buffer.count == 2 + length else { return nil }
        defer { buffer = [] }
        return Array(buffer[2...])
    }

    private var length: Int { Int(buffer[0]) << 8 | Int(buffer[1]) }
}
