import Network

/// The address of an interface, and what is known about the network it is in.
public struct InterfaceConfiguration: Equatable, Sendable {
    /// Where a configuration comes from.
    @frozen
    public enum Origin: Equatable, Sendable {
        /// It was written down.
        case fixed
        /// A DHCP server lent it.
        case lease
        /// The interface gave it to itself (RFC 3927): good for neighbours only.
        case linkLocal
    }

    /// Where this comes from.
    public var origin: Origin
    /// The address with its network.
    public var address: InterfaceAddress
    /// The ways out; the network itself is not among them.
    public var routes: [LeaseRoute] = []
    /// Servers of the domain name system, the preferred first.
    public var nameServers: [IPv4Address] = []
    /// The domains in which short names are looked for.
    public var searchList: [DomainName] = []
    /// Servers of the time.
    public var timeServers: [IPv4Address] = []
    /// The name that the server has for this host.
    public var hostName: DomainName?
    /// The link's MTU, where it is to be below the device's.
    public var mtu: Int?

    /// An address that was written down.
    public init(
        fixed address: InterfaceAddress, gateway: IPv4Address? = nil, nameServers: [IPv4Address] = [],
        searchList: [DomainName] = []
    ) {
        origin = .fixed
        self.address = address
        if let gateway { routes = [LeaseRoute(to: .everything, by: gateway)] }
        self.nameServers = nameServers
        self.searchList = searchList
    }

    /// What a server lent. Without a search list the domain stands for one.
    public init(_ lease: Lease) {
        origin = .lease
        address = lease.address
        routes = lease.routes
        nameServers = lease.nameServers
        searchList = lease.searchList
        if searchList.isEmpty, let domain = lease.domain { searchList = [domain] }
        timeServers = lease.timeServers
        hostName = lease.hostName
        mtu = lease.mtu
    }

    /// An address of RFC 3927.
    public init(linkLocal address: InterfaceAddress) {
        origin = .linkLocal
        self.address = address
    }
}
