import HTTP
import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Web

/// A server at 10.0.0.1 and a client at 10.0.0.2, in virtual time.
struct ServerBench {
    let pair: HostPair
    let server: HTTPServer

    /// Runs `body` with a server that `prepare` has given its handlers.
    static func run(
        limits: HTTPLimits = HTTPLimits(), prepare: (HTTPServer) -> Void = { _ in },
        _ body: (ServerBench) throws -> Void
    ) throws {
        try HostPair.run { pair in
            let server = HTTPServer(pair.left, limits: limits)
            prepare(server)
            let task = try Task.spawn("server") { () throws(TaskError) in try? server.run() }
            try Task.sleep(for: .milliseconds(1))
            try body(ServerBench(pair: pair, server: server))
            task.cancel()
            try? task.join()
        }
    }

    func connect() throws -> TCPConnection {
        try pair.right.connect(to: Endpoint(HostPair.leftAddress, 80), until: SystemTime.now + .seconds(5))
    }

    /// Sends `text` over a connection of its own and returns all that comes until the server closes, or until 30 s have passed.
    func exchange(_ text: String) throws -> String {
        let connection = try connect()
        try connection.send(text)
        return try connection.receiveAll()
    }
}

extension TCPConnection {
    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        try write(bytes.span.bytes, until: SystemTime.now + .seconds(30))
    }

    /// What comes next, at most `limit` bytes; nil at the end of the stream.
    func receiveBytes(limit: Int = 65536, for interval: Interval = .seconds(30)) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = try fill(&bytes, until: SystemTime.now + interval)
        return count == 0 ? nil : Array(bytes[..<count])
    }

    /// The same as text.
    func receive(for interval: Interval = .seconds(30)) throws -> String? {
        try receiveBytes(for: interval).map { String(decoding: $0, as: UTF8.self) }
    }

    private func fill(_ bytes: inout [UInt8], until deadline: Instant) throws -> Int {
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        return try read(into: &raw, until: deadline)
    }

    /// Everything up to the end of the stream.
    func receiveAll(for interval: Interval = .seconds(30)) throws -> String {
        var text = ""
        while let part = try receive(for: interval) { text += part }
        return text
    }

    /// What comes until `end` has.
    func receive(through end: String) throws -> String {
        var text = ""
        while !text.hasSuffix(end), let part = try receive() { text += part }
        return text
    }
}
