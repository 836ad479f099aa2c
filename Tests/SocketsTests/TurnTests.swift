import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Testing

/// Two hosts with two cables between them: 10.0.0.1 and 10.0.0.2 on the first, 10.0.1.1 and 10.0.1.2 on the second. The left one's devices
/// are unkind.
private struct Pair {
    let hosts: HostPair
    let first: UnkindDevice
    let second: UnkindDevice

    static let farAddress = IPv4Address(10, 0, 1, 2)

    static func run(_ body: (Pair) throws -> Void) throws {
        var first: UnkindDevice?
        let wrap = { (device: any NetworkDevice) -> any NetworkDevice in
            let unkind = UnkindDevice(device)
            unkind.maintenanceWait = .microseconds(first == nil ? 30 : 0)
            first = first ?? unkind
            return unkind
        }
        try HostPair.run(wrap: wrap) { (hosts) throws in
            let cable = try Cable(seed: 2)
            defer { cable.cut() }
            let second = UnkindDevice(cable.ends[0])
            cable.ends[0].work = hosts.left.work
            cable.ends[1].work = hosts.right.work
            let left = try hosts.left.attach(second, name: "second")
            let right = try hosts.right.attach(UnkindDevice(cable.ends[1]), name: "second")
            hosts.left.setAddress(
                InterfaceAddress(IPv4Address(10, 0, 1, 1), prefixLength: 24), gateway: nil, on: left)
            hosts.right.setAddress(InterfaceAddress(farAddress, prefixLength: 24), gateway: nil, on: right)
            hosts.left.work.raise()
            hosts.right.work.raise()
            try hosts.left.waitForLink(of: left)
            try hosts.right.waitForLink(of: right)
            try body(Pair(hosts: hosts, first: first!, second: second))
        }
    }
}

@Suite struct TurnTests {
    @Test func `a device is attached while another one's maintenance waits`() throws {
        var device: UnkindDevice?
        let wrap = { (end: any NetworkDevice) -> any NetworkDevice in
            let unkind = UnkindDevice(end)
            unkind.maintenanceWait = .milliseconds(30)
            unkind.maintenancePeriod = .milliseconds(100)
            device = device ?? unkind
            return unkind
        }
        try HostPair.run(wrap: wrap) { (pair) throws in
            let cable = try Cable(seed: 2)
            defer { cable.cut() }
            for _ in 0..<20 {
                try Task.sleep(for: .milliseconds(17))
                _ = pair.left.interfaces.map { pair.left.device(of: $0) === device }
            }
            _ = try pair.left.attach(cable.ends[0], name: "second")
            let server = try pair.right.openUDP(on: 53)
            try pair.left.openUDP().send([UInt8(1)].span.bytes, to: Endpoint(HostPair.rightAddress, 53))
            #expect(try server.receive(until: SystemTime.now + .seconds(1)).bytes == [1])
        }
    }

    @Test func `an interface that takes nothing does not keep other tasks from running`() throws {
        try Pair.run { pair in
            let listener = try pair.hosts.right.listen(on: 80)
            let stuck = try pair.hosts.left.connect(to: Endpoint(Pair.farAddress, 80))
            let other = try listener.accept()
            pair.second.isJammed = true
            try stuck.write(pattern(5000))
            var ticks = 0
            let ticker = try Task.spawn("ticker") { () throws(TaskError) in
                for _ in 0..<100 {
                    try Task.sleep(for: .milliseconds(10))
                    ticks += 1
                }
            }
            try Task.sleep(for: .milliseconds(1500))
            #expect(ticks == 100)
            try ticker.join()
            // Once it takes frames again, what waited goes on.
            pair.second.isJammed = false
            pair.hosts.left.work.raise()
            try stuck.flush(until: SystemTime.now + .seconds(30))
            #expect(other.readableCount == 5000)
        }
    }

