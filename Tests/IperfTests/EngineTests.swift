import Interfaces
import IperfEngine
import IperfProtocol
import Network
import Runtime
import Sockets
import TaskBench
import Testing

@Suite struct EngineTests {
    private typealias Outcome = Result<IperfReport, IperfError>

    /// Runs `body` with a server on the right host; afterwards `reports` has what it said.
    private func withServer(
        seed: UInt64 = 1, _ body: (HostPair, _ reports: () -> [Result<IperfReport, IperfError>]) throws -> Void
    ) throws {
        try HostPair.run(seed: seed) { (pair) throws in
            // What is sent without end would keep the simulated processor busy.
            pair.cable.rate = 10_000_000
            var reports: [Result<IperfReport, IperfError>] = []
            let server = IperfServer(pair.right) { reports.append($0) }
            let task = try Task.spawn("server") { () throws(TaskError) in try? server.run() }
            try Task.sleep(for: .milliseconds(1))
            try body(pair, { reports })
            task.cancel()
            try task.join()
            try Task.sleep(for: .seconds(1))
        }
    }

    private func client(_ pair: HostPair, _ change: (inout IperfClient) -> Void) -> IperfClient {
        var client = IperfClient(pair.left, Endpoint(HostPair.rightAddress, IperfServer.standardPort))
        change(&client)
        return client
    }

    @Test(arguments: [1, 3], [false, true])
    func `a number of bytes arrives and both ends say so`(streams: Int, isReversed: Bool) throws {
        try withServer { (pair, reports) throws in
            let report = try client(pair) {
                $0.parameters.streamCount = streams
                $0.parameters.isReversed = isReversed
                $0.parameters.byteCount = 600_000
                $0.parameters.seconds = 0
                $0.parameters.blockSize = 50_000
            }.run()
            #expect(isReversed ? report.received == 600_000 : report.sent == 600_000)
            #expect(isReversed ? report.sent == 0 : report.received == 0)
            let peer = try #require(report.peer)
            #expect(peer.bytes == 600_000)
            #expect(peer.streams.map { $0.identifier } == Array([1, 3, 4].prefix(streams)))
            try Task.sleep(for: .milliseconds(100))
            let other = try #require(reports().first).get()
            #expect((isReversed ? other.sent : other.received) == 600_000)
            #expect(other.elapsed.nanoseconds > 0)
        }
    }

    @Test func `a test by time ends in time, whatever is lost`() throws {
        try withServer { (pair, _) throws in
            pair.cable.loss = 20
            let start = SystemTime.now
            let report = try client(pair) { $0.parameters.seconds = 1 }.run()
            #expect(report.sent > 0)
            #expect((SystemTime.now - start).nanoseconds < 20_000_000_000)
            let peer = try #require(report.peer)
            #expect(peer.bytes <= report.sent && peer.bytes > 0)
        }
    }

    @Test func `what is lent is what arrives`() throws {
        try withServer { (pair, _) throws in
            let report = try client(pair) {
                $0.lends = true
                $0.parameters.byteCount = 400_000
                $0.parameters.seconds = 0
            }.run()
            #expect(try #require(report.peer).bytes == report.sent)
            #expect(report.sent >= 400_000)
        }
    }

    @Test func `both directions at once`() throws {
        try withServer { (pair, reports) throws in
            let report = try client(pair) {
                $0.parameters.isBidirectional = true
                $0.parameters.seconds = 1
            }.run()
            #expect(report.sent > 0 && report.received > 0 && report.streamCount == 2)
            try Task.sleep(for: .milliseconds(100))
            let other = try reports()[0].get()
            #expect(other.received > 0)
        }
    }

    @Test func `one test follows another, and a second client meanwhile is told that the server is busy`() throws {
        try withServer { (pair, reports) throws in
            var second: IperfError?
            let other = try Task.spawn("second client") { () throws(TaskError) in
                try Task.sleep(for: .milliseconds(300))
                do throws(IperfError) { _ = try client(pair) { $0.parameters.seconds = 1 }.run() } catch {
                    second = error
                }
            }
            _ = try client(pair) { $0.parameters.seconds = 1 }.run()
            try other.join()
            #expect(second == .busy)
            _ = try client(pair) { $0.parameters.seconds = 1 }.run()
            try Task.sleep(for: .milliseconds(100))
            #expect(reports().count == 2)
        }
    }

    @Test func `a client that asks for UDP gets the error that iperf3 prints`() throws {
        try withServer { (pair, reports) throws in
            let connection = try pair.left.connect(to: Endpoint(HostPair.rightAddress, IperfServer.standardPort))
            let cookie = IperfCookie { 7 }
            try connection.write(cookie.bytes.span.bytes)
            #expect(try read(connection, 1) == [IperfState.exchangeParameters.rawValue])
            let asked = JSON.object([.init("udp", .bool(true))])
            try connection.write(IperfMessage.bytes(asked).span.bytes)
            #expect(try read(connection, 9) == [254, 0, 0, 0, 13, 0, 0, 0, 0])
            try Task.sleep(for: .milliseconds(100))
            #expect(throws: IperfError.refused(.notTCP)) { try reports()[0].get() }
        }
    }

    @Test func `a client that vanishes in the middle frees the server for the next`() throws {
        try withServer { (pair, reports) throws in
            let task = try Task.spawn("client") { () throws(TaskError) in
                _ = try? client(pair) { $0.parameters.seconds = 100 }.run()
            }
            try Task.sleep(for: .milliseconds(200))
            task.cancel()
            try task.join()
            try Task.sleep(for: .seconds(1))
            #expect(reports().count == 1)
            #expect(try client(pair) { $0.parameters.seconds = 1 }.run().sent > 0)
        }
    }

    private func read(_ connection: TCPConnection, _ count: Int) throws(SocketError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        let length = try connection.read(into: &raw, until: SystemTime.now + .seconds(5))
        return Array(bytes[..<length])
    }
}
