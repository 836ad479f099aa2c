import Interfaces

/// A UDP or echo socket of a stack.
struct DatagramSocket {
    enum Kind: Equatable {
        /// UDP, at this address (unspecified for any) and port.
        case udp(IPv4Address, Port)
        /// ICMP echo with this identifier. The port of a datagram's sender is the sequence number.
        case echo(UInt16)
    }

    let id: UDPDemultiplexer.SocketID
    let kind: Kind
    /// The only interface to use; nil for any.
    let interface: InterfaceID?
    /// The only other end, or nil.
    let remote: Endpoint?
    var owner: UInt = 0
    var queue: DatagramQueue
    /// What an ICMP error said since the last look.
    var error: StackError?
}
