import Network

/// The head of a response that arrives (RFC 9112, section 4): for clients.
public struct ResponseHead: Sendable {
    /// 100 to 999.
    public let code: UInt16
    /// The version is 1.`minorVersion`.
    public let minorVersion: UInt8
    /// The fields.
    public let fields: FieldLines
    /// What follows the head.
    public let content: MessageContent
    /// Whether the connection may carry another request afterwards.
    public let keepsAlive: Bool
    /// Bytes of the head, the empty line included.
    public let length: Int

    /// Puts blanks in the place of each line end that a field goes on behind, as one who reads an answer must (RFC 9112, section 5.2).
    /// A line that goes on the status line is left, and refused.
    public static func unfold(_ bytes: inout [UInt8], _ head: Range<Int>) {
        var index = head.lowerBound
        while index < head.upperBound, bytes[index] != 0x0A { index += 1 }
        // Behind the first field's first byte: what goes on goes on a field.
        index += 2
        while index + 2 < head.upperBound {
            if bytes[index] == 0x0D, bytes[index + 1] == 0x0A, bytes[index + 2].isBlank {
                bytes[index] = 0x20
                bytes[index + 1] = 0x20
            }
            index += 1
        }
    }

    /// Reads the head at the front of `bytes`, which hold all of it: the answer to a request with `method`.
    public init(parsing bytes: RawSpan, to method: HTTPMethod) throws(HTTPSyntaxError) {
        guard bytes.byteCount >= 15, bytes.equals(0..<5, "HTTP/"), bytes.byte(6) == 0x2E, bytes.byte(8) == 0x20,
            let code = bytes.decimal(9..<12), code >= 100
        else { throw .malformed(.statusLine) }
        guard bytes.byte(5) == 0x31, bytes.byte(7) &- 0x30 < 10 else { throw .unknownVersion }
        var index = 12
        // The reason may be missing, its blank too.
        while index < bytes.byteCount, bytes.byte(index) >= 0x20 || bytes.byte(index) == 0x09 { index += 1 }
        guard index + 1 < bytes.byteCount, bytes.byte(index) == 0x0D, bytes.byte(index + 1) == 0x0A else {
            throw .malformed(.lineEnd)
        }
        index += 2
        var framing = MessageFraming()
        fields = try framing.read(bytes, at: &index)
        self.code = UInt16(code)
        minorVersion = bytes.byte(7) &- 0x30
        length = index
        if method == .head || code < 200 || code == 204 || code == 304 {
            content = .none
        } else if framing.isChunked {
            content = .chunked
        } else if let length = framing.contentLength {
            content = length > 0 ? .length(length) : .none
        } else {
            content = .untilEnd
        }
        keepsAlive =
            content != .untilEnd && !framing.asksToClose && (minorVersion > 0 || framing.asksToKeepAlive)
    }
}
