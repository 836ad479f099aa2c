import Interfaces
import Network
import Testing

@testable import DHCP

struct LeaseTests {
    private let request = DHCPMessage(.request, .request, transaction: 1, hardware: hardware)

    private func lease(_ extra: [(DHCPOptionCode, [UInt8])] = [], _ change: (inout Server) -> Void = { _ in }) -> Lease?
    {
        var server = Server()
        server.extra = extra
        change(&server)
        return Lease(server.answer(.ack, request), from: .at(100))
    }

    @Test func `everything that a server tells is kept`() throws {
        let found =
            lease([
                (.nameServer, [10, 0, 0, 2, 10, 0, 0, 3]), (.domainName, Array("example.org\0".utf8)),
                (.hostName, Array("swift-1".utf8)), (.interfaceMTU, [5, 0x78]), (.timeServer, [10, 0, 0, 9]),
                (.domainSearch, [1, 0x61, 3, 0x6F, 0x72, 0x67, 0, 1, 0x62, 0xC0, 2]),
            ])
        let lease = try #require(found)
        #expect(lease.address == InterfaceAddress(IPv4Address(10, 0, 0, 42), prefixLength: 24))
        #expect(lease.routers == [IPv4Address(10, 0, 0, 1)] && lease.server == IPv4Address(10, 0, 0, 1))
        #expect(lease.routes == [LeaseRoute(to: .everything, by: IPv4Address(10, 0, 0, 1))])
        #expect(lease.nameServers == [IPv4Address(10, 0, 0, 2), IPv4Address(10, 0, 0, 3)])
        #expect(lease.domain?.description == "example.org" && lease.hostName?.description == "swift-1")
        #expect(lease.mtu == 1400 && lease.timeServers == [IPv4Address(10, 0, 0, 9)])
        #expect(lease.searchList.map { $0.description } == ["a.org", "b.org"])
    }

