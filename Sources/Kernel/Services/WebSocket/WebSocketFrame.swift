import Network

/// What a frame is (RFC 6455, section 5.2).
@frozen
public enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// Whether it may stand between the parts of a message.
    public var isControl: Bool { rawValue >= 8 }
}

/// What is wrong with what a client sends: the code of the Close frame that says so (RFC 6455, section 7.4.1).
@frozen
public enum WebSocketError: UInt16, Error, Sendable {
    /// It breaks the protocol.
    case protocolError = 1002
    /// Text that is not UTF-8.
    case invalidText = 1007
    /// A message longer than the limit.
    case tooBig = 1009
}

/// The head of a frame.
public struct WebSocketFrame: Equatable, Sendable {
    /// Whether it ends its message.
    public var isFinal: Bool
    /// What it is.
    public var opcode: WebSocketOpcode
    /// Bytes of its payload.
    public var length: UInt64
    /// What the payload is masked with; nil from a server.
    public var mask: UInt32?

    /// Reads the head of a frame from a client at the front of `bytes`.
    /// - Returns: the head and how many bytes it has; nil when more are needed.
    public static func parse(_ bytes: RawSpan) throws(WebSocketError) -> (frame: WebSocketFrame, length: Int)? {
        guard bytes.byteCount >= 2 else { return nil }
        let (first, second) = (bytes.byte(0), bytes.byte(1))
        // No extension was agreed on, so the reserved bits are zero; a client masks (section 5.1).
        guard first & 0x70 == 0, let opcode = WebSocketOpcode(rawValue: first & 15), second & 0x80 != 0 else {
            throw .protocolError
        }
        let isFinal = first & 0x80 != 0
        var length = UInt64(second & 0x7F)
        if opcode.isControl, !isFinal || length > 125 { throw .protocolError }
        var offset = 2
        if length == 126 {
            guard bytes.byteCount >= 4 else { return nil }
            length = UInt64(bytes.word16(2))
            guard length > 125 else { throw .protocolError }
            offset = 4
        } else if length == 127 {
            guard bytes.byteCount >= 10 else { return nil }
            length = UInt64(bytes.word32(2)) << 32 | UInt64(bytes.word32(6))
            guard length > 65535, length >> 63 == 0 else { throw .protocolError }
            offset = 10
        }
        guard bytes.byteCount >= offset + 4 else { return nil }
        let frame = WebSocketFrame(
            isFinal: isFinal, opcode: opcode, length: length, mask: bytes.word32(offset))
        return (frame, offset + 4)
    }

    /// Unmasks `payload`, which begins `offset` bytes into the frame's.
    public static func unmask(_ payload: inout [UInt8], from start: Int, by mask: UInt32) {
        for index in start..<payload.count {
            payload[index] ^= UInt8(truncatingIfNeeded: mask >> UInt32(24 - 8 * ((index - start) & 3)))
        }
    }

    /// The head of a whole message from a server.
    public static func head(_ opcode: WebSocketOpcode, length: Int) -> [UInt8] {
        var bytes = [0x80 | opcode.rawValue]
        if length < 126 {
            bytes.append(UInt8(length))
        } else if length < 65536 {
            bytes += [126, UInt8(length >> 8), UInt8(length & 255)]
        } else {
            bytes.append(127)
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: length >> (56 - 8 * shift))) }
        }
        return bytes
    }

    /// Whether a Close frame may carry `code` (RFC 6455, section 7.4).
    public static func isCloseCode(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