    @Test func `for a day, services answer on one interface while the other takes nothing`() throws {
        try Pair.run { pair in
            let listener = try pair.hosts.right.listen(on: 80)
            let service = try pair.hosts.left.listen(on: 7)
            var stuck: [TCPConnection] = []
            var others: [TCPConnection] = []
            for _ in 0..<8 {
                stuck.append(try pair.hosts.left.connect(to: Endpoint(Pair.farAddress, 80)))
                others.append(try listener.accept())
            }
            pair.second.isJammed = true
            for connection in stuck { try connection.write(pattern(5000)) }
            let end = SystemTime.now + .seconds(24 * 3600)
            let server = try Task.spawn("service") { () throws(TaskError) in
                while true {
                    do throws(SocketError) {
                        let connection = try service.accept()
                        try connection.write(try connection.readSome())
                    } catch { return }
                }
            }
            var answers = 0
            while SystemTime.now < end {
                let client = try pair.hosts.right.connect(to: Endpoint(HostPair.leftAddress, 7))
                try client.write([1, 2, 3])
                #expect(try client.readSome(until: SystemTime.now + .seconds(1)) == [1, 2, 3])
                answers += 1
                try Task.sleep(for: .seconds(60))
            }
            #expect(answers == 1440 && others.count == 8)
            // Each of the dead interface's connections was given up in its time.
            for connection in stuck { #expect(connection.failure == .timedOut) }
            // Some rounds a second: maintenance, and what the service does.
            #expect(pair.first.arms < 24 * 3600 * 4)
            server.cancel()
            try server.join()
        }
    }

    @Test func `timestamps of TCP never go back, though a device takes its time between two segments`() throws {
        var clocks: [UInt32] = []
        var device: TimestampReader?
        let wrap = { (end: any NetworkDevice) -> any NetworkDevice in
            guard device == nil else { return end }
            let unkind = UnkindDevice(end)
            unkind.maintenanceWait = .milliseconds(7)
            unkind.maintenancePeriod = .milliseconds(20)
            let reader = TimestampReader(unkind)
            device = reader
            return reader
        }
        try HostPair.run(wrap: wrap) { (pair) throws in
            let listener = try pair.right.listen(on: 80)
            let left = try pair.left.connect(to: Endpoint(HostPair.rightAddress, 80))
            let right = try listener.accept()
            let echo = try Task.spawn("echo") { () throws(TaskError) in
                while let bytes = try? right.readSome(), !bytes.isEmpty { try? right.write(bytes) }
                right.finish()
            }
            let reader = try Task.spawn("reader") { () throws(TaskError) in
                while let bytes = try? left.readSome(), !bytes.isEmpty {}
            }
            for _ in 0..<800 {
                try left.write(pattern(100))
                try Task.sleep(for: .milliseconds(1))
            }
            left.finish()
            try reader.join()
            try echo.join()
            clocks = device!.clocks
        }
        #expect(clocks.count > 500)
        for index in 1..<clocks.count { #expect(Int32(bitPattern: clocks[index] &- clocks[index - 1]) >= 0) }
    }

    @Test func `thirty-two connections over the loopback come to an end`() throws {
        try HostPair.run { (pair) throws in
            let host = pair.left
            let listener = try host.listen(on: 80)
            var (received, ended) = (0, 0)
            let size = 100_000
            for _ in 0..<32 {
                let client = try host.connect(to: Endpoint(IPv4Address(127, 0, 0, 1), 80))
                let server = try listener.accept()
                try Task.spawn("writer") { () throws(TaskError) in
                    try? client.write(pattern(size), until: SystemTime.now + .seconds(600))
                    client.finish()
                    ended += 1
                }.detach()
                try Task.spawn("reader") { () throws(TaskError) in
                    received += ((try? server.readAll()) ?? []).count
                    ended += 1
                }.detach()
            }
            while ended < 64 { try Task.sleep(for: .milliseconds(1)) }
            #expect(received == 32 * size)
            // Nothing had to be sent again for want of a turn.
            #expect(SystemTime.now < Instant(nanoseconds: 20_000_000_000))
        }
    }
}
