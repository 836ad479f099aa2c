import Interfaces
import Testing

@testable import Network

private let here = IPv4Address(10, 0, 0, 1)
private let there = IPv4Address(10, 0, 0, 2)
private let first = InterfaceID(rawValue: 0)
private let second = InterfaceID(rawValue: 1)

private func network(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ length: Int) -> IPv4Prefix {
    IPv4Prefix(IPv4Address(a, b, c, d), length: length)!
}

struct RoutingTests {
    @Test(arguments: 0..<24) func `the longest prefix wins, whatever the order of adding`(seed: Int) {
        var random = Seeded(seed)
        var table = RoutingTable()
        let gateway = IPv4Address(10, 0, 0, 254)
        for route in [
            Route(to: .everything, by: gateway, on: first, from: here),
            Route(to: network(10, 0, 0, 0, 24), on: first, from: here),
            Route(to: network(10, 0, 0, 128, 25), on: second, from: there),
            Route(to: network(10, 0, 0, 0, 8), on: second, from: there),
        ].shuffled(using: &random) { #expect(table.add(route) == true) }
        #expect(table.route(to: IPv4Address(10, 0, 0, 200))?.interface == second)
        #expect(table.route(to: IPv4Address(10, 0, 0, 7))?.destination.length == 24)
        #expect(table.route(to: IPv4Address(10, 9, 9, 9))?.destination.length == 8)
        #expect(table.route(to: IPv4Address(8, 8, 8, 8))?.nextHop(to: IPv4Address(8, 8, 8, 8)) == gateway)
        #expect(table.route(to: IPv4Address(10, 0, 0, 200), on: first)?.destination.length == 24)
    }

    @Test func `of two ways to one network the lower metric is taken, and the other when it goes`() {
        var table = RoutingTable()
        #expect(table.add(Route(to: .everything, by: there, on: second, from: here, metric: 20)) == true)
        #expect(table.add(Route(to: .everything, by: here, on: first, from: here, metric: 10)) == true)
        #expect(table.route(to: IPv4Address(1, 1, 1, 1))?.interface == first)
        table.removeAll(on: first)
        #expect(table.route(to: IPv4Address(1, 1, 1, 1))?.interface == second)
        table.removeAll(of: .user, on: second)
        #expect(table.route(to: IPv4Address(1, 1, 1, 1)) == nil)
    }

    @Test func `a full table refuses, and the same route is replaced`() {
        var table = RoutingTable(capacity: 1)
        #expect(table.add(Route(to: .everything, by: there, on: first, from: here, metric: 1)) == true)
        #expect(table.add(Route(to: .everything, by: there, on: first, from: here, metric: 2)) == true)
        #expect(table.add(Route(to: network(10, 0, 0, 0, 8), on: first, from: here)) == false)
        #expect(table.routes.map(\.metric) == [2])
    }
}

struct ReceptionTests {
    private let local = InterfaceAddress(here, prefixLength: 24)

    private func judge(_ source: String, _ destination: String, _ local: InterfaceAddress?) -> IPv4Reception {
        let header = IPv4Header(.udp, from: IPv4Address(source)!, to: IPv4Address(destination)!, payloadLength: 8)
        return IPv4Reception(header, local: local) { $0 == IPv4Address(224, 0, 0, 251) }
    }

    @Test(arguments: [
        ("10.0.0.2", "10.0.0.1", IPv4Reception.unicast), ("8.8.8.8", "10.0.0.1", .unicast),
        ("10.0.0.2", "10.0.0.255", .broadcast), ("10.0.0.2", "255.255.255.255", .broadcast),
        ("0.0.0.0", "255.255.255.255", .broadcast), ("10.0.0.2", "224.0.0.251", .multicast),
        ("10.0.0.2", "224.0.0.9", .notForUs), ("10.0.0.2", "10.0.0.3", .notForUs), ("10.0.0.2", "240.0.0.1", .notForUs),
        ("0.0.0.0", "10.0.0.1", .martian), ("127.0.0.1", "10.0.0.1", .martian), ("10.0.0.2", "127.0.0.1", .martian),
        ("224.0.0.1", "10.0.0.1", .martian), ("255.255.255.255", "10.0.0.1", .martian),
        ("10.0.0.255", "10.0.0.1", .martian), ("10.0.0.1", "10.0.0.1", .martian), ("10.0.0.2", "0.0.0.0", .martian),
        ("240.1.1.1", "10.0.0.1", .martian),
    ])
    func `addresses are judged by RFC 1122 section 3.2.1.3`(source: String, destination: String, result: IPv4Reception)
    {
        #expect(judge(source, destination, local) == result)
    }

