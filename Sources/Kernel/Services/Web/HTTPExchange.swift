import HTTP
import Interfaces
import Network
import Runtime
import Sockets

/// A request and the answer to it, as a handler sees them. Valid while the handler runs.
///
/// A worker has one and uses it for one request after the other. Invariants behind each `unsafe`: `memory` has `limits.head` initialised
/// bytes, of which the first `headLength` are the head of the request under way; nothing else refers to it, and `deinit` frees it.
@safe
public final class HTTPExchange {
    /// The path of the request, decoded, from its first slash on.
    public internal(set) var path: [UInt8] = []

    let server: HTTPServer
    private let memory: UnsafeMutableRawPointer
    private var headLength = 0
    private var request: RequestHead?
    private var served: ServedConnection?
    /// Where the variable parts of the route lie in `path`.
    var captures: [Range<Int>] = []

    /// The content of the request, as far as it was not read.
    var incoming = IncomingContent()
    var outgoing = OutgoingContent.none
    /// Whether the head of the response is on its way.
    public internal(set) var hasBegun = false
    /// Whether the connection can carry another request after this one.
    public internal(set) var keepsAlive = false
    /// The head of the response, while it is put together.
    var text = HeadText()
    /// The fields that the handler has added.
    var addedFields: [UInt8] = []

    init(_ server: HTTPServer) {
        self.server = server
        unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: server.limits.head, alignment: 16)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: server.limits.head)
    }

    deinit { unsafe memory.deallocate() }

    /// The connection. Whoever uses it beside the exchange answers for the protocol.
    public var connection: TCPConnection { served!.connection }

    /// When a wait for the other end is over that begins now.
    var stallDeadline: Instant { SystemTime.now + server.limits.stallTime }

    // MARK: The request

    /// The head of the request.
    public var head: RequestHead { request! }

    /// What is asked for.
    public var method: HTTPMethod { head.method }

    /// Calls `body` with the bytes that `head` names its parts in.
    public func withHead<Result>(_ body: (RequestHead, RawSpan) -> Result) -> Result {
        body(head, unsafe RawSpan(_unsafeStart: UnsafeRawPointer(memory), byteCount: headLength))
    }

    /// The value of the first field `name`, in small letters; nil when there is none.
    public func field(_ name: StaticString) -> Text? {
        withHead { head, bytes in head.fields.value(of: name, in: bytes).map { Text(copying: bytes, $0) } }
    }

    /// Whether the list field `name` has the element `token`; both in small letters.
    public func has(_ token: StaticString, in name: StaticString) -> Bool {
        withHead { head, bytes in head.fields.has(token, in: name, of: bytes) }
    }

    /// The value of `name` in the query (`?name=value&...`), decoded; nil when it is not there.
    public func parameter(_ name: StaticString) -> Text? {
        withHead { head, bytes in QueryParameters.value(of: name, in: bytes, head.query).map { Text($0) } }
    }

    /// How the beginning of a request went.
    enum Beginning {
        case request
        /// The head is not whole.
        case incomplete
        case refused(HTTPSyntaxError)
        /// The other end has gone.
        case ended
    }

    /// Reads the head of a request, if all of it has arrived.
    func begin(_ served: ServedConnection) -> Beginning {
        let connection = served.connection
        self.served = served
        reset()
        var count = 0
        while true {
            count = unsafe connection.peek(into: memory, server.limits.head)
            let bytes = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(memory), byteCount: count)
            let empty = RequestHead.emptyLines(in: bytes)
            if empty == 0 { break }
            connection.discard(empty)
        }
        let bytes = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(memory), byteCount: count)
        guard let length = RequestHead.length(in: bytes, from: served.scanned) else {
            if count == server.limits.head { return .refused(Self.excess(bytes)) }
            if connection.isAtEnd || connection.failure != nil || connection.state != .established { return .ended }
            if count > 0 { served.scanned = max(count, served.scanned) }
            return .incomplete
        }
        do throws(HTTPSyntaxError) {
            let head = try RequestHead(parsing: bytes.extracting(0..<length))
            try take(head, bytes, length)
        } catch {
            return .refused(error)
        }
        connection.discard(length)
        return .request
    }

    /// What is too long about a head whose end is not within the limit.
    private static func excess(_ bytes: RawSpan) -> HTTPSyntaxError {
        for index in 0..<bytes.byteCount where bytes.byte(index) == 0x0A { return .headTooLarge }
        return .targetTooLong
    }

    private func take(_ head: RequestHead, _ bytes: RawSpan, _ length: Int) throws(HTTPSyntaxError) {
        guard TargetPath.decode(bytes, head.path, into: &path) else { throw .malformed(.target) }
        // A target with a host and no path: the root, or all of the server (RFC 9112, section 3.2).
        if path.isEmpty { path.append(head.method == .options ? 0x2A : 0x2F) }
        if case .length(let length) = head.content, length > server.limits.content { throw .contentTooLarge }
        request = head
        headLength = length
        keepsAlive = head.keepsAlive
        incoming = IncomingContent(head, server.limits)
    }

    private func reset() {
        request = nil
        headLength = 0
        incoming = IncomingContent()
        outgoing = .none
        hasBegun = false
        keepsAlive = false
        addedFields.removeAll(keepingCapacity: true)
    }

    /// Lets go of the connection.
    func end() { served = nil }
}

extension TCPConnection {
    /// Copies what has arrived, `count` bytes at most, to `memory`, which has as many.
    fileprivate func peek(into memory: UnsafeMutableRawPointer, _ count: Int) -> Int {
        var span = unsafe MutableRawSpan(_unsafeStart: memory, byteCount: count)
        return peek(at: 0, into: &span)
    }
}

extension Text {
    /// The bytes of `range`.
    init(copying bytes: RawSpan, _ range: Range<Int>) {
        self.init()
        self.bytes.append(bytes, range)
    }
}
