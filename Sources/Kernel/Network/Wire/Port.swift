/// A port of UDP or TCP (RFC 6335).
@frozen
public struct Port: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The number.
    public var rawValue: UInt16

    /// The port of that number.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The port of that number.
    @inlinable
    public init(integerLiteral value: UInt16) { rawValue = value }

    /// Port 0: none, or any.
    @inlinable
    public static var any: Port { 0 }

    /// Whether the port is one of those for connections that start here: 49152 and above (RFC 6335 section 6).
    @inlinable
    public var isDynamic: Bool { rawValue >= 49152 }
}

extension Port: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { "\(rawValue)" }
}

/// One end of a conversation: an address and a port.
@frozen
public struct Endpoint: Hashable, Sendable {
    /// The address; unspecified for any.
    public var address: IPAddress
    /// The port; 0 for any.
    public var port: Port

    /// The end at `address` and `port`.
    @inlinable
    public init(_ address: IPAddress, _ port: Port) {
        self.address = address
        self.port = port
    }

    /// The end at `address` and `port`.
    @inlinable
    public init(_ address: IPv4Address, _ port: Port) { self.init(IPAddress(address), port) }
}

extension Endpoint: CustomStringConvertible {
    /// Address, colon, port; an IPv6 address in brackets (RFC 3986 section 3.2.2).
    public var description: String { address.v4 == nil ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