    @Test func `without an address only what is for all is taken`() {
        #expect(judge("10.0.0.2", "10.0.0.1", nil) == .notForUs)
        #expect(judge("10.0.0.2", "255.255.255.255", nil) == .broadcast)
    }

    @Test func `loopback takes its own`() {
        let header = IPv4Header(.udp, from: .loopback, to: .loopback, payloadLength: 0)
        #expect(IPv4Reception(header, local: nil, isLoopback: true) { _ in false } == .unicast)
    }
}

struct PathMTUTests {
    @Test func `a report makes packets smaller, never larger, and is forgotten after ten minutes`() {
        var cache = PathMTUCache()
        #expect(cache.reduce(there, packetSize: 1500, reported: 1400, linkSize: 1500, now: .at(0)) == 1400)
        #expect(cache.reduce(there, packetSize: 1400, reported: 1450, linkSize: 1500, now: .at(1)) == nil)
        #expect(cache.reduce(there, packetSize: 1400, reported: 1280, linkSize: 1500, now: .at(2)) == 1280)
        #expect(cache.size(to: there, linkSize: 1500, now: .at(3)) == 1280)
        #expect(cache.size(to: here, linkSize: 1500, now: .at(3)) == 1500)
        #expect(cache.size(to: there, linkSize: 1500, now: .at(602)) == 1500)
    }

    @Test(arguments: [(1500, 1492), (1492, 1006), (1006, 552), (600, 552)])
    func `a router that does not say its size steps the plateaus (RFC 1191 section 7.1)`(sent: Int, size: Int) {
        var cache = PathMTUCache()
        #expect(cache.reduce(there, packetSize: sent, reported: 0, linkSize: 1500, now: .at(0)) == size)
    }

    @Test func `a forged tiny size is not believed`() {
        var cache = PathMTUCache()
        #expect(cache.reduce(there, packetSize: 1500, reported: 68, linkSize: 1500, now: .at(0)) == 552)
    }

    @Test func `a full cache forgets what expires first`() {
        var cache = PathMTUCache(capacity: 2)
        for last in 1...3 {
            let address = IPv4Address(1, 1, 1, UInt8(last))
            _ = cache.reduce(address, packetSize: 1500, reported: 1000, linkSize: 1500, now: .at(Double(last)))
        }
        #expect(cache.size(to: IPv4Address(1, 1, 1, 1), linkSize: 1500, now: .at(4)) == 1500)
        #expect(cache.size(to: IPv4Address(1, 1, 1, 3), linkSize: 1500, now: .at(4)) == 1000)
    }
}

struct RateLimitTests {
    @Test func `a burst goes through, then so many a second`() {
        var limit = RateLimit(perSecond: 10, burst: 3)
        #expect((0..<5).map { _ in limit.take(now: .at(10)) } == [true, true, true, false, false])
        var passed = 0
        for step in 1...1000 where limit.take(now: .at(10 + Double(step) / 100)) { passed += 1 }
        #expect((99...101).contains(passed))
    }
}

struct UDPDemultiplexerTests {
    private func id(_ number: UInt32) -> UDPDemultiplexer.SocketID { UDPDemultiplexer.SocketID(rawValue: number) }

    @Test func `the most specific socket gets the datagram`() throws {
        var sockets = UDPDemultiplexer()
        let remote = Endpoint(there, 9)
        _ = try sockets.bind(id(1), to: Endpoint(.unspecified, 53), random: 0)
        _ = try sockets.bind(id(2), to: Endpoint(here, 53), random: 0)
        _ = try sockets.bind(id(3), to: Endpoint(here, 53), remote: remote, random: 0)
        #expect(sockets.socket(from: remote, to: Endpoint(here, 53)) == id(3))
        #expect(sockets.socket(from: Endpoint(there, 10), to: Endpoint(here, 53)) == id(2))
        #expect(sockets.socket(from: remote, to: Endpoint(.broadcast, 53)) == id(1))
        #expect(sockets.socket(from: remote, to: Endpoint(here, 54)) == nil)
        sockets.unbind(id(3))
        #expect(sockets.socket(from: remote, to: Endpoint(here, 53)) == id(2))
    }

