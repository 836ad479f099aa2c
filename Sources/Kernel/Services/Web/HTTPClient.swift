import HTTP
import Interfaces
import Network
import Resolving
import Runtime
import Sockets

/// Why nothing was fetched.
public enum FetchError: Error, Equatable, Sendable {
    /// The address is none.
    case invalidAddress
    /// The host's name leads nowhere.
    case name(ResolveError)
    /// The connection did not come about, or has failed.
    case connection(SocketError)
    /// The answer breaks the grammar or a limit.
    case syntax(HTTPSyntaxError)
    /// One address leads to another, and that to the next, for too long.
    case tooManyRedirections
}

extension FetchError {
    /// In words.
    public var description: Text {
        switch self {
        case .invalidAddress: "this is no address"
        case .name(let error): "the host is not found: \(error.description)"
        case .connection(let error):
            switch error {
            case .refused: "nobody listens there"
            case .timedOut: "no answer in time"
            case .closed: "the connection ended before the answer did"
            case .reset: "the connection was reset"
            default: "the connection has failed"
            }
        case .syntax(let error): "the answer: \(error.explanation)"
        case .tooManyRedirections: "it leads from one address to the next"
        }
    }
}

/// Asks servers for HTTP/1.1 (RFC 9110 and 9112).
public final class HTTPClient {
    private let host: IPHost
    private let names: NameService
    private let limits: HTTPLimits

    /// How many redirections are followed.
    public static let maximumRedirections = 5

    /// A client that finds hosts by `names`. Of the limits it uses those of heads, content and stalls.
    public init(_ host: IPHost, _ names: NameService, limits: HTTPLimits = HTTPLimits()) {
        self.host = host
        self.names = names
        self.limits = limits
    }

    /// Sends a request and waits for the head of the answer; redirections of a GET are followed. What was given for one origin stays
    /// there: another is sent only those of `fields` that can hold nothing of the kind (`RequestFields`).
    /// - Parameter fields: further lines of the request's head, each with CR LF at its end.
    /// - Throws: `FetchError`. An answer that says no is an answer.
    public func fetch(
        _ address: HTTPAddress, method: HTTPMethod = .get, fields: [UInt8] = [], content: [UInt8] = []
    ) throws(FetchError) -> HTTPResponse {
        var (address, fields) = (address, fields)
        for _ in 0...Self.maximumRedirections {
            let response = try exchange(address, method, fields, content)
            guard method == .get || method == .head, let next = response.redirection(from: address) else {
                return response
            }
            if !next.hasSameOrigin(as: address) { fields = RequestFields.withoutOrigin(fields) }
            address = next
        }
        throw .tooManyRedirections
    }

    private func exchange(
        _ address: HTTPAddress, _ method: HTTPMethod, _ fields: [UInt8], _ content: [UInt8]
    ) throws(FetchError) -> HTTPResponse {
        let addresses: [IPAddress]
        do throws(ResolveError) {
            addresses = try names.resolve(String(decoding: address.host, as: UTF8.self))
            if addresses.isEmpty { throw .noData }
        } catch { throw .name(error) }
        let opened: TCPConnection
        do throws(SocketError) {
            let deadline = SystemTime.now + limits.stallTime
            let connection = try host.connect(toFirstOf: addresses, port: address.port, until: deadline)
            try send(connection, Self.head(address, method, fields, content.count), content)
            opened = connection
        } catch { throw .connection(error) }
        return try HTTPResponse(opened, to: method, limits)
    }

    // MARK: The request

    /// How much of the content is sent between two looks at whether there is an answer.
    private static let pieceSize = 16 << 10
    /// How long such a piece may wait for room before there is a look.
    private static let patience = Interval.milliseconds(200)

    /// Sends the request. A server that has answered before it has all of the content wants no more of it (RFC 9112, section 9.5), and may
    /// have ended the connection: its answer counts, not that the rest found nobody.
    private func send(_ connection: TCPConnection, _ head: [UInt8], _ content: [UInt8]) throws(SocketError) {
        let small = content.count <= Self.pieceSize ? content.count : 0
        let start = connection.writtenCount + UInt64(head.count)
        var deadline = SystemTime.now + limits.stallTime
        do throws(SocketError) {
            try connection.write(
                unsafe head.span.bytes, unsafe content.span.bytes.extracting(0..<small), until: deadline)
            while !hasAnswer(connection) {
                let done = Int(connection.writtenCount - start)
                if done == content.count { return }
                let end = min(done + Self.pieceSize, content.count)
                do throws(SocketError) {
                    try connection.write(
                        unsafe content.span.bytes.extracting(done..<end), until: SystemTime.now + Self.patience)
                } catch { if error != .timedOut { throw error } }
                if connection.writtenCount > start + UInt64(done) {
                    deadline = SystemTime.now + limits.stallTime
                } else if deadline <= SystemTime.now {
                    throw .timedOut
                }
            }
        } catch {
            if error == .cancelled || !hasAnswer(connection) { throw error }
        }
    }

