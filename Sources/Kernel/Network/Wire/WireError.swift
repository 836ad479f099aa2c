/// Why bytes are no packet of the protocol they were read as. The packet is to be dropped and counted.
@frozen
public enum WireError: Error, Equatable, Sendable {
    /// The bytes end before this field does.
    case truncated(WireField)
    /// The field has a value that the protocol does not allow.
    case malformed(WireField)
    /// The field is well formed, but nothing here understands its value.
    case unsupported(WireField)
    /// The checksum that covers this part is wrong.
    case checksum(WireField)
}

/// The part of a packet that a `WireError` is about.
@frozen
public enum WireField: UInt8, Equatable, Sendable {
    /// Ethernet: the 14 bytes in front.
    case ethernetHeader
    /// Ethernet: the tag of IEEE 802.1Q.
    case vlanTag
    /// Ethernet: the type, or a length as in IEEE 802.3.
    case etherType
    /// ARP: the packet as a whole.
    case arpPacket
    /// ARP: the kind of link.
    case arpHardwareType
    /// ARP: the kind of address that is asked for.
    case arpProtocolType
    /// ARP: the lengths of the addresses.
    case arpAddressLength
    /// ARP: what is asked or answered.
    case arpOperation
    /// IPv4: the header as a whole.
    case ipv4Header
    /// IPv4: the version.
    case ipv4Version
    /// IPv4: the header's length.
    case ipv4HeaderLength
    /// IPv4: the datagram's length.
    case ipv4TotalLength
    /// IPv4: the options.
    case ipv4Options
    /// IPv4: the fragment's place in the datagram.
    case ipv4FragmentOffset
    /// ICMP: the message.
    case icmpMessage
    /// IGMP: the message.
    case igmpMessage
    /// IGMP: the message's type.
    case igmpType
    /// UDP: the header.
    case udpHeader
    /// UDP: the datagram's length.
    case udpLength
    /// TCP: the header.
    case tcpHeader
    /// TCP: where the data begin.
    case tcpDataOffset
    /// TCP: the options.
    case tcpOptions
}
