/// What a stack has to tell those above it.
@frozen
public enum StackEvent: Sendable {
    /// Something has changed on a connection whose owner is `owner`.
    case connection(ConnectionID, owner: UInt, TCPEvents)
    /// A connection waits to be accepted.
    case acceptable(ListenerID, owner: UInt)
    /// A datagram waits, or an error came back.
    case datagram(UDPDemultiplexer.SocketID, owner: UInt)
    /// What became of the claim to an address.
    case claim(InterfaceID, AddressClaim.Event)
}
