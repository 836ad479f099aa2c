import Interfaces
import Network

/// An address that a server lent, until when, and what it told about the network.
///
/// Every list has a bound, whatever the server sends.
public struct Lease: Equatable, Sendable {
    /// The most routers, name servers, search domains, time servers and routes that are kept.
    static let limits = (routers: 4, nameServers: 3, domains: 6, timeServers: 4, routes: 16)
    /// The least MTU that is believed: what every host takes (RFC 1122 section 3.3.2). A lower one only makes crumbs.
    static let minimumMTU = 576

    /// The address with its network.
    public var address: InterfaceAddress
    /// The server that lent it.
    public var server: IPv4Address
    /// Routers on the link, the preferred first.
    public var routers: [IPv4Address]
    /// The ways out: the classless routes when the server sent some, else the default route by each router.
    public var routes: [LeaseRoute]
    /// Servers of the domain name system, the preferred first.
    public var nameServers: [IPv4Address]
    /// The domain that short names are in.
    public var domain: DomainName?
    /// The domains in which short names are looked for.
    public var searchList: [DomainName]
    /// Servers of the time.
    public var timeServers: [IPv4Address]
    /// The name that the server has for this host.
    public var hostName: DomainName?
    /// The link's MTU, where it is to be below the device's.
    public var mtu: Int?
    /// T1: from then on the server is asked to lend it for longer.
    public var renewal: Instant
    /// T2: from then on every server is asked.
    public var rebinding: Instant
    /// The address must not be used from then on; `.never` when it is lent for good.
    public var expiry: Instant

    /// What `message`, an offer or an acknowledgement, lends from `start` on; nil when the address, the server or the time is missing or
    /// makes no sense.
    init?(_ message: DHCPMessage, from start: Instant) {
        let options = message.options
        guard let server = options.address(.serverIdentifier), server.isUnicast, !message.yourAddress.isLoopback,
            let seconds = options.word32(.leaseTime), seconds > 0,
            let address = Self.address(message)
        else { return nil }
        self.address = address
        self.server = server
        routers = options.addresses(.router, limit: Self.limits.routers)
        nameServers = options.addresses(.nameServer, limit: Self.limits.nameServers)
        timeServers = options.addresses(.timeServer, limit: Self.limits.timeServers)
        domain = options[.domainName].flatMap { DomainName($0) }
        hostName = options[.hostName].flatMap { DomainName($0) }
        searchList = options[.domainSearch].map { DomainName.searchList($0, limit: Self.limits.domains) } ?? []
        mtu = options.word16(.interfaceMTU).flatMap { Int($0) >= Self.minimumMTU ? Int($0) : nil }
        routes = []
        (renewal, rebinding, expiry) = Self.times(options, seconds, from: start)
        routes = classlessRoutes(options) ?? routers.map { LeaseRoute(to: .everything, by: $0) }
    }

    /// The address with its network; without a mask, that of its class (RFC 791 section 3.2). A mask that makes no sense is not as good as
    /// none: the network would be taken for one that it is not.
    private static func address(_ message: DHCPMessage) -> InterfaceAddress? {
        let address = message.yourAddress
        guard message.options[.subnetMask] != nil else {
            return InterfaceAddress(address, prefixLength: address[0] < 128 ? 8 : address[0] < 192 ? 16 : 24)
        }
        guard let mask = message.options.address(.subnetMask), let prefix = IPv4Prefix(address, mask: mask),
            prefix.length > 0, address != prefix.broadcast,
            address != prefix.network || prefix.length >= 31
        else { return nil }
        return InterfaceAddress(address, prefixLength: Int(prefix.length))
    }

    private func classlessRoutes(_ options: DHCPOptions) -> [LeaseRoute]? {
        guard let bytes = options[.classlessRoutes], !bytes.isEmpty else { return nil }
        return LeaseRoute.list(bytes, limit: Self.limits.routes)
    }

    /// T1, T2 and the end: those of the server when they stand in that order, else 1/2 and 7/8 of the time (RFC 2131 section 4.4.5).
    private static func times(
        _ options: DHCPOptions, _ seconds: UInt32, from start: Instant
    ) -> (Instant, Instant, Instant) {
        guard seconds != .max else { return (.never, .never, .never) }
        let end = Interval.seconds(UInt64(seconds))
        var first = Interval.nanoseconds(end.nanoseconds / 2)
        var second = Interval.nanoseconds(end.nanoseconds / 8 * 7)
        if let value = options.word32(.renewalTime), value > 0, value < seconds { first = .seconds(UInt64(value)) }
        if let value = options.word32(.rebindingTime), value > 0, value < seconds { second = .seconds(UInt64(value)) }
        if second <= first {
            first = .nanoseconds(end.nanoseconds / 2)
            second = .nanoseconds(end.nanoseconds / 8 * 7)
        }
        return (start + first, start + second, start + end)
    }
}
