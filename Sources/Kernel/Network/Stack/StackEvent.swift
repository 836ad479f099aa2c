/// What a stack has to tell those above it.
@frozen
public enum StackEvent: Sendable {
    /// Something has changed on a connection whose owner is `owner`.
    case connection(ConnectionID, owner: UInt, TCPEvents)
    /// A connection waits to be accepted.
    case acceptable(ListenerID, owner: UInt)
    /// A datagram waits, or an error came back.
    case datagram(UDPDemultiplexer.SocketID, owner: UInt)
    /// An ARP packet arrived on an interface that is observed: it may speak of an address that is claimed.
    case arp(InterfaceID, ARPPacket)
}

/// An event of a socket, until somebody asks for it. It names the socket and nothing that may be gone by then.
enum PendingEvent {
    case acceptable(ListenerID)
    case datagram(UDPDemultiplexer.SocketID)
    case arp(InterfaceID, ARPPacket)
}
