/// How a server says that it could not answer (RFC 1035 section 4.1.1).
@frozen
public struct DNSResponseCode: RawRepresentable, Equatable, Sendable {
    /// The number: 0 to 15.
    public var rawValue: UInt8

    /// The code of that number.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It could.
    public static let noError = DNSResponseCode(rawValue: 0)
    /// It did not understand the query.
    public static let formatError = DNSResponseCode(rawValue: 1)
    /// It has trouble of its own.
    public static let serverFailure = DNSResponseCode(rawValue: 2)
    /// There is no such name ("NXDOMAIN").
    public static let nameError = DNSResponseCode(rawValue: 3)
    /// It does not answer such queries.
    public static let notImplemented = DNSResponseCode(rawValue: 4)
    /// It does not want to.
    public static let refused = DNSResponseCode(rawValue: 5)

    /// Whether it says nothing about the name.
    var isTrouble: Bool { self != .noError && self != .nameError }
}
