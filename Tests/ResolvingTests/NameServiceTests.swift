import DNS
import Interfaces
import Network
import Resolving
import Runtime
import Sockets
import TaskBench
import Testing

private let address = IPv4Address(192, 0, 2, 7)

/// Runs `body` with a service on the left host that asks a server on the right one.
private func withServer(_ seed: UInt64 = 1, _ body: (HostPair, NameServer, NameService) throws -> Void) throws {
    try HostPair.run(seed: seed) { (pair) throws in
        let server = NameServer(pair.right)
        server.zone["apus.test"] = [address, IPv4Address(192, 0, 2, 8)]
        let first = try server.startDatagrams()
        let second = try server.startStreams()
        let names = NameService(pair.left, ResolverConfiguration(servers: [HostPair.rightAddress]))
        try body(pair, server, names)
        first.cancel()
        second.cancel()
        try first.join()
        try second.join()
    }
}

/// What a question came to.
private func outcome(_ body: () throws(ResolveError) -> [IPAddress]) -> Result<[IPAddress], ResolveError> {
    do throws(ResolveError) { return .success(try body()) } catch { return .failure(error) }
}

@Suite struct NameServiceTests {
    @Test func `a name has the addresses that the server says, and is asked for once`() throws {
        try withServer { (_, server, names) throws in
            for _ in 0..<3 {
                #expect(try names.resolve("apus.test") == [IPAddress(address), IPAddress(IPv4Address(192, 0, 2, 8))])
            }
            #expect(server.asked == ["apus.test"])
            #expect(names.cachedCount == 1)
        }
    }

    @Test func `numbers and localhost are answered without a server`() throws {
        try HostPair.run { (pair) throws in
            let names = NameService(pair.left)
            #expect(try names.resolve("10.1.2.3") == [IPAddress(IPv4Address(10, 1, 2, 3))])
            #expect(try names.resolve("localhost") == [IPAddress(.loopback)])
            #expect(outcome { () throws(ResolveError) in try names.resolve("apus.test") } == .failure(.noServers))
            #expect(outcome { () throws(ResolveError) in try names.resolve("a..b") } == .failure(.malformedName))
        }
    }

    @Test func `a name that is not there is said not to be`() throws {
        try withServer { (_, _, names) throws in
            #expect(outcome { () throws(ResolveError) in try names.resolve("nobody.test") } == .failure(.noSuchName))
        }
    }

    @Test func `what is cut off in a datagram comes by a connection`() throws {
        try withServer { (_, server, names) throws in
            server.zone["long.test"] = (0..<60).map { IPv4Address(10, 9, 8, $0) }
            server.truncated = ["long.test"]
            #expect(try names.resolve("long.test").count == 32)
            #expect(server.asked == ["long.test"] && server.askedByStream == ["long.test"])
        }
    }

    @Test func `every query has a port of its own`() throws {
        try withServer { (_, server, names) throws in
            for number in 0..<20 {
                server.zone["host\(number).test"] = [address]
                _ = try names.resolve("host\(number).test")
            }
            #expect(Set(server.ports).count >= 19)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `what is lost is asked again`(seed: UInt64) throws {
        try withServer(seed) { (pair, _, names) throws in
            pair.cable.loss = 150
            #expect(try names.resolve("apus.test", until: SystemTime.now + .seconds(30)).count == 2)
        }
    }

    @Test func `a silent server is given up at the deadline, and leaves no socket and no task`() throws {
        try withServer { (pair, server, names) throws in
            server.isSilent = true
            let before = Tasks.count
            let deadline = SystemTime.now + .seconds(3)
            let asking = { () throws(ResolveError) in try names.resolve("apus.test", until: deadline) }
            #expect(outcome(asking) == .failure(.timedOut))
            #expect(SystemTime.now >= deadline)
            try Task.sleep(for: .milliseconds(1))
            #expect(Tasks.count == before)
            // All 64 sockets are there to be had.
            var sockets: [UDPSocket] = []
            while let socket = try? pair.left.openUDP() { sockets.append(socket) }
            #expect(sockets.count == 64)
        }
    }

    @Test func `a dead server is passed over for the next`() throws {
        try withServer { (_, _, names) throws in
            names.configure(
                ResolverConfiguration(servers: [IPv4Address(10, 0, 0, 99), HostPair.rightAddress]))
            #expect(try names.resolve("apus.test", until: SystemTime.now + .seconds(20)).count == 2)
        }
    }

    @Test func `cancelling ends a question and nobody else's`() throws {
        try withServer { (_, server, names) throws in
            server.isSilent = true
            var results: [Result<[IPAddress], ResolveError>] = []
            func asker(_ seconds: UInt64) throws(TaskError) -> Task {
                try Task.spawn("asker") { () throws(TaskError) in
                    let deadline = SystemTime.now + .seconds(seconds)
                    results.append(
                        outcome { () throws(ResolveError) in try names.resolve("apus.test", until: deadline) })
                }
            }
            let first = try asker(20)
            let second = try asker(20)
            try Task.sleep(for: .milliseconds(500))
            first.cancel()
            try first.join()
            server.isSilent = false
            try second.join()
            #expect(results[0] == .failure(.cancelled))
            #expect(try results[1].get().count == 2)
        }
    }

    @Test func `many tasks ask at once, and the same question is one query`() throws {
        try withServer { (_, server, names) throws in
            for number in 0..<6 { server.zone["host\(number).test"] = [IPv4Address(10, 9, 0, UInt8(number))] }
            var right = 0
            var done = 0
            for number in 0..<24 {
                try Task.spawn("asker") { () throws(TaskError) in
                    defer { done += 1 }
                    let found = try? names.resolve("host\(number % 6).test")
                    if found == [IPAddress(IPv4Address(10, 9, 0, UInt8(number % 6)))] { right += 1 }
                }.detach()
            }
            while done < 24 { try Task.sleep(for: .milliseconds(10)) }
            #expect(right == 24)
            #expect(server.asked.count == 6)
        }
    }

    @Test func `a search list completes short names`() throws {
        try withServer { (_, server, names) throws in
            server.zone["kitchen.home.test"] = [address]
            names.configure(
                ResolverConfiguration(
                    servers: [HostPair.rightAddress], searchList: [try #require(DNSName("home.test"))]))
            #expect(try names.resolve("kitchen") == [IPAddress(address)])
        }
    }
}
