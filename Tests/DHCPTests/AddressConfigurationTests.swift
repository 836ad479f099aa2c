import Interfaces
import Network
import Testing

@testable import DHCP

struct AddressConfigurationTests {
    private let server = Server()
    private let lent = IPv4Address(10, 0, 0, 42)
    private let stranger = HardwareAddress(bits: 0x0200_0000_0099)

    private func new(
        _ policy: AddressConfiguration.Policy = .automatic(fallback: AddressConfiguration.usualFallback),
        check: AddressConfiguration.DuplicateCheck = .first
    ) -> AddressConfiguration {
        AddressConfiguration(policy, hardware: hardware, check: check, seed: 1)
    }

    /// Lets time pass until `end`.
    private func run(
        _ configuration: inout AddressConfiguration, until end: Double, _ sink: inout Recorder
    ) -> [(time: Double, event: AddressConfiguration.Event)] {
        var events: [(Double, AddressConfiguration.Event)] = []
        while configuration.deadline <= .at(end) {
            let now = configuration.deadline
            if let event = configuration.advance(to: now, into: &sink) { events.append((now.seconds, event)) }
        }
        return events
    }

    /// The packet of somebody who has `address`.
    private func claim(_ address: IPv4Address) -> ARPPacket {
        ARPPacket(.reply, from: address, at: stranger, to: address, at: hardware)
    }

    private func lend(_ configuration: inout AddressConfiguration, at seconds: Double, _ sink: inout Recorder) {
        _ = configuration.receive(server.answer(.offer, sink.last), seconds, &sink)
        _ = configuration.receive(server.answer(.ack, sink.last), seconds, &sink)
    }

    @Test func `a lent address is looked for, and then it is the interface's`() {
        var (configuration, sink) = (new(), Recorder())
        #expect(configuration.linkChanged(isUp: true, now: .at(0), into: &sink) == nil && sink.kinds == [.discover])
        lend(&configuration, at: 0, &sink)
        #expect(configuration.current == nil)
        let events = run(&configuration, until: 30, &sink)
        #expect(events.count == 1 && events[0].time < 8)
        guard case .changed(let current?)? = events.first?.event else {
            Issue.record("not configured")
            return
        }
        #expect(current.origin == .lease && current.address.address == lent && configuration.current == current)
        #expect(sink.packets.filter { $0.isProbe }.count == 3 && sink.packets.count == 5)
        // A renewal that changes nothing is nobody's business.
        #expect(run(&configuration, until: 1800, &sink).isEmpty && sink.last.clientAddress == lent)
        #expect(configuration.receive(server.answer(.ack, sink.last), 1801, &sink) == nil)
    }

