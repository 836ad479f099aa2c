/// Why bytes are no DHCP message. The datagram is to be dropped and counted.
@frozen
public enum DHCPMessageError: Error, Equatable, Sendable {
    /// The bytes end before the header, or an option, does.
    case truncated
    /// Neither a request nor a reply.
    case badOperation
    /// The hardware address is none of Ethernet.
    case badHardwareType
    /// The options do not begin with the number that tells them from BOOTP's (RFC 2131 section 3).
    case badCookie
    /// The message does not say what kind it is, as BOOTP's do not (RFC 1533 section 9.4).
    case badKind
    /// Option overload has a value other than 1 to 3 (RFC 2132 section 9.3).
    case badOverload
}