    @Test func `sockets on different interfaces share a port, and each gets what comes on its own`() throws {
        var sockets = UDPDemultiplexer()
        let port = Endpoint(.unspecified, 68)
        let (first, second) = (InterfaceID(rawValue: 1), InterfaceID(rawValue: 2))
        _ = try sockets.bind(id(1), to: port, on: first, random: 0)
        _ = try sockets.bind(id(2), to: port, on: second, random: 0)
        let other = Endpoint(IPv4Address(10, 0, 0, 9), 67)
        let here = Endpoint(IPv4Address.broadcast, 68)
        #expect(sockets.socket(from: other, to: here, on: first) == id(1))
        #expect(sockets.socket(from: other, to: here, on: second) == id(2))
        #expect(sockets.socket(from: other, to: here, on: InterfaceID(rawValue: 3)) == nil)
        for interface in [first, nil] {
            #expect(throws: UDPDemultiplexer.BindError.inUse) {
                try sockets.bind(id(3), to: port, on: interface, random: 0)
            }
        }
    }

    @Test func `a port is given once, and dynamic ports are free ones`() throws {
        var sockets = UDPDemultiplexer(capacity: 4)
        _ = try sockets.bind(id(1), to: Endpoint(here, 53), random: 0)
        #expect(throws: UDPDemultiplexer.BindError.inUse) { try sockets.bind(id(2), to: Endpoint(here, 53), random: 0) }
        var ports: Set<Port> = []
        for number in 2...4 { ports.insert(try sockets.bind(id(UInt32(number)), to: Endpoint(here, 0), random: 16383)) }
        #expect(ports == [65535, 49152, 49153])
        #expect(throws: UDPDemultiplexer.BindError.full) { try sockets.bind(id(9), to: Endpoint(here, 0), random: 0) }
    }
}

struct GroupMembershipTests {
    private let group = IPv4Address(224, 0, 0, 251)
    private let hardware = HardwareAddress(bits: 0x0200_0000_0001)

    /// What was sent: type, group, and the IP destination.
    private func sent(_ sink: Recorder) -> [(IGMPMessage.Kind, IPv4Address, IPv4Address)] {
        sink.payloads.compactMap { packet in
            guard let header = try? IPv4Header(parsing: packet.span.bytes), header.timeToLive == 1,
                header.headerLength == 24,
                let message = try? IGMPMessage(parsing: packet.span.bytes.extracting(header.payload))
            else { return nil }
            return (message.kind, message.group, header.destination)
        }
    }

    @Test func `a join is reported twice within ten seconds, with the router alert option`() {
        var (membership, sink) = (GroupMembership(hardware: hardware, seed: 1), Recorder())
        #expect(membership.join(group, now: .at(0), into: &sink) && membership.contains(group))
        #expect(membership.deadline <= .at(10))
        membership.advance(to: membership.deadline, into: &sink)
        #expect(sent(sink).count == 2 && sent(sink).allSatisfy { $0 == (.report, group, group) })
        #expect(sink.frames[0].prefix(6).elementsEqual(hex("01005e0000fb")) && membership.deadline == .never)
    }

    @Test func `a query is answered in its time, unless another host does`() {
        var (membership, sink) = (GroupMembership(hardware: hardware, seed: 2), Recorder())
        _ = membership.join(group, now: .at(0), into: &sink)
        membership.advance(to: .at(10), into: &sink)
        membership.receive(IGMPMessage(.query, group: .unspecified, maximumResponseTime: 20), now: .at(20))
        #expect(membership.deadline >= .at(20) && membership.deadline <= .at(22))
        membership.receive(IGMPMessage(.report, group: group), now: .at(20))
        #expect(membership.deadline == .never)
        membership.leave(group, now: .at(30), into: &sink)
        #expect(sent(sink).count == 2 && !membership.contains(group), "no leave: another host answered last")
    }

    @Test func `the last leave is told to all routers`() {
        var (membership, sink) = (GroupMembership(hardware: hardware, seed: 3), Recorder())
        for _ in 0..<2 { _ = membership.join(group, now: .at(0), into: &sink) }
        membership.leave(group, now: .at(1), into: &sink)
        #expect(sent(sink).count == 1 && membership.contains(group))
        membership.leave(group, now: .at(2), into: &sink)
        #expect(sent(sink)[1] == (.leave, group, .allRouters))
    }

    @Test func `a router of version 1 hears reports of version 1 and no leaves (section 4)`() {
        var (membership, sink) = (GroupMembership(hardware: hardware, seed: 4), Recorder())
        membership.receive(IGMPMessage(.query, group: .unspecified, maximumResponseTime: 0), now: .at(1))
        _ = membership.join(group, now: .at(2), into: &sink)
        membership.leave(group, now: .at(3), into: &sink)
        #expect(sent(sink).map(\.0) == [.version1Report])
    }

