import HTTP
import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Testing
import Web

@Suite struct HTTPServerTests {
    private func addHandlers(_ server: HTTPServer) {
        server.on(.get, "/") { (exchange) throws(HTTPError) in try exchange.respond("hello\n") }
        server.on(.get, "/chunks") { (exchange) throws(HTTPError) in
            try exchange.begin(type: "text/plain")
            for word in ["one", "two", "three"] { try exchange.write(Array(word.utf8)) }
        }
        server.on(.get, "/short") { (exchange) throws(HTTPError) in
            try exchange.begin(type: "text/plain", length: 10)
            try exchange.write(Array("half".utf8))
        }
        server.on(.post, "/echo") { (exchange) throws(HTTPError) in
            try exchange.respond(try exchange.content(limit: 100_000), type: "text/plain")
        }
        server.on(.post, "/ignore") { (exchange) throws(HTTPError) in try exchange.respond("ignored\n") }
        server.on(.put, "/led/{}") { (exchange, number: UInt32) throws(HTTPError) in
            try exchange.respond("led \(number)\n")
        }
        server.on(.get, "/pairs/{}/{}") { (exchange, first: Text, second: UInt32) throws(HTTPError) in
            try exchange.respond("\(first) \(second)\n")
        }
        server.on(.get, "/files/{*}") { (exchange, rest: Text) throws(HTTPError) in try exchange.respond(rest) }
        server.on(.get, "/fail") { (exchange) throws(HTTPError) in throw .status(.serviceUnavailable) }
        server.on(.get, "/slow") { (exchange) throws(HTTPError) in
            do throws(TaskError) { try Task.sleep(for: .seconds(3)) } catch { throw .connection(.cancelled) }
            try exchange.respond("slow\n")
        }
        server.on(.get, "/large") { (exchange) throws(HTTPError) in
            try exchange.respond([UInt8](repeating: 0x61, count: 3_000_000), type: "application/octet-stream")
        }
    }

    private func run(limits: HTTPLimits = HTTPLimits(), _ body: (ServerBench) throws -> Void) throws {
        try ServerBench.run(limits: limits, prepare: addHandlers, body)
    }

    private func last(_ request: String) throws -> String {
        var answer = ""
        try run { answer = try $0.exchange(request) }
        return answer
    }

    @Test func `a request is answered, and the connection goes on`() throws {
        try run { bench in
            let connection = try bench.connect()
            for _ in 0..<3 {
                try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(
                    try connection.receive(through: "hello\n")
                        == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n\r\nhello\n"
                )
            }
            #expect(bench.server.statistics.requests == 3 && bench.server.statistics.connections == 1)
        }
    }

