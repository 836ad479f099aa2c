/// An interface's address with its network.
@frozen
public struct InterfaceAddress: Hashable, Sendable {
    /// The address.
    public var address: IPv4Address
    /// The network on the link.
    public var network: IPv4Prefix

    /// `address` in the network of `prefixLength` bits; nil when that is above 32, or the address is none that an interface can have.
    public init?(_ address: IPv4Address, prefixLength: Int) {
        guard address.isUnicast, let network = IPv4Prefix(address, length: prefixLength) else { return nil }
        self.address = address
        self.network = network
    }
}

/// Whom a datagram that arrived is for (RFC 1122 section 3.2.1.3).
@frozen
public enum IPv4Reception: Equatable, Sendable {
    /// For this host alone.
    case unicast
    /// For every host on the link.
    case broadcast
    /// For a group that the interface joined.
    case multicast
    /// For somebody else. A host does not pass it on, and says nothing (RFC 1122 section 3.3.1.1).
    case notForUs
    /// An address stands where it must not: dropped in silence, whatever it is for.
    case martian

    /// Judges the addresses of `header`.
    /// - Parameters:
    ///   - local: the address of the interface on which it arrived; nil while there is none.
    ///   - isLoopback: it arrived on the loopback interface.
    ///   - isJoined: whether the interface joined a group.
    public init(
        _ header: IPv4Header, local: InterfaceAddress?, isLoopback: Bool = false, isJoined: (IPv4Address) -> Bool
    ) {
        let (source, destination) = (header.source, header.destination)
        if isLoopback {
            self = destination.isLoopback || destination == local?.address ? .unicast : .notForUs
            return
        }
        // A source is one host, or nobody yet, who can only talk to all (DHCP).
        let isNobody = source.isUnspecified && (destination.isLimitedBroadcast || destination.isMulticast)
        guard source.isUnicast || isNobody, !source.isLoopback, !destination.isLoopback, !destination.isThisNetwork
        else {
            self = .martian
            return
        }
        if let local, source == local.address || source == local.network.broadcast {
            self = .martian
        } else if destination.isLimitedBroadcast || (destination == local?.network.broadcast) {
            self = .broadcast
        } else if destination.isMulticast {
            self = isJoined(destination) ? .multicast : .notForUs
        } else {
            self = destination == local?.address ? .unicast : .notForUs
        }
    }
}
