import Interfaces
import Network
import Testing

@testable import DHCP

/// The client against a server that others wrote, over a cable in a network namespace. Time is the test's own: it goes on to the client's next
/// deadline when nothing arrives.
@Suite(.serialized)
struct DnsmasqTests {
    fileprivate struct Session {
        var client: DHCPClient
        var cable: Cable
        var now = Instant.at(0)

        init(_ client: DHCPClient, _ server: Dnsmasq) throws {
            self.client = client
            cable = Cable(socket: try PacketSocket("client", in: server.namespace))
        }

        /// Goes on until an event, for so many of the client's deadlines at most.
        mutating func next(within deadlines: Int = 12) -> DHCPClient.Event? {
            for _ in 0..<deadlines {
                while let frame = cable.socket.receive(milliseconds: 500) {
                    guard let payload = cable.payload(frame, answeringFor: client.lease?.address.address) else {
                        continue
                    }
                    if let event = client.receive(payload.span.bytes, now: now, into: &cable) { return event }
                }
                now = max(now, client.deadline)
                if let event = client.advance(to: now, into: &cable) { return event }
            }
            return nil
        }

        mutating func link(_ isUp: Bool) { client.linkChanged(isUp: isUp, now: now, into: &cable) }

        /// Gets a lease.
        mutating func configure() -> Lease? {
            guard case .check? = next(), case .configured(let lease)? = client.accept(now: now) else { return nil }
            return lease
        }
    }

    @Test(.enabled(if: Dnsmasq.obstacle == nil, "needs dnsmasq, ip and root"))
    func `dnsmasq lends, renews, confirms, goes and comes back, refuses, and takes an address back`() throws {
        let server = try Dnsmasq()
        try server.start()
        var session = try Session(DHCPClient(hardware: hardware, hostName: DomainName("swift"), seed: 7), server)
        session.link(true)
        let found = session.configure()
        let lease = try #require(found)
        #expect(lease.address.network == IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 24) && lease.mtu == 1400)
        #expect(lease.nameServers == [IPv4Address(10, 77, 0, 2), IPv4Address(10, 77, 0, 3)])
        #expect(lease.timeServers == [IPv4Address(10, 77, 0, 4)] && lease.domain?.description == "example.org")
        #expect(lease.searchList.map { $0.description } == ["a.example.org", "b.example.org"])
        #expect(lease.routes.map { $0.destination.description } == ["10.5.0.0/16", "0.0.0.0/0"])
        #expect(lease.expiry - session.now <= .seconds(3600) && server.leaseFile.contains("swift"))

        // T1: the server answers by unicast to the address that it lent.
        guard case .configured(let renewed)? = session.next() else { throw Failure.missing("a renewal") }
        #expect(renewed.address == lease.address && renewed.expiry > lease.expiry)
        #expect(session.cable.sent.last?.clientAddress == lease.address.address)

        // INIT-REBOOT.
        session.link(false)
        session.link(true)
        guard case .configured? = session.next() else { throw Failure.missing("a confirmation") }
        #expect(session.cable.sent.last?.options.address(.requestedAddress) == lease.address.address)

        server.stop()
        guard case .lost(.expired)? = session.next(within: 40) else { throw Failure.missing("the end") }
        try server.start()
        #expect(session.configure()?.address == lease.address)
        #expect(session.client.release(now: session.now, into: &session.cable) == .lost(.released))

        // An address of another network is refused, and one of this network follows.
        let stranger = DHCPClient(hardware: hardware, remembered: IPv4Address(192, 0, 2, 7), seed: 8)
        session = Session(taking: stranger, session)
        session.link(true)
        #expect(session.configure()?.address.network == lease.address.network)
        #expect(session.cable.sent.map { $0.kind } == [.request, .discover, .request])
        #expect(!server.leaseFile.contains("swift"))
    }

    private enum Failure: Error { case missing(String) }
}

extension DnsmasqTests.Session {
    /// A new client on the same cable.
    fileprivate init(taking client: DHCPClient, _ other: Self) {
        self.client = client
        cable = other.cable
        cable.sent = []
    }
}
