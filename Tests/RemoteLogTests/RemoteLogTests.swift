import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Testing

@testable import RemoteLog

/// The log, sent to a collector in virtual time.
@Suite(.serialized) struct RemoteLogTests {
    private func encode(_ line: String, clock: SteeredClock.Reading? = nil, now: UInt64 = 0) -> String? {
        let bytes = Array(line.utf8)
        return SyslogMessage(bytes[...]).map {
            String(decoding: $0.encoded(host: "kitchen", number: 7, clock: clock, now: now), as: UTF8.self)
        }
    }

    @Test func `a line is a message with everything that a collector asks for`() {
        #expect(
            encode("[    1.234567] warning card: the clock: 25 MHz")
                == "<132>1 - kitchen card - - [meta sequenceId=\"7\" sysUpTime=\"123\"] the clock: 25 MHz")
        var clock = SteeredClock()
        clock.set(1_795_736_302_500_000_000, uncertainty: .seconds(1), at: Instant(nanoseconds: 10_000_000_000))
        let reading = clock.reading(at: Instant(nanoseconds: 10_000_000_000))
        #expect(
            encode("[    9.250000] critical a b: x", clock: reading, now: 10_000_000)
                == "<130>1 2026-11-26T23:38:21.750000Z kitchen a_b - - [meta sequenceId=\"7\" sysUpTime=\"925\"] x")
        for (level, code) in [("error", 131), ("notice", 133), ("info", 134), ("debug", 135), ("trace", 135)] {
            #expect(encode("[    0.000000] \(level) m: t")?.hasPrefix("<\(code)>1 - ") == true)
        }
        for line in ["", "x", "[", "[1.2]", "[1.2] loud m: t", "[1.2] info m"] { #expect(encode(line) == nil) }
    }

    private static let logger = Logger(label: "test")

    @Test func `datagrams carry what was logged before and after`() throws {
        try HostPair.run { pair in
            let socket = try pair.left.openUDP(on: RemoteLog.port)
            Self.logger.info("first")
            let log = RemoteLog(
                pair.right, to: Endpoint(HostPair.leftAddress, RemoteLog.port), hostName: "kitchen")
            let task = try Task.spawn("syslog") { () throws(TaskError) in try log.run() }
            var found: [String] = []
            func receive(until end: String) throws {
                while found.last?.hasSuffix(end) != true {
                    var bytes = [UInt8](repeating: 0, count: 2000)
                    let count = try Self.receive(socket, &bytes)
                    found.append(String(decoding: bytes[..<count], as: UTF8.self))
                }
            }
            try receive(until: "] first")
            Self.logger.info("second")
            try receive(until: "] second")
            #expect(found.last?.hasPrefix("<134>1 ") == true)
            // Numbers without a gap tell that nothing was lost.
            for (index, text) in found.enumerated() { #expect(text.contains("sequenceId=\"\(index + 1)\"")) }
            task.cancel()
            try? task.join()
        }
    }

    private static func receive(_ socket: UDPSocket, _ bytes: inout [UInt8]) throws -> Int {
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        return try socket.receive(into: &raw, until: SystemTime.now + .seconds(5)).length
    }

    @Test func `a connection that is lost is made again, and nothing twice or never`() throws {
        try HostPair.run { pair in
            Self.logger.info("begin")
            let log = RemoteLog(
                pair.right, to: Endpoint(HostPair.leftAddress, RemoteLog.port), by: .tcp, hostName: "kitchen")
            let task = try Task.spawn("syslog") { () throws(TaskError) in try log.run() }
            // Nobody listens yet.
            try Task.sleep(for: .seconds(5))
            #expect(log.sent == 0)
            let listener = try pair.left.listen(on: RemoteLog.port)
            var text = ""
            func receive(_ connection: TCPConnection, until end: String) throws {
                while !text.hasSuffix(end) {
                    var bytes = [UInt8](repeating: 0, count: 2000)
                    let count = try Self.receive(connection, &bytes)
                    if count == 0 { return }
                    text += String(decoding: bytes[..<count], as: UTF8.self)
                }
            }
            let first = try listener.accept(until: SystemTime.now + .seconds(30))
            try receive(first, until: "begin")
            first.abort()
            for index in 0..<5 {
                Self.logger.info("number \(UInt64(index))")
                try Task.sleep(for: .seconds(1))
            }
            let second = try listener.accept(until: SystemTime.now + .seconds(90))
            try receive(second, until: "number 4")
            for index in 0..<5 { #expect(text.ranges(of: "] number \(index)").count == 1) }
            // Each message has its length before it (RFC 6587).
            let bytes = Array(text.utf8)
            var offset = 0
            while offset < bytes.count, let space = bytes[offset...].firstIndex(of: 0x20) {
                let length = try #require(Int(String(decoding: bytes[offset..<space], as: UTF8.self)))
                #expect(bytes[space + 1] == 0x3C)
                offset = space + 1 + length
            }
            #expect(offset == bytes.count)
            task.cancel()
            try? task.join()
        }
    }

    private static func receive(_ connection: TCPConnection, _ bytes: inout [UInt8]) throws -> Int {
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        return try connection.read(into: &raw, until: SystemTime.now + .seconds(100))
    }

    @Test func `what the log could not keep is counted`() throws {
        try HostPair.run { pair in
            let socket = try pair.left.openUDP(on: RemoteLog.port)
            Self.logger.info("one")
            let log = RemoteLog(
                pair.right, to: Endpoint(HostPair.leftAddress, RemoteLog.port), hostName: "kitchen")
            let task = try Task.spawn("syslog") { () throws(TaskError) in try log.run() }
            try Task.sleep(for: .seconds(1))
            for index in 0..<1000 { Self.logger.info("a message that takes its room, number \(UInt64(index))") }
            try Task.sleep(for: .seconds(1))
            #expect(log.lost > 10_000)
            var last = ""
            var isTold = false
            while let count = try? { () throws -> Int in
                var bytes = [UInt8](repeating: 0, count: 2000)
                let count = try Self.receive(socket, &bytes)
                last = String(decoding: bytes[..<count], as: UTF8.self)
                return count
            }(), count > 0 {
                if last.hasSuffix("bytes of the log were lost") { isTold = true }
            }
            // The socket keeps what it has room for; the notice comes first.
            #expect(isTold)
            task.cancel()
            try? task.join()
        }
    }
}