    @Test func `the group of all hosts needs no message, and what is no group no place`() {
        var (membership, sink) = (GroupMembership(hardware: hardware, capacity: 1, seed: 5), Recorder())
        #expect(membership.join(.allHosts, now: .at(0), into: &sink) && membership.contains(.allHosts))
        #expect(!membership.join(here, now: .at(0), into: &sink) && sink.frames.isEmpty)
        #expect(membership.join(group, now: .at(0), into: &sink) == true)
        #expect(membership.join(IPv4Address(224, 0, 0, 9), now: .at(0), into: &sink) == false)
    }
}

struct ICMPResponderTests {
    private func header(_ number: IPProtocol = .udp, _ source: IPv4Address = there, to: IPv4Address = here)
        -> IPv4Header
    {
        IPv4Header(number, from: source, to: to, payloadLength: 1000)
    }

    private func size(_ header: IPv4Header, _ payload: [UInt8] = [8, 0], isBroadcast: Bool = false) -> Int? {
        var responder = ICMPResponder()
        return responder.errorSize(about: header, payload.span.bytes, isBroadcast: isBroadcast, now: .at(1))
    }

    @Test func `no error is sent about what RFC 1122 section 3.2.2 names`() {
        var fragment = header()
        fragment.fragmentOffset = 8
        #expect(size(header()) == 50 && size(header(.icmp)) == 50)
        #expect(size(fragment) == nil && size(header(), isBroadcast: true) == nil)
        #expect(size(header(to: IPv4Address(224, 0, 0, 1))) == nil && size(header(to: .broadcast)) == nil)
        for source in [IPv4Address.unspecified, .broadcast, .loopback, .allHosts, IPv4Address(240, 0, 0, 1)] {
            #expect(size(header(.udp, source)) == nil)
        }
        for type in [3, 4, 5, 11, 12, 77] as [UInt8] { #expect(size(header(.icmp), [type, 0]) == nil) }
        #expect(size(header(.icmp), []) == nil)
    }

    @Test(arguments: [0, 8, 100, 1000]) func `an error quotes the packet and checks out`(length: Int) throws {
        let payload = [UInt8](repeating: 0x5A, count: length)
        let about = header()
        let answer = self.size(about, payload)
        let size = try #require(answer)
        #expect(size == min(48 + length, 576))
        let quoted = Array(payload.prefix(size - 48))
        let head = PacketHead(error: .unreachable(.port, nextHopMTU: 0), about: about, quoted.span.bytes)
        let error = (0..<head.count).map { head.bytes.byte($0) } + quoted
        let message = try ICMPv4Message(parsing: error.span.bytes)
        #expect(message.kind == .unreachable(.port, nextHopMTU: 0))
        #expect(Array(error[8..<28]) == written(20) { about.emit(into: &$0) })
        #expect(error[28...].allSatisfy { $0 == 0x5A })
    }

    @Test func `errors are limited in rate and the rest counted`() {
        var responder = ICMPResponder(errors: RateLimit(perSecond: 1, burst: 2))
        let payload: [UInt8] = [0, 1]
        for _ in 0..<5 { _ = responder.errorSize(about: header(), payload.span.bytes, isBroadcast: false, now: .at(1)) }
        #expect(responder.suppressed == 3)
    }

    @Test(arguments: [8, 9, 64, 1480]) func `an echo comes back as it was`(length: Int) throws {
        var random = Seeded(length)
        let request = written(random.bytes(length)) {
            ICMPv4Message(.echoRequest(identifier: 0xFFFF, sequence: 3)).emit(into: &$0)
        }
        var responder = ICMPResponder()
        let about = header(.icmp)
        let refused = responder.echoSize(to: about, request.span.bytes, isBroadcast: true, now: .at(1))
        #expect(refused == nil)
        let answer = responder.echoSize(to: about, request.span.bytes, isBroadcast: false, now: .at(1))
        let size = try #require(answer)
        #expect(size == IPv4Header.length + length)
        let head = PacketHead(echoReplyTo: request.span.bytes)
        let reply = (0..<head.count).map { head.bytes.byte($0) } + request[8...]
        #expect(
            try ICMPv4Message(parsing: reply.span.bytes).kind == .echoReply(identifier: 0xFFFF, sequence: 3))
        #expect(reply[8...].elementsEqual(request[8...]))
    }
}
