/// What an IP datagram carries (RFC 5237).
@frozen
public struct IPProtocol: RawRepresentable, Hashable, Sendable {
    /// The number.
    public var rawValue: UInt8

    /// The protocol of that number.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// RFC 792.
    @inlinable
    public static var icmp: IPProtocol { IPProtocol(rawValue: 1) }
    /// RFC 2236.
    @inlinable
    public static var igmp: IPProtocol { IPProtocol(rawValue: 2) }
    /// RFC 9293.
    @inlinable
    public static var tcp: IPProtocol { IPProtocol(rawValue: 6) }
    /// RFC 768.
    @inlinable
    public static var udp: IPProtocol { IPProtocol(rawValue: 17) }
}
