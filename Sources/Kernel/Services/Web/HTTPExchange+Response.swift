import HTTP
import Interfaces
import Network
import Runtime
import Sockets

/// What a response still owes to its head.
enum OutgoingContent {
    case none
    /// So many bytes.
    case length(UInt64)
    case chunked
    /// Everything up to the end of the connection.
    case untilEnd
    /// Nothing: what the handler writes is left out, as for HEAD.
    case headOnly
}

extension HTTPExchange {
    /// Adds a field to the response, before it begins. A line end in `value` ends it.
    public func add(_ name: StaticString, _ value: Text) {
        addedFields.append(name)
        addedFields.append(": ")
        for byte in value.bytes {
            if byte == 0x0D || byte == 0x0A || byte == 0 { break }
            addedFields.append(byte)
        }
        addedFields.append("\r\n")
    }

    /// Answers with `status` and a line that says it.
    public func respond(_ status: HTTPStatus) throws(HTTPError) {
        if status.isWithoutContent { return try begin(status, type: nil, length: 0) }
        try respond("\(UInt64(status.code)) \(status.reason)\n" as Text, status: status)
    }

    /// Answers with text.
    public func respond(
        _ content: Text, type: StaticString = "text/plain; charset=utf-8", status: HTTPStatus = .ok
    ) throws(HTTPError) {
        try respond(content.bytes, type: type, status: status)
    }

    /// Answers with bytes.
    public func respond(_ content: [UInt8], type: StaticString, status: HTTPStatus = .ok) throws(HTTPError) {
        try respond(unsafe content.span.bytes, type: type, status: status)
    }

    /// Answers with constant text.
    public func respond(constant content: StaticString, type: StaticString, status: HTTPStatus = .ok) throws(HTTPError)
    {
        try respond(content.span, type: type, status: status)
    }

    /// Answers with `content`, head and content in as few segments as they fit.
    public func respond(_ content: RawSpan, type: StaticString, status: HTTPStatus = .ok) throws(HTTPError) {
        let length = UInt64(content.byteCount)
        prepare(status, type, length)
        if case .headOnly = outgoing { return try sendHead() }
        outgoing = .length(0)
        hasBegun = true
        server.statistics.sentBytes += length
        let (connection, deadline, isLast) = (connection, stallDeadline, !keepsAlive)
        do throws(SocketError) {
            try text.withBytes { (head) throws(SocketError) in
                try connection.write(head, content, isLast: isLast, until: deadline)
            }
        } catch { throw .connection(error) }
    }

    /// Begins a response whose content is written piece by piece. Without a `length` it goes out in chunks.
    public func begin(_ status: HTTPStatus = .ok, type: StaticString?, length: UInt64? = nil) throws(HTTPError) {
        prepare(status, type, length)
        try sendHead()
    }

    private func sendHead() throws(HTTPError) {
        hasBegun = true
        let (connection, deadline) = (connection, stallDeadline)
        do throws(SocketError) {
            try text.withBytes { (head) throws(SocketError) in try connection.write(head, until: deadline) }
        } catch { throw .connection(error) }
    }

    /// Puts the head of a response together.
    private func prepare(_ status: HTTPStatus, _ type: StaticString?, _ length: UInt64?) {
        contract(!hasBegun, "an exchange has one response")
        if !incoming.isAtEnd { skipContent() }
        server.count(status)
        let isModern = head.minorVersion > 0
        outgoing = length.map { .length($0) } ?? (isModern ? .chunked : .untilEnd)
        text.clear()
        // The version is the server's, whatever the client's is (RFC 9110, section 6.2).
        text.append("HTTP/1.1 ")
        text.append(decimal: UInt64(status.code))
        text.append(0x20)
        text.append(status.reason)
        text.append("\r\n")
        server.appendDate(to: &text)
        text.append(addedFields)
        if let type {
            text.append("Content-Type: ")
            text.append(type)
            text.append("\r\n")
        }
        if status.isWithoutContent {
            outgoing = .headOnly
        } else if let length {
            text.append("Content-Length: ")
            text.append(decimal: length)
            text.append("\r\n")
        } else if isModern {
            text.append("Transfer-Encoding: chunked\r\n")
        } else {
            keepsAlive = false
        }
        if !keepsAlive {
            if status.code != 101 { text.append("Connection: close\r\n") }
        } else if !isModern {
            text.append("Connection: keep-alive\r\n")
        }
        text.append("\r\n")
        if head.method == .head { outgoing = .headOnly }
    }

