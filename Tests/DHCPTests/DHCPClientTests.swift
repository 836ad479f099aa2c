import Interfaces
import Network
import Testing

@testable import DHCP

struct DHCPClientTests {
    private let lent = IPv4Address(10, 0, 0, 42)
    private let server = Server()

    private func started(_ sink: inout Recorder, remembered: IPv4Address? = nil, seed: UInt64 = 1) -> DHCPClient {
        var client = DHCPClient(hardware: hardware, hostName: DomainName("apus"), remembered: remembered, seed: seed)
        client.linkChanged(isUp: true, now: .at(0), into: &sink)
        return client
    }

    /// A client that got its lease of `server` at 0 s.
    private func bound(_ sink: inout Recorder, _ server: Server = Server()) -> DHCPClient {
        var client = started(&sink)
        _ = client.receive(server.answer(.offer, sink.last), 0, &sink)
        _ = client.receive(server.answer(.ack, sink.last), 0, &sink)
        _ = client.accept(now: .at(0))
        sink.sent = []
        return client
    }

    /// Lets time pass until `end`.
    private func run(_ client: inout DHCPClient, until end: Double, _ sink: inout Recorder) -> [(
        Double, DHCPClient.Event
    )] {
        var events: [(Double, DHCPClient.Event)] = []
        while client.deadline <= .at(end) {
            let now = client.deadline
            if let event = client.advance(to: now, into: &sink) { events.append((now.seconds, event)) }
        }
        return events
    }

    @Test func `the first DISCOVER leaves as soon as the link is up, to all, and asks to be answered so`() {
        var sink = Recorder()
        var client = DHCPClient(hardware: hardware, hostName: DomainName("apus"), seed: 1)
        #expect(client.deadline == .never && client.state == .idle)
        client.linkChanged(isUp: true, now: .at(3), into: &sink)
        #expect(sink.kinds == [.discover] && client.state == .selecting)
        #expect(sink.sent[0].source == .unspecified && sink.sent[0].destination == .broadcast)
        #expect(sink.last.isBroadcast && sink.last.clientAddress == .unspecified && sink.last.hardware == hardware)
        #expect(sink.last.options[.hostName] == Array("apus".utf8))
        #expect(sink.last.options[.clientIdentifier] == [1, 2, 0, 0, 0, 0, 1])
        let asked = sink.last.options[.parameterRequestList] ?? []
        #expect(asked.firstIndex(of: 121)! < asked.firstIndex(of: 3)! && asked.contains(119) && asked.contains(42))
        client.linkChanged(isUp: true, now: .at(4), into: &sink)
        #expect(sink.sent.count == 1)
    }