    /// Whether an answer has begun to arrive that is not one of the kind of 100 Continue.
    private func hasAnswer(_ connection: TCPConnection) -> Bool {
        var start = [UInt8](repeating: 0, count: 10)
        var span = start.mutableSpan
        // Every pattern of bits is a byte.
        var raw = unsafe span.mutableBytes
        let count = connection.peek(at: 0, into: &raw)
        // The first digit of the code stands behind `HTTP/1.1 `.
        return count == start.count && start[9] != 0x31
    }

    private static func head(_ address: HTTPAddress, _ method: HTTPMethod, _ fields: [UInt8], _ length: Int) -> [UInt8]
    {
        var text: [UInt8] = []
        text.append(method.name)
        text.append(0x20)
        text += address.target
        text.append(" HTTP/1.1\r\nHost: ")
        text += address.host
        if address.port != 80 {
            text.append(0x3A)
            text.append(decimal: UInt64(address.port.rawValue))
        }
        text.append("\r\nConnection: close\r\n")
        if length > 0 || method == .post || method == .put {
            text.append("Content-Length: ")
            text.append(decimal: UInt64(length))
            text.append("\r\n")
        }
        text += fields
        text.append("\r\n")
        return text
    }
}

/// An answer: its head, and its content as it comes. Letting go of it ends the connection.
public final class HTTPResponse {
    /// The head.
    public let head: ResponseHead
    private let connection: TCPConnection
    private let limits: HTTPLimits
    /// The bytes of the head.
    private let bytes: [UInt8]
    private var incoming: IncomingContent

    /// Waits for the head.
    fileprivate init(_ connection: TCPConnection, to method: HTTPMethod, _ limits: HTTPLimits) throws(FetchError) {
        self.connection = connection
        self.limits = limits
        (head, bytes) = try Self.readHead(connection, method, limits)
        incoming = IncomingContent(head, limits)
    }

    private static func readHead(
        _ connection: TCPConnection, _ method: HTTPMethod, _ limits: HTTPLimits
    ) throws(FetchError) -> (ResponseHead, [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: limits.head)
        let deadline = SystemTime.now + limits.stallTime
        while true {
            let count = peek(&bytes, connection)
            if let length = RequestHead.length(in: unsafe bytes.span.bytes.extracting(0..<count)) {
                ResponseHead.unfold(&bytes, 0..<length)
                let head: ResponseHead
                do throws(HTTPSyntaxError) {
                    head = try ResponseHead(parsing: unsafe bytes.span.bytes.extracting(0..<length), to: method)
                } catch { throw .syntax(error) }
                connection.discard(length)
                // What comes before the answer proper, such as 100 Continue.
                if head.code < 200, head.code != 101 { continue }
                return (head, [UInt8](bytes[0..<length]))
            }
            guard count < limits.head else { throw .syntax(.headTooLarge) }
            do throws(SocketError) {
                if connection.isAtEnd { throw .closed }
                try connection.waitForMore(than: count, until: deadline)
                // The end came before the head did.
                if connection.readableCount == count { throw .closed }
            } catch { throw .connection(error) }
        }
    }

    private static func peek(_ bytes: inout [UInt8], _ connection: TCPConnection) -> Int {
        var span = bytes.mutableSpan
        // Every pattern of bits is a byte.
        var raw = unsafe span.mutableBytes
        return connection.peek(at: 0, into: &raw)
    }

    /// The value of the first field `name`, in small letters; nil when there is none.
    public func field(_ name: StaticString) -> Text? {
        let bytes = bytes
        guard let value = head.fields.value(of: name, in: unsafe bytes.span.bytes) else { return nil }
        return Text([UInt8](bytes[value]))
    }

    fileprivate func redirection(from address: HTTPAddress) -> HTTPAddress? {
        switch head.code {
        case 301, 302, 303, 307, 308: field("location").flatMap { address.resolving($0.bytes) }
        default: nil
        }
    }

    /// Reads what comes next of the content to the front of `destination`.
    /// - Returns: how many bytes; 0 at the end.
    /// - Throws: `.connection` for one that ends too early or stalls, `.syntax` for chunks that are none and for too much.
    public func read(into destination: inout [UInt8]) throws(FetchError) -> Int {
        do throws(HTTPError) { return try Self.read(&incoming, connection, &destination, limits) } catch {
            switch error {
            case .connection(let error): throw .connection(error)
            case .syntax(let error): throw .syntax(error)
            case .status: throw .connection(.aborted)
            }
        }
    }

    private static func read(
        _ incoming: inout IncomingContent, _ connection: TCPConnection, _ destination: inout [UInt8],
        _ limits: HTTPLimits
    ) throws(HTTPError) -> Int {
        var span = destination.mutableSpan
        // Every pattern of bits is a byte.
        var raw = unsafe span.mutableBytes
        return try incoming.read(connection, into: &raw, limits)
    }

    /// All of the content, as far as the limits allow.
    public func content() throws(FetchError) -> [UInt8] {
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try read(into: &piece)
            if count == 0 { return content }
            content += piece[0..<count]
        }
    }
}