    @Test func `a lent address that somebody has is declined, and the next one is asked for`() {
        var (configuration, sink) = (new(), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        lend(&configuration, at: 0, &sink)
        _ = run(&configuration, until: 1.5, &sink)
        #expect(configuration.receive(claim(lent), now: .at(1.5), into: &sink) == .conflict(lent))
        #expect(sink.last.kind == .decline && configuration.current == nil)
        _ = run(&configuration, until: 12, &sink)
        #expect(sink.last.kind == .discover)
    }

    @Test func `an address used meanwhile is there at once, and lost when somebody has it`() {
        var (configuration, sink) = (new(check: .meanwhile), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        _ = configuration.receive(server.answer(.offer, sink.last), 0, &sink)
        guard case .changed(.some)? = configuration.receive(server.answer(.ack, sink.last), 0.1, &sink) else {
            Issue.record("not configured")
            return
        }
        #expect(configuration.receive(claim(lent), now: .at(0.5), into: &sink) == .changed(nil))
        #expect(sink.last.kind == .decline)
    }

    @Test func `a lent address is defended once, and given up when the other goes on`() {
        var (configuration, sink) = (new(), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        lend(&configuration, at: 0, &sink)
        _ = run(&configuration, until: 20, &sink)
        let count = sink.packets.count
        #expect(configuration.receive(claim(lent), now: .at(30), into: &sink) == nil && sink.packets.count == count + 1)
        #expect(configuration.receive(claim(lent), now: .at(31), into: &sink) == .changed(nil))
        #expect(sink.last.kind == .decline)
    }

    @Test func `RFC 3927: without a server the interface gives itself an address, and the server still wins`() {
        var (configuration, sink) = (new(), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        let events = run(&configuration, until: 100, &sink)
        guard events.count == 1, case .changed(let own?) = events[0].event else {
            Issue.record("events: \(events)")
            return
        }
        #expect(own.origin == .linkLocal && own.address.address.isLinkLocal && own.address.network.length == 16)
        #expect(events[0].time > 10 && events[0].time < 18 && own.routes.isEmpty && sink.last.kind == .discover)
        lend(&configuration, at: 101, &sink)
        #expect(configuration.current == own)
        let later = run(&configuration, until: 120, &sink)
        guard later.count == 1, case .changed(let current?) = later[0].event else {
            Issue.record("events: \(later)")
            return
        }
        #expect(current.origin == .lease && configuration.deadline > .at(1000))
    }

    @Test func `an offer that is being looked at holds the link-local address off`() {
        var (configuration, sink) = (new(), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        _ = run(&configuration, until: 9, &sink)
        lend(&configuration, at: 9, &sink)
        let events = run(&configuration, until: 60, &sink)
        #expect(events.count == 1 && sink.packets.allSatisfy { !$0.target.isLinkLocal })
    }

    @Test func `RFC 3927: the link-local address follows from the hardware address and stays clear of the ends`() {
        var seen: Set<IPv4Address> = []
        for number in 0..<500 as Range<UInt64> {
            var (policy, sink) = (
                LinkLocalPolicy(hardware: HardwareAddress(bits: 0x0200_0000_0000 + number), seed: number), Recorder()
            )
            policy.begin(at: .at(0))
            while policy.address == nil { _ = policy.advance(to: policy.deadline, into: &sink) }
            let address = policy.address!.address
            #expect(address.isLinkLocal && address[2] >= 1 && address[2] <= 254)
            seen.insert(address)
        }
        #expect(seen.count > 480)
        #expect(linkLocalAddress(seed: 5) == linkLocalAddress(seed: 6))
    }

    private func linkLocalAddress(seed: UInt64) -> IPv4Address? {
        var (policy, sink) = (LinkLocalPolicy(hardware: hardware, seed: seed), Recorder())
        policy.begin(at: .at(0))
        while policy.address == nil { _ = policy.advance(to: policy.deadline, into: &sink) }
        return policy.address?.address
    }

    @Test func `RFC 3927 section 2.2.1: after a conflict comes another address, from the tenth on once a minute`() {
        var (configuration, sink) = (new(.linkLocal), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        var (now, tried): (Double, [IPv4Address]) = (0, [])
        for number in 1...13 {
            let count = sink.packets.count
            while sink.packets.count == count {
                now = configuration.deadline.seconds
                _ = configuration.advance(to: configuration.deadline, into: &sink)
            }
            let address = sink.packets.last!.target
            tried.append(address)
            #expect(configuration.receive(claim(address), now: .at(now), into: &sink) == .conflict(address))
            #expect((configuration.deadline > .at(now + 59)) == (number >= 10), "\(number)")
        }
        #expect(Set(tried).count == 13)
    }

    @Test func `a fixed address is used at once, and kept when somebody else has it, which is reported`() throws {
        let address = try #require(InterfaceAddress(IPv4Address(10, 0, 0, 5), prefixLength: 24))
        let fixed = InterfaceConfiguration(fixed: address, gateway: IPv4Address(10, 0, 0, 1))
        var (configuration, sink) = (new(.fixed(fixed)), Recorder())
        #expect(configuration.current == fixed)
        #expect(configuration.linkChanged(isUp: true, now: .at(0), into: &sink) == nil)
        #expect(run(&configuration, until: 1, &sink).isEmpty && !sink.packets.isEmpty && sink.sent.isEmpty)
        #expect(configuration.receive(claim(address.address), now: .at(1), into: &sink) == .conflict(address.address))
        #expect(configuration.current == fixed && configuration.deadline == .never)
        #expect(
            configuration.receive(
                server.answer(.offer, DHCPMessage(.request, .discover, transaction: 1, hardware: hardware)), 2, &sink)
                == nil)
        #expect(configuration.stop(now: .at(3), into: &sink) == .changed(nil) && sink.sent.isEmpty)
    }

    @Test func `a server that is gone is reported at the lease's end, and the interface helps itself until it is back`()
    {
        var (configuration, sink) = (new(), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        lend(&configuration, at: 0, &sink)
        let events = run(&configuration, until: 3700, &sink)
        #expect(events.count == 3 && events[1].time == 3600 && events[1].event == .changed(nil))
        #expect(configuration.current?.origin == .linkLocal)
        lend(&configuration, at: 3701, &sink)
        _ = run(&configuration, until: 3720, &sink)
        #expect(configuration.current?.origin == .lease)
    }

    @Test func `a pulled cable keeps a lent address, and drops a link-local one`() {
        var (configuration, sink) = (new(), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        lend(&configuration, at: 0, &sink)
        _ = run(&configuration, until: 20, &sink)
        #expect(configuration.linkChanged(isUp: false, now: .at(20), into: &sink) == nil)
        #expect(configuration.linkChanged(isUp: true, now: .at(30), into: &sink) == nil && configuration.current != nil)
        #expect(sink.last.kind == .request)
        let probes = sink.packets.count
        #expect(configuration.receive(server.answer(.ack, sink.last), 31, &sink) == nil)
        _ = run(&configuration, until: 60, &sink)
        #expect(sink.packets.count == probes)
        var own = new(.linkLocal)
        _ = own.linkChanged(isUp: true, now: .at(0), into: &sink)
        _ = run(&own, until: 20, &sink)
        let address = own.current?.address
        #expect(own.linkChanged(isUp: false, now: .at(20), into: &sink) == .changed(nil))
        _ = own.linkChanged(isUp: true, now: .at(30), into: &sink)
        _ = run(&own, until: 50, &sink)
        #expect(address != nil && own.current?.address == address)
    }

    @Test func `stopping gives the address back`() {
        var (configuration, sink) = (new(check: .meanwhile), Recorder())
        _ = configuration.linkChanged(isUp: true, now: .at(0), into: &sink)
        lend(&configuration, at: 0, &sink)
        #expect(configuration.stop(now: .at(1), into: &sink) == .changed(nil) && sink.last.kind == .release)
        #expect(configuration.deadline == .never)
    }
}
