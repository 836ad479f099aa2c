/// Which of the interfaces: its number in the order in which they were added.
@frozen
public struct InterfaceID: RawRepresentable, Hashable, Sendable {
    /// The number.
    public var rawValue: UInt8

    /// The interface of that number.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// A way to a network.
@frozen
public struct Route: Equatable, Sendable {
    /// Whose a route is: it goes with what brought it, and nobody else takes it away.
    @frozen
    public enum Owner: Equatable, Sendable {
        /// The interface's address, which brings the route to its own network.
        case address
        /// Whoever wrote it down.
        case user
        /// What a server lent.
        case lease
    }

    /// Where the way leads.
    public var destination: IPv4Prefix
    /// The router to hand packets to; nil when the destination is on the link itself.
    public var gateway: IPv4Address?
    /// The interface to send on.
    public var interface: InterfaceID
    /// The address to send from, unless the sender chose one.
    public var source: IPv4Address
    /// Of two ways to the same network the one with the lower metric is taken.
    public var metric: UInt16
    /// Whose it is.
    public var owner: Owner

    /// A way to `destination`.
    @inlinable
    public init(
        to destination: IPv4Prefix, by gateway: IPv4Address? = nil, on interface: InterfaceID, from source: IPv4Address,
        metric: UInt16 = 0, owner: Owner = .user
    ) {
        self.destination = destination
        self.gateway = gateway
        self.interface = interface
        self.source = source
        self.metric = metric
        self.owner = owner
    }

    /// The neighbour that gets a packet for `address`.
    @inlinable
    public func nextHop(to address: IPv4Address) -> IPv4Address { gateway ?? address }
}

/// Where packets go (RFC 1122 section 3.3.1): the longest prefix wins, then the lowest metric, then the first that was added.
///
/// Kept in that order, so that a look-up ends at the first match. Complexity: O(n) in the number of routes, of which a host has few.
public struct RoutingTable: Sendable {
    /// The routes, the most specific first.
    public private(set) var routes: [Route] = []
    /// How many routes fit.
    public let capacity: Int

    /// A table for `capacity` routes.
    public init(capacity: Int = 32) {
        self.capacity = capacity
        routes.reserveCapacity(capacity)
    }

    /// Adds `route`, in place of its owner's to the same network by the same gateway on the same interface.
    /// - Returns: false when the table is full.
    public mutating func add(_ route: Route) -> Bool {
        routes.removeAll {
            $0.destination == route.destination && $0.interface == route.interface && $0.gateway == route.gateway
                && $0.owner == route.owner
        }
        guard routes.count < capacity else { return false }
        var index = 0
        while index < routes.count, !precedes(route, routes[index]) { index += 1 }
        routes.insert(route, at: index)
        return true
    }

    /// Removes the routes of `owner` on `interface`.
    public mutating func removeAll(of owner: Route.Owner, on interface: InterfaceID) {
        routes.removeAll { $0.owner == owner && $0.interface == interface }
    }

    /// Removes every route on `interface`, as when its link went down.
    public mutating func removeAll(on interface: InterfaceID) { routes.removeAll { $0.interface == interface } }

    /// The way to `destination`; nil when there is none.
    /// - Parameter interface: the only one to use, or nil for any. Link-local and limited broadcast addresses mean nothing without.
    public func route(to destination: IPv4Address, on interface: InterfaceID? = nil) -> Route? {
        for index in routes.indices where routes[index].destination.contains(destination) {
            if interface == nil || routes[index].interface == interface { return routes[index] }
        }
        return nil
    }

    private func precedes(_ left: Route, _ right: Route) -> Bool {
        left.destination.length != right.destination.length
            ? left.destination.length > right.destination.length : left.metric < right.metric
    }
}
