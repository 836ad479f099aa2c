/// A message of the Internet Group Management Protocol, version 2 (RFC 2236 section 2); the queries of version 1 and 3 and the
/// reports of version 1 are read as well.
@frozen
public struct IGMPMessage: Equatable, Sendable {
    /// Bytes of a message.
    public static var length: Int { 8 }

    /// What a message says.
    @frozen
    public enum Kind: UInt8, Sendable {
        /// A router asks who is in the group, or in any when the group is unspecified.
        case query = 0x11
        /// A host of version 1 is in the group.
        case version1Report = 0x12
        /// A host is in the group.
        case report = 0x16
        /// A host left the group.
        case leave = 0x17
    }

    /// What the message says.
    public var kind: Kind
    /// Within how many tenths of a second a query wants its answer. 0: it comes from a router of version 1.
    public var maximumResponseTime: UInt8
    /// The group; unspecified in a query about all.
    public var group: IPv4Address

    /// A message.
    @inlinable
    public init(_ kind: Kind, group: IPv4Address, maximumResponseTime: UInt8 = 0) {
        self.kind = kind
        self.group = group
        self.maximumResponseTime = maximumResponseTime
    }

    /// Reads a message, which is all of `bytes`; the checksum covers what follows the first 8 as well (RFC 2236 section 2.5).
    /// - Throws: `.truncated`, `.checksum`, `.unsupported(.igmpType)`, `.malformed(.igmpMessage)` when the group is none.
    public init(parsing bytes: RawSpan) throws(WireError) {
        guard bytes.byteCount >= Self.length else { throw .truncated(.igmpMessage) }
        guard InternetChecksum(bytes).isValid else { throw .checksum(.igmpMessage) }
        guard let kind = Kind(rawValue: bytes.byte(0)) else { throw .unsupported(.igmpType) }
        self.kind = kind
        maximumResponseTime = bytes.byte(1)
        group = bytes.ipv4Address(4)
        guard group.isMulticast || (kind == .query && group.isUnspecified) else { throw .malformed(.igmpMessage) }
    }

    /// Writes the message to `bytes`, which are 8. Traps when there are fewer.
    public func emit(into bytes: inout MutableRawSpan) {
        bytes.set(0, kind.rawValue)
        bytes.set(1, maximumResponseTime)
        bytes.set(2, UInt16(0))
        bytes.set(4, group)
        let checksum = InternetChecksum(bytes.bytes.extracting(0..<8)).value
        bytes.set(2, checksum)
    }
}
