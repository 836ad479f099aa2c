import HTTP
import Network

/// The opening handshake of WebSocket (RFC 6455, section 4), the server's part.
public enum WebSocketHandshake {
    /// The value of Sec-WebSocket-Accept for a request; nil when it does not ask for version 13 as it should.
    public static func accept(_ head: RequestHead, in bytes: RawSpan) -> [UInt8]? {
        guard head.method == .get, head.minorVersion > 0, head.fields.has("websocket", in: "upgrade", of: bytes),
            head.fields.has("upgrade", in: "connection", of: bytes),
            let version = head.fields.value(of: "sec-websocket-version", in: bytes), bytes.equals(version, "13"),
            let key = head.fields.value(of: "sec-websocket-key", in: bytes), isKey(bytes, key)
        else { return nil }
        var text: [UInt8] = []
        text.append(bytes, key)
        text.append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        return base64(SHA1.digest(of: text))
    }

    /// Base64 of 16 bytes.
    private static func isKey(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        guard range.count == 24, bytes.equals(range.upperBound - 2..<range.upperBound, "==") else { return false }
        for index in range.lowerBound..<range.upperBound - 2 {
            switch bytes.byte(index) {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: continue
            default: return false
            }
        }
        return true
    }

    /// `bytes` in base64 (RFC 4648, section 4).
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
            for index in 0..<4 {
                text.append(
                    index <= count ? digit(UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * index) & 63)) : 0x3D)
            }
        }
        return text
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: 0x41 + value
        case 26..<52: 0x61 + value - 26
        case 52..<62: 0x30 + value - 52
        case 62: 0x2B
        default: 0x2F
        }
    }
}