    @Test(
        arguments: [
            (3600, nil, nil, 1800, 3150), (3600, 600, 1200, 600, 1200), (3600, 600, nil, 600, 3150),
            (3600, nil, 1900, 1800, 1900),
            // In the wrong order, or past the end: as if the server had said nothing.
            (3600, 1200, 600, 1800, 3150), (3600, 4000, 5000, 1800, 3150), (3600, 0, 0, 1800, 3150),
            (1, nil, nil, 0.5, 0.875),
        ] as [(UInt32, UInt32?, UInt32?, Double, Double)])
    func `RFC 2131 section 4.4.5: T1 and T2`(
        seconds: UInt32, first: UInt32?, second: UInt32?, renewal: Double, rebinding: Double
    ) {
        var extra: [(DHCPOptionCode, [UInt8])] = []
        for (code, value) in [(DHCPOptionCode.renewalTime, first), (.rebindingTime, second)] {
            if let value {
                extra.append((code, (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) }))
            }
        }
        let lease = lease(extra) { $0.seconds = seconds }
        #expect(lease?.renewal == .at(100 + renewal) && lease?.rebinding == .at(100 + rebinding))
        #expect(lease?.expiry == .at(100 + Double(seconds)))
    }

    @Test func `RFC 2131 section 3.3: a lease of all ones never ends`() {
        let lease = lease { $0.seconds = .max }
        #expect(lease?.renewal == .never && lease?.rebinding == .never && lease?.expiry == .never)
    }

    @Test func `an offer without time, address or server is none`() {
        #expect(lease { $0.seconds = nil } == nil && lease { $0.seconds = 0 } == nil)
        for address in [
            IPv4Address(0, 0, 0, 0), .broadcast, .loopback, .allHosts, IPv4Address(10, 0, 0, 0),
            IPv4Address(10, 0, 0, 255),
        ] {
            #expect(lease { $0.lent = address } == nil, "\(address)")
        }
        #expect(lease { $0.address = .unspecified } == nil && lease { $0.address = .broadcast } == nil)
    }

    @Test func `a mask with a gap, or of the wrong length, is refused or counts as none`() {
        var message = DHCPMessage(.reply, .ack, transaction: 1, hardware: hardware)
        message.yourAddress = IPv4Address(10, 0, 0, 42)
        message.append(.serverIdentifier, IPv4Address(10, 0, 0, 1))
        message.append(.leaseTime, [0, 0, 1, 0])
        #expect(Lease(message, from: .at(0))?.address.network.length == 8)
        var gap = message
        gap.append(.subnetMask, IPv4Address(255, 0, 255, 0))
        #expect(Lease(gap, from: .at(0)) == nil)
        var long = message
        long.append(.subnetMask, [255, 255, 255, 0, 0])
        #expect(Lease(long, from: .at(0)) == nil)
    }

    @Test func `what is sent twice is put together (RFC 3396), and counts if it says the same twice`() {
        #expect(lease([(.subnetMask, [255, 255, 255, 0])])?.address.network.length == 24)
        #expect(lease([(.subnetMask, [255, 255, 0, 0])]) == nil)
        #expect(lease([(.leaseTime, [0, 0, 14, 16])])?.expiry == .at(3700))
        #expect(lease([(.leaseTime, [0, 0, 14, 17])]) == nil)
        #expect(lease([(.serverIdentifier, [10, 0, 0, 1])])?.server == IPv4Address(10, 0, 0, 1))
        #expect(lease([(.interfaceMTU, [5, 0x78]), (.interfaceMTU, [5, 0x78])])?.mtu == 1400)
    }

    @Test(
        arguments: [
            // Default; 10.17/16 by 10.0.0.2; the link itself.
            ([0, 10, 0, 0, 1], ["0.0.0.0/0 10.0.0.1"]), ([16, 10, 17, 10, 0, 0, 2], ["10.17.0.0/16 10.0.0.2"]),
            ([24, 10, 5, 6, 0, 0, 0, 0], ["10.5.6.0/24 link"]),
            ([25, 10, 5, 6, 255, 10, 0, 0, 1], ["10.5.6.128/25 10.0.0.1"]),
            ([0, 10, 0, 0, 1, 8, 11, 10, 0, 0, 2], ["0.0.0.0/0 10.0.0.1", "11.0.0.0/8 10.0.0.2"]),
            // Malformed: the router counts.
            ([33, 1, 2, 3, 4, 5, 10, 0, 0, 1], ["0.0.0.0/0 10.0.0.1"]), ([24, 10, 5], ["0.0.0.0/0 10.0.0.1"]),
            // A router that cannot be one.
            ([8, 11, 255, 255, 255, 255], []),
        ] as [([UInt8], [String])])
    func `RFC 3442: classless routes count in place of the router`(option: [UInt8], routes: [String]) {
        let found = lease([(.classlessRoutes, option)])?.routes.map {
            "\($0.destination) \($0.gateway?.description ?? "link")"
        }
        #expect(found == routes)
    }

    @Test(arguments: [
        "a b", "a\"b", "\u{1B}[2J", ".", "a..b", ".a", String(repeating: "a", count: 64), "", "é", "a/../b",
        String(repeating: "aaaaaaa.", count: 32),
    ])
    func `a name that cannot be one is not kept`(name: String) {
        #expect(lease([(.hostName, Array(name.utf8)), (.domainName, Array(name.utf8))])?.hostName == nil)
        #expect(DomainName(name) == nil)
    }

    @Test func `RFC 3397: pointers that lead forwards or in circles end the list`() {
        for bytes: [UInt8] in [
            [0xC0, 0], [0xC0, 2, 0xC0, 0], [1, 0x61, 0xC0, 0], [1, 0x61, 0xC0, 9], [0xC0], [5, 1], [0x80, 1],
        ] {
            #expect(DomainName.searchList(bytes, limit: 6) == [], "\(bytes)")
        }
    }

    @Test func `no list grows without bound`() throws {
        var (many, routes, domains): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        for number in 0..<UInt8(255) {
            many += [10, 0, 1, number]
            routes += [8, number, 10, 0, 0, 1]
            domains += [2, 0x61 + number % 26, 0x61 + number / 26, 0]
        }
        let found = lease([
            (.nameServer, many), (.timeServer, many), (.router, many), (.classlessRoutes, routes),
            (.domainSearch, domains),
        ])
        let lease = try #require(found)
        #expect(lease.nameServers.count == 3 && lease.timeServers.count == 4 && lease.routers.count <= 4)
        #expect(lease.routes.count == 16 && lease.searchList.count == 6)
    }

    @Test(
        arguments: [([2, 0x40], 576), ([2, 0x3F], nil), ([5, 0xDC], 1500), ([5], nil), ([0, 0, 5, 0xDC], nil)]
            as [([UInt8], Int?)])
    func `an MTU below what every host takes is not believed`(value: [UInt8], mtu: Int?) {
        #expect(lease([(.interfaceMTU, value)])?.mtu == mtu)
    }
}
