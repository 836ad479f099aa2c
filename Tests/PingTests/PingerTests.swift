import Interfaces
import Network
import PingEngine
import Runtime
import Sockets
import TaskBench
import Testing

@Suite struct PingerTests {
    /// The statistics of `count` requests from left to `address`, and the lines that were said.
    private func ping(
        _ pair: HostPair, _ address: IPv4Address = HostPair.rightAddress, count: Int
    ) throws(SocketError) -> (PingStatistics, [String]) {
        var lines: [String] = []
        let statistics = try Pinger(pair.left, IPAddress(address)).run(count: count) {
            lines.append(String(decoding: $0.bytes, as: UTF8.self))
        }
        return (statistics, lines)
    }

    @Test func `every request is answered, in the time that the cable takes`() throws {
        try HostPair.run { (pair) throws in
            pair.cable.delay = .milliseconds(5)
            let (statistics, lines) = try ping(pair, count: 4)
            #expect(statistics.sent == 4 && statistics.answered == 4 && statistics.lossPercent == 0)
            #expect(lines[1] == "64 bytes from 10.0.0.2: icmp_seq=2 time=10.000 ms")
            let summary = statistics.lines.map { String(decoding: $0.bytes, as: UTF8.self) }
            #expect(summary[0] == "4 packets transmitted, 4 received, 0% packet loss")
            #expect(summary[1].hasPrefix("rtt min/avg/max = 10.000/"))
        }
    }

    @Test func `what is lost is counted, and pinging goes on`() throws {
        try HostPair.run(seed: 7) { (pair) throws in
            _ = try ping(pair, count: 1)
            pair.cable.loss = 300
            let (statistics, _) = try ping(pair, count: 40)
            #expect(statistics.sent == 40)
            #expect((5..<36).contains(statistics.answered))
        }
    }

    @Test func `nobody there is no answer and no end`() throws {
        try HostPair.run { (pair) throws in
            let (statistics, _) = try ping(pair, IPv4Address(10, 0, 0, 9), count: 2)
            #expect(statistics.sent == 2 && statistics.answered == 0 && statistics.lossPercent == 100)
        }
    }

    @Test func `without a route the first request says so`() throws {
        try HostPair.run { (pair) throws in
            #expect(throws: SocketError.unreachable) { try ping(pair, IPv4Address(192, 0, 2, 1), count: 2) }
        }
    }

    @Test func `without a count it goes on until it is cancelled, and still says what came of it`() throws {
        try HostPair.run { (pair) throws in
            var statistics: PingStatistics?
            let task = try Task.spawn("ping") { () throws(TaskError) in
                statistics = try? Pinger(pair.left, IPAddress(HostPair.rightAddress)).run { _ in }
            }
            try Task.sleep(for: .milliseconds(3500))
            task.cancel()
            try task.join()
            #expect(statistics?.sent == 4 && statistics?.answered == 4)
        }
    }

    @Test func `this host answers itself`() throws {
        try HostPair.run { (pair) throws in
            #expect(try ping(pair, .loopback, count: 2).0.answered == 2)
            #expect(try ping(pair, HostPair.leftAddress, count: 2).0.answered == 2)
        }
    }
}
