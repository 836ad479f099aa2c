import Network

/// A way to a network that a server told of.
@frozen
public struct LeaseRoute: Equatable, Sendable {
    /// Where the way leads.
    public var destination: IPv4Prefix
    /// The router; nil when the destination is on the link itself.
    public var gateway: IPv4Address?

    /// A way to `destination`.
    @inlinable
    public init(to destination: IPv4Prefix, by gateway: IPv4Address?) {
        self.destination = destination
        self.gateway = gateway
    }

    /// The routes of the option of RFC 3442, the first `limit` of them; nil when it is malformed.
    static func list(_ bytes: [UInt8], limit: Int) -> [LeaseRoute]? {
        var (routes, offset): ([LeaseRoute], Int) = ([], 0)
        while offset < bytes.count {
            let width = Int(bytes[offset])
            let significant = (width + 7) / 8
            guard width <= 32, offset + 1 + significant + 4 <= bytes.count else { return nil }
            var bits: UInt32 = 0
            for index in 0..<significant { bits |= UInt32(bytes[offset + 1 + index]) << UInt32(24 - 8 * index) }
            let gateway = IPv4Address(bytes, at: offset + 1 + significant)
            offset += 1 + significant + 4
            guard let destination = IPv4Prefix(IPv4Address(bits: bits), length: width) else { return nil }
            guard gateway.isUnicast || gateway.isUnspecified, routes.count < limit else { continue }
            routes.append(LeaseRoute(to: destination, by: gateway.isUnspecified ? nil : gateway))
        }
        return routes
    }
}
