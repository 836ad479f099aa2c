import Testing

@testable import HTTP

/// RFC 9112, sections 2 to 6: what a request line and fields may be, and what makes two servers see two different messages.
@Suite struct RequestHeadTests {
    @Test func `the parts of a request lie where they were sent`() throws {
        let text = "GET /a/b?x=1&y HTTP/1.1\r\nHost: example.org:8080\r\nAccept:  text/html \r\nX:\r\n\r\nrest"
        let head = try request(text)
        #expect(head.method == .get)
        #expect(text.part(head.path) == "/a/b")
        #expect(text.part(head.query) == "x=1&y")
        #expect(text.part(head.host) == "example.org:8080")
        #expect(head.minorVersion == 1)
        #expect(head.content == .none)
        #expect(head.keepsAlive)
        #expect(text.utf8.count - head.length == 4)
        let values = withBytes(text) { bytes in
            [
                head.fields.value(of: "accept", in: bytes), head.fields.value(of: "x", in: bytes),
                head.fields.value(of: "y", in: bytes),
            ]
        }
        #expect(values.map { text.part($0) } == ["text/html", "", nil])
    }

    @Test(arguments: [
        ("GET http://example.org/a?b HTTP/1.1\r\nHost: other\r\n\r\n", "/a", "example.org"),
        ("GET HTTP://example.org HTTP/1.1\r\nHost: other\r\n\r\n", "", "example.org"),
        ("OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n", "*", ""),
        ("GET /%41 HTTP/1.1\r\nhOsT: [::1]:80\r\n\r\n", "/%41", "[::1]:80"),
    ])
    func `the forms of a target`(_ text: String, _ path: String, _ host: String) throws {
        let head = try request(text)
        #expect(text.part(head.path) == path)
        #expect(text.part(head.host) == host)
    }

    @Test(arguments: [
        ("", MessageContent.none), ("Content-Length: 0\r\n", .none), ("Content-Length: 12\r\n", .length(12)),
        ("content-length:007\r\n", .length(7)), ("Transfer-Encoding: chunked\r\n", .chunked),
        ("TRANSFER-ENCODING:\tCHUNKED \r\n", .chunked),
    ])
    func `the content that follows`(_ field: String, _ content: MessageContent) throws {
        #expect(try request("POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\n").content == content)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: foo, CLOSE\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: keep-alive\r\n", true), ("HTTP/1.0", "Connection: Keep-Alive, close\r\n", false),
        ("HTTP/1.9", "", true),
    ])
    func `whether the connection stays`(_ version: String, _ field: String, _ stays: Bool) throws {
        #expect(try request("GET / \(version)\r\nHost: a\r\n\(field)\r\n").keepsAlive == stays)
    }

    @Test(arguments: [
        // The request line.
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTPSyntaxError.malformed(.requestLine)),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .malformed(.lineEnd)),
        ("GET /\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .malformed(.lineEnd)),
        ("GET / HTTP/11\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .unknownVersion),
        ("GET / HTTP/0.9\r\nHost: a\r\n\r\n", .unknownVersion),
        ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
        ("get / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("GET /\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("GET /ä HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        // Line ends.
        ("GET / HTTP/1.1\nHost: a\n\n", .malformed(.lineEnd)),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", .malformed(.lineEnd)),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", .malformed(.lineEnd)),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\rc: d\r\n\r\n", .malformed(.lineEnd)),
        // Fields.
        ("GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", .malformed(.fieldName)),
        ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", .malformed(.fieldName)),
        ("GET / HTTP/1.1\r\nHost: a\r\n X: b\r\n\r\n", .malformed(.fieldName)),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", .malformed(.fieldName)),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", .malformed(.fieldName)),
        ("GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", .malformed(.fieldName)),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\u{0}c\r\n\r\n", .malformed(.fieldValue)),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\u{1B}c\r\n\r\n", .malformed(.fieldValue)),
        // Host.
        ("GET / HTTP/1.1\r\n\r\n", .malformed(.host)),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .malformed(.host)),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .malformed(.host)),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformed(.host)),
        ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", .malformed(.host)),
        // Where the content ends.
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", .malformed(.contentLength)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", .malformed(.contentLength)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", .malformed(.contentLength)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x10\r\n\r\n", .malformed(.contentLength)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 2\r\n\r\n", .malformed(.contentLength)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", .malformed(.contentLength)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n", .malformed(.contentLength)),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", .malformed(.contentLength)),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            .malformed(.contentLength)
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
            .malformed(.contentLength)
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            .malformed(.transferEncoding)
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unknownTransferCoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", .malformed(.transferEncoding)),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", .malformed(.transferEncoding)),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n", .malformed(.fieldValue)),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .malformed(.transferEncoding)),
        ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", .unknownExpectation),
    ])
    func `what is refused, and why`(_ text: String, _ error: HTTPSyntaxError) { #expect(complaint(text) == error) }

    @Test func `limits of a head`() {
        let long = String(repeating: "a", count: RequestHead.maximumTarget)
        #expect(complaint("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n") == .targetTooLong)
        #expect(complaint("GET /\(long.dropFirst()) HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        let many = String(repeating: "X: y\r\n", count: MessageFraming.maximumFields)
        #expect(complaint("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n") == .headTooLarge)
    }

    @Test func `every beginning of a request is incomplete, and its end is found wherever it is cut`() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n"
        let bytes = Array(text.utf8)
        for cut in 0..<bytes.count {
            let start = Array(bytes[..<cut])
            let early = RequestHead.length(in: start.span.bytes)
            let late = RequestHead.length(in: bytes.span.bytes, from: cut)
            let head = try? RequestHead(parsing: start.span.bytes)
            #expect(early == nil && late == bytes.count && head == nil)
        }
        #expect(withBytes("\r\n\r\nGET") { RequestHead.emptyLines(in: $0) } == 4)
    }

    @Test func `a list has its elements, quoted commas included`() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: a,, \"b,close\" ,Upgrade\r\n\r\n"
        let head = try request(text)
        let isThere = ["upgrade", "a", "close"].map { token in
            withBytes(text) { bytes in
                switch token {
                case "upgrade": head.fields.has("upgrade", in: "connection", of: bytes)
                case "a": head.fields.has("a", in: "connection", of: bytes)
                default: head.fields.has("close", in: "connection", of: bytes)
                }
            }
        }
        #expect(isThere == [true, true, false])
    }
}