    @Test func `requests that come together are answered one after the other`() throws {
        let one = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let answer = try last(
            one + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + "\r\n" + one
                + "GET /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.components(of: "HTTP/1.1 200 OK") == 4)
        #expect(answer.contains("\r\n\r\nabcHTTP/1.1"))
        #expect(answer.hasSuffix("3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"))
    }

    @Test func `a request may come a byte at a time`() throws {
        try run { bench in
            let connection = try bench.connect()
            connection.setNoDelay(true)
            for character
                in "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
            {
                try connection.send(String(character))
                try Task.sleep(for: .milliseconds(20))
            }
            #expect(try connection.receive(through: "abc").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test(arguments: [
        (
            "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK",
            "Content-Length: 6\r\nConnection: close\r\n\r\n"
        ),
        ("GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "hello\n"),
        ("GET /chunks HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "Connection: close\r\n\r\nonetwothree"),
        ("DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 405", "405 Method Not Allowed\n"),
        (
            "OPTIONS /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 204",
            "Allow: OPTIONS, POST\r\nConnection: close\r\n\r\n"
        ),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 204", "\r\n\r\n"),
        ("GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404", "404 Not Found\n"),
        ("GET /fail HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 503", "503 Service Unavailable\n"),
        ("PUT /led/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200", "led 7\n"),
        ("PUT /led/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404", "404 Not Found\n"),
        ("PUT /led/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404", "404 Not Found\n"),
        ("GET /pairs/%41/5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200", "A 5\n"),
        ("GET /files/a/b?c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200", "\r\n\r\na/b"),
        ("GET /files/../x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400", "the target is malformed\n"),
        ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400", "the Host field is missing, doubled or malformed\n"),
        ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 501", "the method is not known here\n"),
        ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505", "only HTTP/1.0 and HTTP/1.1 are spoken here\n"),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 400",
            "the size of a chunk is malformed\n"
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", "HTTP/1.1 413",
            "the content is too large\n"
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n", "HTTP/1.1 413",
            "the content is too large\n"
        ),
        (
            "GET /short HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n", "HTTP/1.1 400",
            "the value of a field holds a control character\n"
        ),
    ])
    func `each request has its answer`(_ request: String, _ start: String, _ end: String) throws {
        let answer = try last(request)
        #expect(answer.hasPrefix(start))
        #expect(answer.hasSuffix(end))
    }

    @Test func `a head that is too large, and a target that is, are told so`() throws {
        let fields = String(repeating: "X: " + String(repeating: "y", count: 500) + "\r\n", count: 20)
        #expect(try last("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n").hasPrefix("HTTP/1.1 431"))
        #expect(try last("GET /" + String(repeating: "a", count: 9000)).hasPrefix("HTTP/1.1 414"))
        #expect(
            try last("GET /" + String(repeating: "a", count: 5000) + " HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix(
                "HTTP/1.1 414"))
    }

    @Test func `a client that waits to be told sends its content when it is, and not before`() throws {
        try run { bench in
            let connection = try bench.connect()
            try connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(try connection.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try connection.send("abc")
            #expect(try connection.receive(through: "abc").hasPrefix("HTTP/1.1 200 OK"))
            // Who refuses does not ask for it.
            try connection.send(
                "POST /nothing HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(try connection.receiveAll().hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test func `content that a handler does not read is passed over, little of it at least`() throws {
        try run { bench in
            let connection = try bench.connect()
            try connection.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n")
            try connection.send(
                String(repeating: "x", count: 5000) + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answer = try connection.receiveAll()
            #expect(answer.contains("ignored\n") && answer.hasSuffix("hello\n"))
        }
        let much =
            "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n"
            + String(repeating: "x", count: 200_000)
        #expect(try last(much).hasSuffix("ignored\n"))
    }

    @Test func `less than the head has promised ends the connection`() throws {
        try run { bench in
            let connection = try bench.connect()
            try connection.send("GET /short HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(throws: SocketError.self) { _ = try connection.receive(through: "never") }
        }
    }

    @Test func `slow ones are ended: heads, content, readers, and those that say nothing`() throws {
        var limits = HTTPLimits()
        limits.headTime = .seconds(5)
        limits.idleTime = .seconds(8)
        limits.stallTime = .seconds(3)
        try run(limits: limits) { bench in
            let head = try bench.connect()
            let start = SystemTime.now
            for _ in 0..<20 {
                guard (try? head.send("X")) != nil else { break }
                try Task.sleep(for: .milliseconds(400))
                if head.readableCount > 0 { break }
            }
            #expect(try head.receiveAll().hasPrefix("HTTP/1.1 408"))
            #expect(SystemTime.now - start < .seconds(8))

            let content = try bench.connect()
            try content.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
            #expect(throws: SocketError.reset) { _ = try content.receiveAll() }

            let reader = try bench.connect()
            try reader.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            try Task.sleep(for: .seconds(10))
            #expect(reader.failure == .reset)

            let silent = try bench.connect()
            #expect(try silent.receiveAll() == "")
            try Task.sleep(for: .seconds(10))
            #expect(bench.server.connectionCount == 0)
            #expect(bench.server.statistics.timeouts >= 4)
        }
    }

    @Test func `a target that is only a host means its root`() throws {
        try run { bench in
            for target in ["http://a", "http://a?x=y"] {
                let answer = try bench.exchange("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(answer.hasSuffix("hello\n"), "\(target): \(answer)")
            }
        }
    }

    @Test func `slow handlers do not hold up others, up to the number of workers`() throws {
        var limits = HTTPLimits()
        limits.workers = 4
        try run(limits: limits) { bench in
            let slow = try (0..<3).map { _ in try bench.connect() }
            for connection in slow { try connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") }
            try Task.sleep(for: .milliseconds(100))
            let start = SystemTime.now
            #expect(try bench.exchange("GET / HTTP/1.0\r\n\r\n").hasSuffix("hello\n"))
            #expect(SystemTime.now - start < .seconds(1))
            for connection in slow { #expect(try connection.receive(through: "slow\n").hasSuffix("slow\n")) }
        }
    }

    @Test func `hundreds of connections need few workers, and the oldest idle one makes room`() throws {
        var limits = HTTPLimits()
        limits.connections = 300
        try run(limits: limits) { bench in
            var connections: [TCPConnection] = []
            for _ in 0..<300 {
                let connection = try bench.connect()
                try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try connection.receive(through: "hello\n")
                connections.append(connection)
            }
            #expect(bench.server.connectionCount == 300)
            #expect(Tasks.count < 30)
            let another = try bench.connect()
            try another.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try another.receive(through: "hello\n")
            #expect(bench.server.statistics.evicted == 1)
            #expect(try connections[0].receiveAll() == "")
            try connections[299].send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try connections[299].receive(through: "hello\n").hasSuffix("hello\n"))
        }
    }

    @Test func `a client that vanishes leaves nothing behind`() throws {
        var limits = HTTPLimits()
        limits.idleTime = .seconds(5)
        try run(limits: limits) { bench in
            for _ in 0..<50 {
                let connection = try bench.connect()
                try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /lar")
                _ = try connection.receive(through: "hello\n")
                connection.abort()
            }
            try Task.sleep(for: .seconds(20))
            #expect(bench.server.connectionCount == 0)
            #expect(bench.pair.left.stack.connectionCount == 0)
        }
    }

    @Test func `a server with a clock sends the date`() throws {
        try ServerBench.run(prepare: { server in
            server.clock = { 784_111_777 }
            addHandlers(server)
        }) { bench in
            for request in ["GET / HTTP/1.0\r\n\r\n", "BAD\r\n\r\n"] {
                let answer = try bench.exchange(request)
                #expect(answer.contains("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))
            }
        }
    }
}

extension String {
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
