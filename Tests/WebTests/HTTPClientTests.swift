import HTTP
import Interfaces
import Network
import Resolving
import Runtime
import Sockets
import TaskBench
import Testing
import Web

@Suite struct HTTPClientTests {
    private func address(_ text: String) -> HTTPAddress { HTTPAddress(Array(text.utf8))! }

    /// Calls `body` with a client beside a server that answers each connection with the next of `answers`, and closes.
    private func run(_ answers: [String], _ body: (HTTPClient) throws -> Void) throws {
        try HostPair.run { pair in
            let listener = try pair.left.listen(on: 80)
            let task = try Task.spawn("server") { () throws(TaskError) in
                for answer in answers {
                    guard let connection = try? listener.accept() else { return }
                    _ = try? connection.receive()
                    try? connection.send(answer)
                    connection.finish()
                }
            }
            try body(HTTPClient(pair.right, NameService(pair.right)))
            task.cancel()
            try? task.join()
        }
    }

    private func fetch(_ answers: String...) throws -> (code: UInt16, content: String) {
        var result: (UInt16, String) = (0, "")
        try run(answers) { client in
            let response = try client.fetch(address("http://10.0.0.1/page"))
            result = (response.head.code, String(decoding: try response.content(), as: UTF8.self))
        }
        return result
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
            ("HTTP/1.0 404 Not Found\r\n\r\nuntil the end", 404, "until the end"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, "abcde"),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x"),
        ] as [(String, UInt16, String)])
    func `answers in every form`(_ answer: String, _ code: UInt16, _ content: String) throws {
        let result = try fetch(answer)
        #expect(result.code == code && result.content == content)
    }

    @Test func `redirections are followed, but not for ever`() throws {
        let result = try fetch(
            "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 301 Moved\r\nLocation: http://10.0.0.1:80/third\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(result.content == "ok")
        let circle = [String](repeating: "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", count: 9)
        try run(circle) { client in
            #expect(throws: FetchError.tooManyRedirections) { _ = try client.fetch(address("http://10.0.0.1/")) }
        }
    }

    /// The requests that a client sends for `fields`, when the server at port 80 answers with `location` and one at port 81 with a page.
    private func requests(_ fields: String, leadingTo location: String) throws -> [String] {
        var requests: [String] = []
        try HostPair.run { pair in
            func serve(_ port: Port, _ answer: @escaping (Int) -> String) throws -> Task {
                let listener = try pair.left.listen(on: port)
                return try Task.spawn("server") { () throws(TaskError) in
                    while let connection = try? listener.accept() {
                        if let request = try? connection.receive() { requests.append(request) }
                        try? connection.send(answer(requests.count))
                        connection.finish()
                    }
                }
            }
            let first = try serve(80) { count in
                // Who comes again finds what it looks for.
                count > 1
                    ? "HTTP/1.1 204 Fine\r\n\r\n"
                    : "HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n"
            }
            let second = try serve(81) { _ in "HTTP/1.1 204 Fine\r\n\r\n" }
            let client = HTTPClient(pair.right, NameService(pair.right))
            _ = try client.fetch(address("http://10.0.0.1/"), fields: Array(fields.utf8))
            first.cancel()
            second.cancel()
            try? first.join()
            try? second.join()
        }
        return requests
    }

    @Test func `what was given for one origin does not follow to another`() throws {
        let fields = "Authorization: Basic cGFzc3dvcmQ=\r\nCOOKIE: a=b\r\nX-Api-Key: secret\r\nAccept: text/plain\r\n"
        let other = try requests(fields, leadingTo: "http://10.0.0.1:81/")
        #expect(other.count == 2 && other[0].contains(fields))
        #expect(other[1].contains("Accept: text/plain\r\n"))
        for word in ["Authorization", "COOKIE", "X-Api-Key"] { #expect(!other[1].contains(word)) }
        let same = try requests(fields, leadingTo: "/elsewhere")
        #expect(same.count == 2 && same[1].hasPrefix("GET /elsewhere ") && same[1].contains(fields))
    }

    @Test func `a field that goes on in the next line is one field`() throws {
        try run(["HTTP/1.1 200 OK\r\nX-Long: a\r\n  b\r\n\tc\r\nContent-Length:\r\n 2\r\n\r\nok"]) { client in
            let response = try client.fetch(address("http://10.0.0.1/"))
            let words = response.field("x-long").map { String(decoding: $0.bytes, as: UTF8.self) }
            #expect(words?.split(whereSeparator: { $0 == " " || $0 == "\t" }) == ["a", "b", "c"])
            #expect(try response.content() == Array("ok".utf8))
        }
        #expect(throws: FetchError.syntax(.malformed(.fieldName))) {
            _ = try fetch("HTTP/1.1 200 OK\r\n X: folded on the status line\r\n\r\n")
        }
    }

    @Test(arguments: [false, true])
    func `an answer that comes before all was sent counts, though the rest finds nobody`(_ resets: Bool) throws {
        try HostPair.run { pair in
            let listener = try pair.left.listen(on: 80)
            let task = try Task.spawn("server") { () throws(TaskError) in
                guard let connection = try? listener.accept() else { return }
                _ = try? connection.receive()
                try? connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nless")
                try Task.sleep(for: .milliseconds(50))
                if resets { connection.abort() } else { try Task.sleep(for: .seconds(60)) }
            }
            let client = HTTPClient(pair.right, NameService(pair.right))
            let response = try client.fetch(
                address("http://10.0.0.1/"), method: .post, content: [UInt8](repeating: 1, count: 4 << 20))
            #expect(response.head.code == 413)
            #expect(try response.content() == Array("less".utf8))
            task.cancel()
            try? task.join()
        }
    }

    @Test func `of several addresses the first that answers is taken`() throws {
        try HostPair.run { pair in
            let listener = try pair.left.listen(on: 80)
            let silent = IPAddress(IPv4Address(10, 0, 0, 77))
            let (deaf, right) = (IPAddress(HostPair.rightAddress), IPAddress(HostPair.leftAddress))
            let connection = try pair.right.connect(
                toFirstOf: [silent, deaf, right], port: 80, until: SystemTime.now + .seconds(20))
            #expect(connection.endpoints?.remote == Endpoint(HostPair.leftAddress, 80))
            #expect(throws: SocketError.refused) {
                _ = try pair.right.connect(
                    toFirstOf: [silent, deaf], port: 80, until: SystemTime.now + .seconds(20))
            }
            _ = listener
        }
    }

    @Test func `what is wrong is named`() throws {
        #expect(throws: FetchError.connection(.closed)) {
            _ = try fetch("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        }
        #expect(throws: FetchError.connection(.closed)) { _ = try fetch("HTTP/1.1 200 OK\r\nConte") }
        #expect(throws: FetchError.syntax(.malformed(.statusLine))) { _ = try fetch("no HTTP at all, this is\r\n\r\n") }
        #expect(throws: FetchError.syntax(.malformed(.chunkSize))) {
            _ = try fetch("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
        }
        #expect(throws: FetchError.syntax(.headTooLarge)) {
            _ = try fetch("HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 10_000))
        }
        try run([]) { client in
            #expect(throws: FetchError.name(.noServers)) { _ = try client.fetch(address("http://example.org/")) }
            #expect(throws: FetchError.connection(.refused)) { _ = try client.fetch(address("http://10.0.0.1:81/")) }
        }
    }

    @Test func `a request is what the server of this house reads`() throws {
        try ServerBench.run(prepare: { server in
            server.on(.post, "/echo") { (exchange) throws(HTTPError) in
                exchange.add("X-Host", exchange.field("host") ?? "none")
                try exchange.respond(try exchange.content(limit: 1000), type: "text/plain", status: .created)
            }
        }) { bench in
            let client = HTTPClient(bench.pair.right, NameService(bench.pair.right))
            let response = try client.fetch(
                address("http://10.0.0.1/echo?a=b#c"), method: .post, fields: Array("X-A: b\r\n".utf8),
                content: Array("abc".utf8))
            let host = response.field("x-host").map { String(decoding: $0.bytes, as: UTF8.self) }
            #expect(response.head.code == 201 && host == "10.0.0.1")
            #expect(try response.content() == Array("abc".utf8))
        }
    }

    @Test(
        arguments: [
            ("http://a/b?c#d", "a", 80, "/b?c"), ("HTTP://a.b:8080", "a.b", 8080, "/"), ("http://a?x", "a", 80, "/?x"),
        ] as [(String, String, UInt16, String)])
    func `addresses have their parts`(_ text: String, _ host: String, _ port: UInt16, _ target: String) throws {
        let address = try #require(HTTPAddress(Array(text.utf8)))
        #expect(
            address.host == Array(host.utf8) && address.port.rawValue == port && address.target == Array(target.utf8))
    }

    @Test(arguments: [
        "", "a", "https://a/", "http://", "http://:80/", "http://a:0/", "http://a:65536/", "http://a:x/", "http://a/ b",
        "http://u@a/",
    ])
    func `and some are none`(_ text: String) { #expect(HTTPAddress(Array(text.utf8)) == nil) }

    /// RFC 3986, section 5.4, as far as it is about `http`.
    @Test(
        arguments: [
            ("g", "/b/c/g"), ("./g", "/b/c/g"), ("g/", "/b/c/g/"), ("/g", "/g"), ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"), ("#s", "/b/c/d;p?q"), ("g#s", "/b/c/g"), (";x", "/b/c/;x"), ("", "/b/c/d;p?q"),
            (".", "/b/c/"), ("./", "/b/c/"), ("..", "/b/"), ("../", "/b/"), ("../g", "/b/g"), ("../..", "/"),
            ("../../", "/"), ("../../g", "/g"), ("../../../g", "/g"), ("/./g", "/g"), ("/../g", "/g"),
            ("g.", "/b/c/g."),
            (".g", "/b/c/.g"), ("..g", "/b/c/..g"), ("./../g", "/b/g"), ("./g/.", "/b/c/g/"), ("g/../h", "/b/c/h"),
            ("g?y/../x", "/b/c/g?y/../x"), ("http://a/x/../y", "/y"), ("//a:80/z", "/z"), ("./x:y", "/b/c/x:y"),
        ] as [(String, String)])
    func `references are meant from where they stand`(_ reference: String, _ target: String) throws {
        let next = try #require(address("http://a/b/c/d;p?q").resolving(Array(reference.utf8)))
        #expect(String(decoding: next.target, as: UTF8.self) == target && next.host == Array("a".utf8))
        #expect(next.hasSameOrigin(as: address("http://A:80/")))
    }

    @Test(arguments: ["https://a/", "ftp://a/", "mailto:a", "//", "a b", "//u@a/", "\u{1}"])
    func `and some lead nowhere`(_ reference: String) {
        #expect(address("http://a/b").resolving(Array(reference.utf8)) == nil)
    }
}
