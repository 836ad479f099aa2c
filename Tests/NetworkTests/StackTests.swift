import Interfaces
import Testing

@testable import Network

struct StackPacketTests {
    @Test func `a route that a lease brought goes with it, and takes none away that leads to the same place`() throws {
        let pair = StackPair()
        let network = try #require(IPv4Prefix(IPv4Address(10, 0, 0, 0), length: 24))
        let before = pair.left.stack.routingTable
        let interface = pair.left.interface
        try pair.left.stack.addRoute(to: network, by: nil, on: interface, metric: 1, owner: .lease)
        try pair.left.stack.addRoute(to: network, by: pair.right.address, on: interface, metric: 1, owner: .lease)
        try pair.left.stack.addRoute(to: .everything, by: pair.right.address, on: interface)
        try pair.left.stack.addRoute(to: .everything, by: pair.right.address, on: interface, owner: .lease)
        pair.left.stack.removeRoutes(of: .lease, on: interface)
        #expect(pair.left.stack.routingTable.count == before.count + 1)
        pair.left.stack.removeRoutes(of: .user, on: interface)
        #expect(pair.left.stack.routingTable == before)
    }

    @Test func `an echo request comes back, asking for the neighbour first`() throws {
        let pair = StackPair()
        let socket = try pair.left.stack.openEcho()
        try pair.left.send([1, 2, 3], from: socket, to: Endpoint(pair.right.address, 7), now: pair.now)
        pair.run(for: .seconds(1))
        let answer = try #require(try pair.left.receive(from: socket))
        #expect(answer.bytes == [1, 2, 3] && answer.sender == Endpoint(pair.right.address, 7))
        #expect(pair.left.stack.statistics.unreachable == 0)
    }

    @Test(arguments: [0, 1, 1472, 1473, 3000, 8000])
    func `a datagram of any size arrives, in pieces if need be`(count: Int) throws {
        let pair = StackPair()
        let sender = try pair.left.stack.openUDP(Endpoint(.unspecified, 0))
        let receiver = try pair.right.stack.openUDP(Endpoint(.unspecified, 53))
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        try pair.left.send(bytes, from: sender, to: Endpoint(pair.right.address, 53), now: pair.now)
        pair.run(for: .seconds(2))
        let datagram = try #require(try pair.right.receive(from: receiver))
        #expect(datagram.bytes == bytes)
        #expect(datagram.sender == Endpoint(pair.left.address, pair.left.stack.port(of: sender)))
    }

    @Test func `RFC 6864: each packet that may be cut has a number of its own`() throws {
        let pair = StackPair()
        var numbers: [UInt16] = []
        pair.filter = { toLeft, frame in
            if !toLeft, frame.word16(12) == 0x0800 {
                let isAtomic = frame.word16(20) & 0x4000 != 0
                if !isAtomic { numbers.append(frame.word16(18)) }
            }
            return true
        }
        let sender = try pair.left.stack.openUDP(Endpoint(.unspecified, 0))
        let echo = try pair.left.stack.openEcho()
        for _ in 0..<5 {
            try pair.left.send([1], from: sender, to: Endpoint(pair.right.address, 9), now: pair.now)
            try pair.left.send([1], from: echo, to: Endpoint(pair.right.address, 1), now: pair.now)
            pair.run(for: .seconds(1))
        }
        #expect(numbers.count == 10 && Set(numbers).count == 10)
    }

    @Test(arguments: [IPProtocol.udp, .icmp, IPProtocol(rawValue: 253), .tcp])
    func `RFC 5927: a report about what was never sent does not shorten the path`(_ kind: IPProtocol) throws {
        let pair = StackPair()
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        let id = try pair.left.stack.connect(to: Endpoint(pair.right.address, 80), now: pair.now)
        pair.left.stack.flush(pair.now, into: &pair.left.cable)
        pair.run(for: .seconds(1))
        _ = pair.right.stack.accept(from: listener)
        let before = pair.left.stack.ask(id) { $0.payloadLimit }
        var quoted = IPv4Header(kind, from: pair.left.address, to: pair.right.address, payloadLength: 1400)
        quoted.dontFragment = true
        let start: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let kind = ICMPv4Message.Kind.unreachable(.fragmentationNeeded, nextHopMTU: 600)
        let message = PacketHead(error: kind, about: quoted, start.span.bytes)
        let count = message.bytes.byteCount + start.count
        let frame = written(EthernetHeader.length + IPv4Header.length + count) { frame in
            EthernetHeader(
                destination: pair.left.stack.hardwareAddress(of: pair.left.interface),
                source: HardwareAddress(bits: 0x0200_0000_00FF), type: .ipv4
            ).emit(into: &frame)
            var packet = frame._mutatingExtracting(EthernetHeader.length..<frame.byteCount)
            IPv4Header(.icmp, from: pair.right.address, to: pair.left.address, payloadLength: count).emit(into: &packet)
            packet.copy(message.bytes, to: IPv4Header.length)
            packet.copy(start.span.bytes, to: IPv4Header.length + message.bytes.byteCount)
        }
        let errors = pair.left.stack.statistics.receivedICMP
        pair.left.cable.now = pair.now
        pair.left.stack.receive(
            frame.span.bytes, checksum: .unknown, on: pair.left.interface, now: pair.now, into: &pair.left.cable)
        #expect(pair.left.stack.statistics.receivedICMP == errors + 1)
        let after = pair.left.stack.ask(id) { $0.payloadLimit }
        #expect(before != nil && after == before)
    }

