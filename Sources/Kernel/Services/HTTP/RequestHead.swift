import Network

/// The head of a request (RFC 9112, sections 3 and 5). Names its parts by where they lie in the bytes it was read from.
public struct RequestHead: Sendable {
    /// What is asked for.
    public let method: HTTPMethod
    /// The path of the target, as it was sent, from its first slash on; `*` for all of the server.
    public let path: Range<Int>
    /// What stands behind the question mark; empty for nothing.
    public let query: Range<Int>
    /// The host that is meant; nil where HTTP/1.0 does not say.
    public let host: Range<Int>?
    /// The version is 1.`minorVersion`; later ones are taken as 1.1.
    public let minorVersion: UInt8
    /// The fields.
    public let fields: FieldLines
    /// What follows the head.
    public let content: MessageContent
    /// Whether the connection may carry another request.
    public let keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the content.
    public let expectsContinue: Bool
    /// Bytes of the head, the empty line included.
    public let length: Int

    /// Bytes that a target may have.
    public static let maximumTarget = 4096

    /// Looks for the end of a head. What lies before `from` was looked at already.
    /// - Returns: how long the head is; nil where its end is not there yet.
    public static func length(in bytes: RawSpan, from: Int = 0) -> Int? {
        let end = bytes.byteCount
        var index = bytes.lineFeed(from: max(from - 3, 0))
        // A line feed behind a line feed, with or without a carriage return between: what is wrong with it the parser says.
        while index < end {
            if index + 1 < end, bytes.byte(index + 1) == 0x0A { return index + 2 }
            if index + 2 < end, bytes.byte(index + 1) == 0x0D, bytes.byte(index + 2) == 0x0A { return index + 3 }
            index = bytes.lineFeed(from: index + 1)
        }
        return nil
    }

    /// How many empty lines lie at the front, which are passed over (RFC 9112, section 2.2): two at most.
    public static func emptyLines(in bytes: RawSpan) -> Int {
        var count = 0
        while count < 4, count + 1 < bytes.byteCount, bytes.byte(count) == 0x0D, bytes.byte(count + 1) == 0x0A {
            count += 2
        }
        return count
    }

    /// Reads the head at the front of `bytes`, which hold all of it.
    public init(parsing bytes: RawSpan) throws(HTTPSyntaxError) {
        var line = try RequestLine(bytes)
        var framing = MessageFraming()
        fields = try framing.read(bytes, at: &line.end)
        if line.minorVersion > 0, framing.host == nil { throw .malformed(.host) }
        method = line.method
        path = line.path
        query = line.query
        host = line.authority ?? framing.host
        minorVersion = line.minorVersion
        length = line.end
        guard line.minorVersion > 0 || !framing.isChunked else { throw .malformed(.transferEncoding) }
        content = framing.isChunked ? .chunked : framing.contentLength.map { $0 > 0 ? .length($0) : .none } ?? .none
        keepsAlive = !framing.asksToClose && (line.minorVersion > 0 || framing.asksToKeepAlive)
        expectsContinue = framing.expectsContinue && line.minorVersion > 0 && content != .none
    }
}

/// What follows a head (RFC 9112, section 6.3).
@frozen
public enum MessageContent: Equatable, Sendable {
    /// Nothing.
    case none
    /// So many bytes.
    case length(UInt64)
    /// Chunks.
    case chunked
    /// Everything up to the end of the connection; responses only.
    case untilEnd
}

/// The first line of a request.
private struct RequestLine {
    let method: HTTPMethod
    let minorVersion: UInt8
    var path: Range<Int>
    var query: Range<Int>
    var authority: Range<Int>?
    /// Behind the line.
    var end: Int

    init(_ bytes: RawSpan) throws(HTTPSyntaxError) {
        var index = 0
        while index < bytes.byteCount, bytes.byte(index).isTokenCharacter { index += 1 }
        guard index > 0, index < bytes.byteCount, bytes.byte(index) == 0x20 else { throw .malformed(.requestLine) }
        let name = 0..<index
        index += 1
        let start = index
        // Visible ASCII; what else there is has to be percent-encoded.
        while index < bytes.byteCount, bytes.known(index) > 0x20, bytes.known(index) < 0x7F { index &+= 1 }
        let target = start..<index
        if target.count > RequestHead.maximumTarget { throw .targetTooLong }
        guard !target.isEmpty, index + 10 < bytes.byteCount, bytes.byte(index) == 0x20 else {
            throw .malformed(.requestLine)
        }
        index += 1
        guard bytes.equals(index..<index + 5, "HTTP/"), bytes.byte(index + 6) == 0x2E else {
            throw .malformed(.requestLine)
        }
        let (major, minor) = (bytes.byte(index + 5) &- 0x30, bytes.byte(index + 7) &- 0x30)
        guard major < 10, minor < 10 else { throw .malformed(.requestLine) }
        guard bytes.byte(index + 8) == 0x0D, bytes.byte(index + 9) == 0x0A else { throw .malformed(.lineEnd) }
        guard major == 1 else { throw .unknownVersion }
        guard let method = HTTPMethod(bytes, name) else { throw .unknownMethod }
        self.method = method
        minorVersion = minor
        end = index + 10
        (path, query, authority) = (target, target.upperBound..<target.upperBound, nil)
        try split(bytes, target)
    }

    /// Origin form, absolute form, and the asterisk of OPTIONS (RFC 9112, section 3.2).
    private mutating func split(_ bytes: RawSpan, _ target: Range<Int>) throws(HTTPSyntaxError) {
        var start = target.lowerBound
        if bytes.byte(start) == 0x2A {
            guard method == .options, target.count == 1 else { throw .malformed(.target) }
            return
        }
        if bytes.byte(start) != 0x2F {
            guard target.count > 7, bytes.equalsIgnoringCase(start..<start + 7, "http://") else {
                throw .malformed(.target)
            }
            start += 7
            var slash = start
            while slash < target.upperBound, bytes.byte(slash) != 0x2F, bytes.byte(slash) != 0x3F { slash += 1 }
            guard slash > start, MessageFraming.isHost(bytes, start..<slash) else { throw .malformed(.target) }
            authority = start..<slash
            start = slash
        }
        var end = start
        while end < target.upperBound, bytes.byte(end) != 0x3F {
            if bytes.byte(end) == 0x23 { throw .malformed(.target) }
            end += 1
        }
        path = start..<end
        query = min(end + 1, target.upperBound)..<target.upperBound
    }
}
