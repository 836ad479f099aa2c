/// What a record says about its name (RFC 1035 section 3.2.2).
@frozen
public struct DNSType: RawRepresentable, Hashable, Sendable {
    /// The number.
    public var rawValue: UInt16

    /// The type of that number.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// An IPv4 address.
    public static let a = DNSType(rawValue: 1)
    /// A server that knows the zone.
    public static let ns = DNSType(rawValue: 2)
    /// The name that this one stands for.
    public static let cname = DNSType(rawValue: 5)
    /// The start of a zone, with the time for which to believe that a name is not there.
    public static let soa = DNSType(rawValue: 6)
    /// Another name, as that of an address.
    public static let ptr = DNSType(rawValue: 12)
    /// Text.
    public static let txt = DNSType(rawValue: 16)
    /// An IPv6 address (RFC 3596).
    public static let aaaa = DNSType(rawValue: 28)
    /// Where a service is (RFC 2782).
    public static let srv = DNSType(rawValue: 33)
}

extension DNSType: CustomStringConvertible {
    /// The name of the type; TYPE and the number for those that have none here (RFC 3597 section 5).
    public var description: String {
        switch self {
        case .a: "A"
        case .ns: "NS"
        case .cname: "CNAME"
        case .soa: "SOA"
        case .ptr: "PTR"
        case .txt: "TXT"
        case .aaaa: "AAAA"
        case .srv: "SRV"
        default: "TYPE\(rawValue)"
        }
    }
}