    /// Sends a piece of the content of a response that was begun. More than its length is a broken contract.
    public func write(_ content: RawSpan) throws(HTTPError) {
        guard content.byteCount > 0 else { return }
        server.statistics.sentBytes += UInt64(content.byteCount)
        let (connection, deadline) = (connection, stallDeadline)
        do throws(SocketError) {
            switch outgoing {
            case .headOnly: return
            case .none: contract(false, "content follows a head")
            case .length(let left):
                contract(UInt64(content.byteCount) <= left, "a response has no more content than its length")
                outgoing = .length(left - UInt64(content.byteCount))
                try connection.write(content, until: deadline)
            case .untilEnd: try connection.write(content, until: deadline)
            case .chunked:
                text.clear()
                text.append(hexadecimal: UInt64(content.byteCount))
                text.append("\r\n")
                try text.withBytes { (size) throws(SocketError) in
                    try connection.write(size, content, StaticString("\r\n").span, until: deadline)
                }
            }
        } catch { throw .connection(error) }
    }

    /// Sends a piece of the content.
    public func write(_ content: [UInt8]) throws(HTTPError) { try write(unsafe content.span.bytes) }

    /// Sends constant bytes that are no content.
    func write(_ bytes: StaticString) throws(HTTPError) {
        do throws(SocketError) { try connection.write(bytes.span, until: stallDeadline) } catch {
            throw .connection(error)
        }
    }

    /// Ends the response as its head has promised. A handler that has not answered has nothing to say: 204.
    func complete() throws(HTTPError) {
        if !hasBegun { try respond(.noContent) }
        switch outgoing {
        case .chunked: try write("0\r\n\r\n")
        case .length(let left) where left > 0:
            // Less than the head says: the client must not take it for whole.
            connection.abort()
            keepsAlive = false
        case .untilEnd: keepsAlive = false
        case .none, .length, .headOnly: break
        }
    }

    /// Answers a request that could not be read, as far as an answer can still be given; the connection ends afterwards.
    func refuse(_ status: HTTPStatus, _ explanation: StaticString) {
        keepsAlive = false
        guard !hasBegun else { return connection.abort() }
        hasBegun = true
        server.count(status)
        text.clear()
        text.append("HTTP/1.1 ")
        text.append(decimal: UInt64(status.code))
        text.append(0x20)
        text.append(status.reason)
        text.append("\r\n")
        server.appendDate(to: &text)
        text.append("Content-Type: text/plain; charset=utf-8\r\nContent-Length: ")
        text.append(decimal: UInt64(explanation.utf8CodeUnitCount + 1))
        text.append("\r\nConnection: close\r\n\r\n")
        text.append(explanation)
        text.append(0x0A)
        let (connection, deadline) = (connection, stallDeadline)
        try? text.withBytes { (response) throws(SocketError) in
            try connection.write(response, RawSpan(), isLast: true, until: deadline)
        }
    }
}

extension StaticString {
    /// Its bytes, which are there for ever.
    var span: RawSpan {
        @_lifetime(immortal)
        get {
            let bytes = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(utf8Start), byteCount: utf8CodeUnitCount)
            return unsafe _overrideLifetime(bytes, copying: ())
        }
    }
}

extension HTTPServer {
    /// Counts a response.
    func count(_ status: HTTPStatus) {
        statistics.responses[min(4, max(0, Int(status.code) / 100 - 1))] += 1
    }
}
