import Interfaces

/// Interfaces, their addresses and routes.
extension NetworkStack {
    /// Adds an interface, down and without an address. Its owner hands in frames under the number and takes them from the sink.
    /// - Throws: `.full`.
    public mutating func addInterface(_ link: LinkDescription) throws(StackError) -> InterfaceID {
        guard let id = interfaces.add(link, seed: random.next()) else { throw .full }
        return id
    }

    /// How many interfaces there are, the loopback included: numbers below this are theirs.
    public var interfaceCount: Int { interfaces.count }

    /// The address of `interface`; nil while it has none.
    public func address(of interface: InterfaceID) -> InterfaceAddress? { interfaces[interface].address }

    /// The hardware address of `interface`.
    public func hardwareAddress(of interface: InterfaceID) -> HardwareAddress { interfaces[interface].hardware }

    /// Whether the link of `interface` is up.
    public func isUp(_ interface: InterfaceID) -> Bool { interfaces[interface].isUp }

    /// The longest packet on `interface`, in bytes.
    public func maximumTransmissionUnit(of interface: InterfaceID) -> Int {
        interfaces[interface].maximumTransmissionUnit
    }

    /// The routes, the most specific first.
    public var routingTable: [Route] { routes.routes }

    /// Calls `body` with each neighbour of `interface` that is known: its addresses, and whether it was confirmed lately.
    public func forEachNeighbor(
        of interface: InterfaceID, _ body: (IPv4Address, HardwareAddress, _ isConfirmed: Bool) -> Void
    ) {
        interfaces[interface].neighbors.forEach(body)
    }

    /// The link of `interface` went up or down. Neighbours are forgotten, for it may lead somewhere else now; connections stay, and
    /// go on when it is back. The routers are told again which groups are wanted here.
    public mutating func setLink(isUp: Bool, of interface: InterfaceID, now: Instant) {
        interfaces[interface].isUp = isUp
        interfaces[interface].neighbors.removeAll()
        forgetPaths()
        guard isUp else { return }
        interfaces[interface].groups.reportAgain(now: now)
        var waiting: [UInt32] = []
        connections.forEach { if connections[$0].path.interface == interface { waiting.append($0) } }
        for index in waiting {
            connections[index].block.retry(now: now)
            noteToPoll(index)
        }
    }

    /// Gives `interface` an address, or takes it away, with the route to its network. Connections bound to another address of the
    /// interface end with `.aborted`: nobody could answer them any more.
    public mutating func setAddress(
        _ address: InterfaceAddress?, of interface: InterfaceID, now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        let old = interfaces[interface].address
        guard old != address else { return }
        if let old, old.address != address?.address { abortConnections(from: old.address, now, into: &sink) }
        interfaces[interface].address = address
        interfaces[interface].neighbors.address = address?.address ?? .unspecified
        interfaces[interface].groups.address = address?.address ?? .unspecified
        interfaces[interface].neighbors.removeAll()
        routes.removeAll(on: interface)
        if let address {
            _ = routes.add(Route(to: address.network, on: interface, from: address.address, owner: .address))
        }
        forgetPaths()
    }

    /// Adds a way to `destination` over `gateway` on `interface`, from its address.
    /// - Throws: `.invalid` while the interface has no address, `.full`.
    public mutating func addRoute(
        to destination: IPv4Prefix, by gateway: IPv4Address?, on interface: InterfaceID, metric: UInt16 = 0,
        owner: Route.Owner = .user
    ) throws(StackError) {
        guard let own = interfaces[interface].address else { throw .invalid }
        let route = Route(
            to: destination, by: gateway, on: interface, from: own.address, metric: metric, owner: owner)
        guard routes.add(route) else { throw .full }
        forgetPaths()
    }

    /// Removes the ways on `interface` that are `owner`'s; those that others brought stay, though they lead to the same networks.
    public mutating func removeRoutes(of owner: Route.Owner, on interface: InterfaceID) {
        routes.removeAll(of: owner, on: interface)
        forgetPaths()
    }

    /// Whether each ARP packet that arrives on `interface` becomes an event, for those who claim addresses (RFC 5227).
    public mutating func observeARP(_ isObserved: Bool, on interface: InterfaceID) {
        interfaces[interface].isARPObserved = isObserved
    }

    /// Joins `group` on `interface`; joins are counted. The device must be told as well.
    /// - Throws: `.full`, `.invalid` when `group` is none.
    public mutating func join(
        _ group: IPv4Address, on interface: InterfaceID, now: Instant, into sink: inout some FrameSink & ~Copyable
    ) throws(StackError) {
        guard group.isMulticast else { throw .invalid }
        guard interfaces[interface].groups.join(group, now: now, into: &sink) else { throw .full }
    }

    /// Undoes one join of `group`.
    public mutating func leave(
        _ group: IPv4Address, on interface: InterfaceID, now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        interfaces[interface].groups.leave(group, now: now, into: &sink)
    }

    /// Does what is due on one interface.
    mutating func advance(_ id: InterfaceID, to now: Instant, into sink: inout some FrameSink & ~Copyable) {
        let version = interfaces[id].neighbors.version
        var isUndelivered = false
        interfaces[id].neighbors.advance(to: now, into: &sink) { _ in isUndelivered = true }
        if isUndelivered { statistics.unreachable += 1 }
        if interfaces[id].neighbors.version != version { forgetPaths() }
        interfaces[id].groups.advance(to: now, into: &sink)
    }
}