    @Test func `a port that nobody has is reported to the socket that asked`() throws {
        let pair = StackPair()
        let remote = Endpoint(pair.right.address, 9)
        let socket = try pair.left.stack.openUDP(Endpoint(.unspecified, 0), remote: remote)
        try pair.left.send([1], from: socket, to: remote, now: pair.now)
        pair.run(for: .seconds(1))
        #expect(throws: StackError.refused) { try pair.left.receive(from: socket) }
        #expect(try pair.left.receive(from: socket) == nil)
    }

    @Test func `a full queue drops and counts, and goes on`() throws {
        var configuration = NetworkStack.Configuration()
        configuration.datagramQueueSize = 300
        let pair = StackPair(configuration: configuration)
        let sender = try pair.left.stack.openUDP(Endpoint(.unspecified, 0))
        let receiver = try pair.right.stack.openUDP(Endpoint(.unspecified, 53))
        for round in 0..<20 {
            for number in 0..<4 {
                let bytes = [UInt8](repeating: UInt8(round * 4 + number), count: 90)
                try pair.left.send(bytes, from: sender, to: Endpoint(pair.right.address, 53), now: pair.now)
            }
            pair.run(for: .seconds(1))
            #expect(try pair.right.receive(from: receiver)?.bytes == [UInt8](repeating: UInt8(round * 4), count: 90))
            #expect(try pair.right.receive(from: receiver)?.bytes.first == UInt8(round * 4 + 1))
            while try pair.right.receive(from: receiver) != nil {}
        }
        #expect(pair.right.stack.statistics.queueFull == 40)
    }

    @Test func `without a route nothing is sent`() throws {
        let pair = StackPair()
        let socket = try pair.left.stack.openUDP(Endpoint(.unspecified, 0))
        let far = Endpoint(IPv4Address(192, 0, 2, 1), 53)
        #expect(throws: StackError.noRoute) { try pair.left.send([1], from: socket, to: far, now: pair.now) }
        #expect(throws: StackError.noRoute) { try pair.left.stack.connect(to: far, now: pair.now) }
    }

    @Test func `what goes to this host itself loops back`() throws {
        let pair = StackPair()
        let sender = try pair.left.stack.openUDP(Endpoint(.unspecified, 0))
        let receiver = try pair.left.stack.openUDP(Endpoint(.unspecified, 53))
        for address in [IPv4Address.loopback, pair.left.address] {
            try pair.left.send([5], from: sender, to: Endpoint(address, 53), now: pair.now)
            #expect(try pair.left.receive(from: receiver)?.bytes == [5])
        }
        #expect(pair.left.cable.deadline == .never)
    }

    @Test func `frames for others and rubbish are counted and change nothing`() throws {
        let pair = StackPair()
        var random = Seeded(7)
        for _ in 0..<3000 {
            var frame = random.bytes(random.below(200))
            if frame.count > 14 {
                for index in 0..<6 { frame[index] = pair.left.stack.hardwareAddress(of: pair.left.interface)[index] }
                frame[12] = 8
                frame[13] = random.below(2) == 0 ? 0 : 6
                frame[14] = 0x45
            }
            let host = pair.left
            host.stack.receive(
                frame.span.bytes, checksum: .verified, on: host.interface, now: pair.now, into: &host.cable)
        }
        let statistics = pair.left.stack.statistics
        #expect(statistics.malformed + statistics.notForUs + statistics.checksumErrors + statistics.martians > 2900)
    }
}