    @Test func `offer, request, acknowledgement, look, use`() {
        var sink = Recorder()
        var client = started(&sink)
        #expect(client.receive(server.answer(.offer, sink.last), 2, &sink) == nil)
        #expect(client.state == .requesting && sink.kinds == [.discover, .request])
        #expect(sink.last.options.address(.requestedAddress) == lent && sink.last.isBroadcast)
        #expect(
            sink.last.options.address(.serverIdentifier) == server.address && sink.last.clientAddress == .unspecified)
        #expect(sink.sent[1].destination == .broadcast && sink.last.seconds == 2)
        #expect(client.receive(server.answer(.ack, sink.last), 3, &sink) == .check(lent))
        #expect(client.lease == nil)
        guard case .configured(let lease)? = client.accept(now: .at(8)) else {
            Issue.record("not configured")
            return
        }
        // The time counts from the request.
        #expect(lease.expiry == .at(3602) && client.deadline == .at(1802) && client.state == .bound)
        #expect(client.accept(now: .at(9)) == nil)
    }

    @Test(arguments: UInt64(0)..<20)
    func `RFC 2131 section 4.1: DISCOVER is repeated after 4, 8, 16, 32, 64, 64 s, each a second more or less`(
        seed: UInt64
    ) {
        var sink = Recorder()
        var client = started(&sink, seed: seed)
        var (last, pauses): (Double, [Double]) = (0, [])
        for _ in 0..<8 {
            let now = client.deadline
            _ = client.advance(to: now, into: &sink)
            pauses.append(now.seconds - last)
            last = now.seconds
        }
        for (pause, expected) in zip(pauses, [4, 8, 16, 32, 64, 64, 64, 64] as [Double]) {
            #expect(abs(pause - expected) <= 1)
        }
        #expect(sink.kinds.allSatisfy { $0 == .discover } && Set(pauses).count == 8)
        #expect(Set(sink.sent.map { $0.message.transaction }).count == 1 && sink.sent[1].message.seconds >= 3)
    }

    @Test func `a REQUEST without an answer is sent four times, and then servers are looked for again`() {
        var sink = Recorder()
        var client = started(&sink)
        let first = sink.last.transaction
        _ = client.receive(server.answer(.offer, sink.last), 0, &sink)
        #expect(run(&client, until: 66, &sink).isEmpty)
        #expect(sink.kinds.prefix(6) == [.discover, .request, .request, .request, .request, .discover])
        #expect(client.state == .selecting && sink.last.transaction != first)
    }

    @Test func `what is no answer to what was asked is counted and changes nothing`() {
        var sink = Recorder()
        var client = started(&sink)
        let offer = server.answer(.offer, sink.last)
        var (wrong, other, request, echo) = (offer, offer, offer, offer)
        wrong.transaction += 1
        other.hardware = HardwareAddress(bits: 0x0200_0000_0002)
        request.operation = .request
        echo.append(.clientIdentifier, [1, 2, 0, 0, 0, 0, 2])
        for message in [wrong, other, request, echo, server.answer(.ack, sink.last), server.answer(.nak, sink.last)] {
            #expect(client.receive(message, 1, &sink) == nil && client.state == .selecting)
        }
        #expect(client.receive([1, 2, 3].span.bytes, now: .at(1), into: &sink) == nil)
        #expect(client.ignored == 7 && sink.sent.count == 1)
        // RFC 6842: our own identifier may come back.
        var own = offer
        own.append(.clientIdentifier, [1, 2, 0, 0, 0, 0, 1])
        _ = client.receive(own, 1, &sink)
        #expect(client.state == .requesting)
    }

    @Test func `an acknowledgement of another address, or by another server, does not count`() {
        var sink = Recorder()
        var client = started(&sink)
        _ = client.receive(server.answer(.offer, sink.last), 0, &sink)
        for rogue in [Server(lent: IPv4Address(10, 0, 0, 43)), Server(address: IPv4Address(10, 0, 0, 66))] {
            #expect(client.receive(rogue.answer(.ack, sink.last), 0, &sink) == nil)
        }
        #expect(client.receive(Server(address: IPv4Address(10, 0, 0, 66)).answer(.nak, sink.last), 0, &sink) == nil)
        #expect(client.state == .requesting && client.ignored == 3)
    }

    @Test func `RFC 2131 section 3.1 (6): NAK begins again at once, and slower while it goes on`() {
        var sink = Recorder()
        var client = started(&sink)
        var pauses: [Double] = []
        var now = 0.0
        for _ in 0..<9 {
            _ = client.receive(server.answer(.offer, sink.last), now, &sink)
            #expect(client.receive(server.answer(.nak, sink.last), now, &sink) == nil)
            let due = client.state == .initial ? client.deadline.seconds : now
            pauses.append(due - now)
            now = due
            if client.state == .initial { _ = client.advance(to: client.deadline, into: &sink) }
        }
        #expect(pauses == [0, 2, 4, 8, 16, 32, 64, 64, 64])
    }

    @Test func `T1 asks the server from the lease's address, T2 all servers, and the end loses it`() {
        var sink = Recorder()
        var client = bound(&sink)
        let events = run(&client, until: 3600, &sink)
        #expect(events.count == 1 && events[0].0 == 3600 && events[0].1 == .lost(.expired))
        let renewals = sink.sent.filter { $0.destination == server.address }
        #expect(renewals.count > 3 && renewals.allSatisfy { $0.source == lent && $0.message.kind == .request })
        #expect(renewals.allSatisfy { $0.message.clientAddress == lent && !$0.message.isBroadcast })
        #expect(
            renewals.allSatisfy {
                $0.message.options[.requestedAddress] == nil && $0.message.options[.serverIdentifier] == nil
            })
        let rebindings = sink.sent.filter { $0.destination == .broadcast && $0.source == lent }
        #expect(rebindings.count > 2 && rebindings.allSatisfy { $0.message.clientAddress == lent })
        #expect(sink.last.kind == .discover && client.state == .selecting && client.lease == nil)
    }

    @Test
    func `RFC 2131 section 4.4.5: a request is repeated after half of the time that is left, and a minute at least`() {
        var sink = Recorder()
        var client = bound(&sink)
        var times: [Double] = []
        while client.deadline < .at(3600) {
            times.append(client.deadline.seconds)
            _ = client.advance(to: client.deadline, into: &sink)
        }
        #expect(times == [1800, 2475, 2812.5, 2981.25, 3065.625, 3125.625, 3150, 3375, 3487.5, 3547.5])
    }

    @Test func `a renewal prolongs the lease, and an answer to an older request does not`() {
        var sink = Recorder()
        var client = bound(&sink)
        _ = client.advance(to: .at(1800), into: &sink)
        let old = sink.last
        _ = client.advance(to: client.deadline, into: &sink)
        #expect(client.receive(server.answer(.ack, old), 2475, &sink) == nil)
        guard case .configured(let lease)? = client.receive(server.answer(.ack, sink.last), 2476, &sink) else {
            Issue.record("not renewed")
            return
        }
        #expect(lease.expiry == .at(2475 + 3600) && client.state == .bound)
    }

    @Test func `a server that comes back before the end is found by rebinding, whichever it is`() {
        var sink = Recorder()
        var client = bound(&sink)
        _ = run(&client, until: 3200, &sink)
        #expect(client.state == .rebinding)
        let other = Server(address: IPv4Address(10, 0, 0, 7))
        guard case .configured(let lease)? = client.receive(other.answer(.ack, sink.last), 3201, &sink) else {
            Issue.record("not rebound")
            return
        }
        #expect(lease.server == other.address)
    }

    @Test func `a server that comes back after the end lends again`() {
        var sink = Recorder()
        var client = bound(&sink)
        _ = run(&client, until: 4000, &sink)
        _ = client.receive(server.answer(.offer, sink.last), 4001, &sink)
        #expect(client.receive(server.answer(.ack, sink.last), 4001, &sink) == .check(lent))
    }

    @Test func `NAK to a renewal loses the address at once, but only from the server that lent it`() {
        var sink = Recorder()
        var client = bound(&sink)
        _ = client.advance(to: .at(1800), into: &sink)
        #expect(client.receive(Server(address: IPv4Address(10, 0, 0, 66)).answer(.nak, sink.last), 1801, &sink) == nil)
        #expect(client.receive(server.answer(.nak, sink.last), 1801, &sink) == .lost(.refused))
        #expect(client.state == .selecting && sink.last.kind == .discover)
    }

    @Test func `RFC 2131 section 3.1 (5): an address that is taken is declined, and asked again ten seconds later`() {
        var sink = Recorder()
        var client = started(&sink)
        _ = client.receive(server.answer(.offer, sink.last), 0, &sink)
        _ = client.receive(server.answer(.ack, sink.last), 0, &sink)
        #expect(client.decline(now: .at(3), into: &sink) == nil)
        #expect(sink.last.kind == .decline && sink.last.options.address(.requestedAddress) == lent)
        #expect(
            sink.last.options.address(.serverIdentifier) == server.address && sink.last.clientAddress == .unspecified)
        #expect(sink.sent.last?.destination == .broadcast && sink.sent.last?.source == .unspecified)
        #expect(
            client.deadline == .at(13) && client.advance(to: .at(13), into: &sink) == nil && sink.last.kind == .discover
        )
    }

    @Test func `an address in use that somebody takes is declined and lost`() {
        var sink = Recorder()
        var client = bound(&sink)
        #expect(client.decline(now: .at(50), into: &sink) == .lost(.conflict) && sink.last.kind == .decline)
        #expect(client.deadline == .at(60))
    }

    @Test func `an address is given back by unicast, and nothing follows until it is wanted again`() {
        var sink = Recorder()
        var client = bound(&sink)
        #expect(client.release(now: .at(5), into: &sink) == .lost(.released))
        #expect(
            sink.last.kind == .release && sink.sent.last?.destination == server.address
                && sink.last.clientAddress == lent)
        client.linkChanged(isUp: false, now: .at(6), into: &sink)
        client.linkChanged(isUp: true, now: .at(7), into: &sink)
        #expect(client.deadline == .never && sink.sent.count == 1)
        client.restart(now: .at(8), into: &sink)
        #expect(client.state == .rebooting && sink.last.options.address(.requestedAddress) == lent)
    }

    @Test func `a remembered address is asked for first (INIT-REBOOT), and looked for when the server agrees`() {
        var sink = Recorder()
        var client = started(&sink, remembered: lent)
        #expect(sink.kinds == [.request] && client.state == .rebooting && sink.last.isBroadcast)
        #expect(sink.last.options.address(.requestedAddress) == lent && sink.last.options[.serverIdentifier] == nil)
        #expect(sink.last.clientAddress == .unspecified)
        #expect(client.receive(server.answer(.ack, sink.last), 1, &sink) == .check(lent))
    }

    @Test func `a network that does not know the remembered address is asked anew after two requests`() {
        var sink = Recorder()
        var client = started(&sink, remembered: lent)
        _ = run(&client, until: 15, &sink)
        #expect(sink.kinds.prefix(3) == [.request, .request, .discover])
        #expect(sink.last.options.address(.requestedAddress) == lent)
        var refused = started(&sink, remembered: lent)
        #expect(refused.receive(server.answer(.nak, sink.last), 1, &sink) == nil && sink.last.kind == .discover)
        #expect(sink.last.options[.requestedAddress] == nil)
    }

    @Test func `a refusal that does not say whose it is counts where any server may answer, and nowhere else`() {
        func nameless(_ request: DHCPMessage) -> DHCPMessage {
            DHCPMessage(.reply, .nak, transaction: request.transaction, hardware: request.hardware)
        }
        var sink = Recorder()
        var client = started(&sink, remembered: lent)
        #expect(client.receive(nameless(sink.last), 1, &sink) == nil && sink.last.kind == .discover)
        #expect(sink.last.options[.requestedAddress] == nil)
        _ = client.receive(server.answer(.offer, sink.last), 2, &sink)
        #expect(client.receive(nameless(sink.last), 2, &sink) == nil && client.state == .requesting)
        var second = bound(&sink)
        _ = run(&second, until: 1800, &sink)
        #expect(second.receive(nameless(sink.last), 1801, &sink) == nil && second.state == .renewing)
        _ = run(&second, until: 3150, &sink)
        #expect(second.receive(nameless(sink.last), 3151, &sink) == .lost(.refused))
    }

    @Test func `a cable that is pulled and put back keeps the address and asks about it`() {
        var sink = Recorder()
        var client = bound(&sink)
        client.linkChanged(isUp: false, now: .at(10), into: &sink)
        #expect(client.lease != nil && client.deadline == .at(3600) && sink.sent.isEmpty)
        client.linkChanged(isUp: true, now: .at(20), into: &sink)
        #expect(sink.last.kind == .request && client.state == .rebooting)
        guard case .configured(let lease)? = client.receive(server.answer(.ack, sink.last), 21, &sink) else {
            Issue.record("not confirmed")
            return
        }
        #expect(lease.address.address == lent && lease.expiry == .at(3620))
    }

    @Test func `on another network the address is refused, lost, and another one asked for`() {
        var sink = Recorder()
        var client = bound(&sink)
        client.linkChanged(isUp: false, now: .at(10), into: &sink)
        client.linkChanged(isUp: true, now: .at(20), into: &sink)
        let other = Server(address: IPv4Address(192, 168, 1, 1), lent: IPv4Address(192, 168, 1, 9))
        #expect(client.receive(other.answer(.nak, sink.last), 21, &sink) == .lost(.refused))
        _ = client.receive(other.answer(.offer, sink.last), 22, &sink)
        #expect(client.receive(other.answer(.ack, sink.last), 22, &sink) == .check(other.lent))
    }

    @Test
    func `RFC 2131 section 3.2 (4): when nobody says anything about the address, it is used until its time is over`() {
        var sink = Recorder()
        var client = bound(&sink)
        client.linkChanged(isUp: false, now: .at(10), into: &sink)
        client.linkChanged(isUp: true, now: .at(20), into: &sink)
        #expect(run(&client, until: 100, &sink).isEmpty && client.state == .bound && client.deadline == .at(1800))
    }

    @Test func `a lease whose end comes while the link is down is lost then`() {
        var sink = Recorder()
        var client = bound(&sink)
        client.linkChanged(isUp: false, now: .at(10), into: &sink)
        #expect(client.advance(to: .at(3600), into: &sink) == .lost(.expired))
        #expect(sink.sent.isEmpty && client.deadline == .never)
    }

    @Test func `a link that goes down at any moment stops everything, and the next one begins anew`() {
        for step in 0..<4 {
            var sink = Recorder()
            var client = started(&sink)
            if step > 0 { _ = client.receive(server.answer(.offer, sink.last), 0, &sink) }
            if step > 1 { _ = client.receive(server.answer(.ack, sink.last), 0, &sink) }
            if step > 2 { _ = client.decline(now: .at(1), into: &sink) }
            client.linkChanged(isUp: false, now: .at(2), into: &sink)
            let count = sink.sent.count
            #expect(client.deadline == .never && client.advance(to: .at(500), into: &sink) == nil)
            #expect(client.accept(now: .at(500)) == nil && sink.sent.count == count)
            client.linkChanged(isUp: true, now: .at(501), into: &sink)
            #expect(sink.last.kind == .discover && client.state == .selecting)
        }
    }

    @Test func `a lease without end sends nothing any more`() {
        var sink = Recorder()
        let client = bound(&sink, Server(seconds: .max))
        #expect(client.deadline == .never && client.state == .bound)
    }

    @Test func `ten thousand random messages in every state never trap, and time always goes on`() {
        var random = SystemRandomNumberGenerator()
        var (sink, now) = (Recorder(), 0.0)
        var client = started(&sink)
        for _ in 0..<10_000 {
            now += Double.random(in: 0...20, using: &random)
            let kind = [DHCPMessage.Kind.offer, .ack, .nak, .inform].randomElement(using: &random)!
            var answer = Server(seconds: [1, 60, 100, .max].randomElement(using: &random)!).answer(kind, sink.last)
            if Int.random(in: 0..<9) == 0 { answer.transaction &+= 1 }
            if case .check? = client.receive(answer, now, &sink) {
                _ = Bool.random() ? client.accept(now: .at(now)) : client.decline(now: .at(now), into: &sink)
            }
            if Int.random(in: 0..<20) == 0 { client.linkChanged(isUp: Bool.random(), now: .at(now), into: &sink) }
            var steps = 0
            while client.deadline <= .at(now) {
                _ = client.advance(to: .at(now), into: &sink)
                steps += 1
                #expect(steps < 10)
            }
            sink.sent.removeFirst(sink.sent.count - 1)
        }
    }
}
