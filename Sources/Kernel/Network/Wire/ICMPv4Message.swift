/// The front of an ICMP message (RFC 792): its kind, and the word whose meaning depends on it. The rest of the message, or the
/// start of the datagram it is about, follows.
@frozen
public struct ICMPv4Message: Equatable, Sendable {
    /// Bytes of the front.
    public static var length: Int { 8 }

    /// What a message says, with the meaning of its second word.
    @frozen
    public enum Kind: Equatable, Sendable {
        /// The answer to an echo request.
        case echoReply(identifier: UInt16, sequence: UInt16)
        /// The datagram did not get there. With `.fragmentationNeeded`, `nextHopMTU` is the size that would pass; 0 from routers
        /// that do not know RFC 1191.
        case unreachable(Unreachable, nextHopMTU: UInt16)
        /// Another router is better (ignored: a host with a default route does well without).
        case redirect
        /// Asks for the same back.
        case echoRequest(identifier: UInt16, sequence: UInt16)
        /// The datagram was in transit, or its fragments were waited for, too long.
        case timeExceeded(inReassembly: Bool)
        /// Byte `pointer` of the header is wrong.
        case parameterProblem(pointer: UInt8)
        /// Anything else.
        case other(type: UInt8, code: UInt8)
    }

    /// Why a datagram did not get there (RFC 792, RFC 1122 section 3.2.2.1).
    @frozen
    public struct Unreachable: RawRepresentable, Hashable, Sendable {
        /// The code.
        public var rawValue: UInt8

        /// The reason of that code.
        @inlinable
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// No way to the network.
        @inlinable
        public static var network: Unreachable { Unreachable(rawValue: 0) }
        /// The host does not answer.
        @inlinable
        public static var host: Unreachable { Unreachable(rawValue: 1) }
        /// The host does not speak the protocol.
        @inlinable
        public static var `protocol`: Unreachable { Unreachable(rawValue: 2) }
        /// Nobody listens at the port.
        @inlinable
        public static var port: Unreachable { Unreachable(rawValue: 3) }
        /// Too long for a link, and not to be fragmented (RFC 1191).
        @inlinable
        public static var fragmentationNeeded: Unreachable { Unreachable(rawValue: 4) }
    }

    /// What the message says.
    public var kind: Kind

    /// A message.
    @inlinable
    public init(_ kind: Kind) { self.kind = kind }

    /// Whether the message is about a datagram whose start follows; no error is ever sent about one (RFC 1122 section 3.2.2).
    public var isError: Bool {
        switch kind {
        case .unreachable, .redirect, .timeExceeded, .parameterProblem: true
        case .echoReply, .echoRequest: false
        case .other(let type, _): Self.isError(type: type)
        }
    }

    /// Whether messages of `type` are errors. Unknown types are taken for errors, so that nothing is ever sent about them.
    static func isError(type: UInt8) -> Bool {
        switch type {
        // Echo, router discovery (RFC 1256), timestamp, information and mask requests with their replies.
        case 0, 8, 9, 10, 13...18: false
        default: true
        }
    }

    /// Reads a message, which is all of `bytes`, and checks its checksum.
    /// - Throws: `.truncated` or `.checksum`.
    public init(parsing bytes: RawSpan) throws(WireError) {
        guard bytes.byteCount >= Self.length else { throw .truncated(.icmpMessage) }
        guard InternetChecksum(bytes).isValid else { throw .checksum(.icmpMessage) }
        let (type, code) = (bytes.byte(0), bytes.byte(1))
        let (high, low) = (bytes.word16(4), bytes.word16(6))
        switch (type, code) {
        case (0, 0): kind = .echoReply(identifier: high, sequence: low)
        case (3, _): kind = .unreachable(Unreachable(rawValue: code), nextHopMTU: code == 4 ? low : 0)
        case (5, _): kind = .redirect
        case (8, 0): kind = .echoRequest(identifier: high, sequence: low)
        case (11, 0...1): kind = .timeExceeded(inReassembly: code == 1)
        case (12, 0): kind = .parameterProblem(pointer: UInt8(truncatingIfNeeded: high >> 8))
        default: kind = .other(type: type, code: code)
        }
    }

    /// Writes the front to the first 8 bytes of `bytes`, and the checksum over all of it: what follows the front is there already.
    /// Traps when there are fewer bytes.
    public func emit(into bytes: inout MutableRawSpan) {
        var (type, code, high, low): (UInt8, UInt8, UInt16, UInt16) = (0, 0, 0, 0)
        switch kind {
        case .echoReply(let identifier, let sequence): (high, low) = (identifier, sequence)
        case .unreachable(let reason, let size): (type, code, low) = (3, reason.rawValue, size)
        case .redirect: type = 5
        case .echoRequest(let identifier, let sequence): (type, high, low) = (8, identifier, sequence)
        case .timeExceeded(let inReassembly): (type, code) = (11, inReassembly ? 1 : 0)
        case .parameterProblem(let pointer): (type, high) = (12, UInt16(pointer) << 8)
        case .other(let otherType, let otherCode): (type, code) = (otherType, otherCode)
        }
        bytes.set(0, type)
        bytes.set(1, code)
        bytes.set(2, UInt16(0))
        bytes.set(4, high)
        bytes.set(6, low)
        let checksum = InternetChecksum(bytes.bytes).value
        bytes.set(2, checksum)
    }
}
