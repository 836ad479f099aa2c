/// The number of an option in a DHCP message.
@frozen
public struct DHCPOptionCode: RawRepresentable, Equatable, Sendable, ExpressibleByIntegerLiteral {
    /// The number.
    public var rawValue: UInt8

    /// The option of that number.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The option of that number.
    @inlinable
    public init(integerLiteral value: UInt8) { rawValue = value }

    /// One byte of nothing (RFC 2132 section 3.1).
    public static let pad: DHCPOptionCode = 0
    /// The mask of the link's network (section 3.3).
    public static let subnetMask: DHCPOptionCode = 1
    /// Routers on the link, the preferred first (section 3.5).
    public static let router: DHCPOptionCode = 3
    /// Servers of the domain name system (section 3.8).
    public static let nameServer: DHCPOptionCode = 6
    /// The host's name (section 3.14).
    public static let hostName: DHCPOptionCode = 12
    /// The domain that short names are in (section 3.17).
    public static let domainName: DHCPOptionCode = 15
    /// The link's MTU (section 5.1).
    public static let interfaceMTU: DHCPOptionCode = 26
    /// Servers of the time (section 8.3).
    public static let timeServer: DHCPOptionCode = 42
    /// The address that the client wants (section 9.1).
    public static let requestedAddress: DHCPOptionCode = 50
    /// How long the address is lent, in seconds (section 9.2).
    public static let leaseTime: DHCPOptionCode = 51
    /// Options stand in the fields of the header as well (section 9.3).
    public static let overload: DHCPOptionCode = 52
    /// The kind of message (section 9.6).
    public static let messageType: DHCPOptionCode = 53
    /// Which server is meant or speaks (section 9.7).
    public static let serverIdentifier: DHCPOptionCode = 54
    /// The options the client asks for (section 9.8).
    public static let parameterRequestList: DHCPOptionCode = 55
    /// The longest message the client takes (section 9.10).
    public static let maximumMessageSize: DHCPOptionCode = 57
    /// T1, in seconds (section 9.11).
    public static let renewalTime: DHCPOptionCode = 58
    /// T2, in seconds (section 9.12).
    public static let rebindingTime: DHCPOptionCode = 59
    /// Who the client is (section 9.14).
    public static let clientIdentifier: DHCPOptionCode = 61
    /// Domains in which short names are looked for (RFC 3397).
    public static let domainSearch: DHCPOptionCode = 119
    /// Routes; where they stand, `router` does not count (RFC 3442).
    public static let classlessRoutes: DHCPOptionCode = 121
    /// Nothing follows (RFC 2132 section 3.2).
    public static let end: DHCPOptionCode = 255
}
