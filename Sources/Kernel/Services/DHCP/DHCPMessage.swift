import Interfaces
import Network

/// A message of the Dynamic Host Configuration Protocol (RFC 2131 section 2).
///
/// Reading it allocates no more than the message is long.
public struct DHCPMessage: Equatable, Sendable {
    /// Who speaks.
    @frozen
    public enum Operation: UInt8, Sendable {
        /// A client.
        case request = 1
        /// A server.
        case reply = 2
    }

    /// What the message wants (RFC 2132 section 9.6).
    @frozen
    public enum Kind: UInt8, Sendable {
        /// Which servers are there?
        case discover = 1
        /// A server's offer of an address.
        case offer = 2
        /// The client wants this address, or to keep it.
        case request = 3
        /// The address that was given is somebody else's.
        case decline = 4
        /// The address is lent.
        case ack = 5
        /// The address is not lent, or no more.
        case nak = 6
        /// The client gives the address back.
        case release = 7
        /// The client has an address and asks for the rest.
        case inform = 8
    }

    /// Bytes of the header, up to the cookie in front of the options.
    static var headerLength: Int { 236 }
    /// Bytes of the shortest message that every relay passes on: that of BOOTP (RFC 1542 section 2.1).
    static var minimumLength: Int { 300 }
    private static let cookie: UInt32 = 0x6382_5363
    private static let broadcastFlag: UInt16 = 0x8000

    /// Who speaks.
    public var operation: Operation
    /// What the message wants.
    public let kind: Kind
    /// `xid`: joins an answer to its question.
    public var transaction: UInt32
    /// `secs`: since the client began to ask for an address.
    public var seconds: UInt16 = 0
    /// Whether the answer is to go to all, because the client takes no datagram to its address yet.
    public var isBroadcast = false
    /// `ciaddr`: the address that the client has and answers to.
    public var clientAddress = IPv4Address.unspecified
    /// `yiaddr`: the address that the server lends.
    public var yourAddress = IPv4Address.unspecified
    /// `siaddr`: the server to boot from.
    public var nextServer = IPv4Address.unspecified
    /// `giaddr`: the relay in between.
    public var relay = IPv4Address.unspecified
    /// `chaddr`: the client's hardware address.
    public var hardware: HardwareAddress
    /// The options, the kind among them.
    public private(set) var options = DHCPOptions()

    /// A message without further options.
    public init(_ operation: Operation, _ kind: Kind, transaction: UInt32, hardware: HardwareAddress) {
        self.operation = operation
        self.kind = kind
        self.transaction = transaction
        self.hardware = hardware
        options.append(.messageType, [kind.rawValue])
    }

    /// Adds an option.
    public mutating func append(_ code: DHCPOptionCode, _ value: [UInt8]) { options.append(code, value) }

    /// Adds an option that is an address.
    public mutating func append(_ code: DHCPOptionCode, _ address: IPv4Address) { options.append(code, address) }

    /// Reads a message: the payload of a UDP datagram.
    public init(parsing bytes: RawSpan) throws(DHCPMessageError) {
        guard bytes.byteCount >= Self.headerLength + 4 else { throw .truncated }
        guard let operation = Operation(rawValue: bytes.byte(0)) else { throw .badOperation }
        guard bytes.word16(1) == 0x0106 else { throw .badHardwareType }
        guard bytes.word32(Self.headerLength) == Self.cookie else { throw .badCookie }
        self.operation = operation
        transaction = bytes.word32(4)
        seconds = bytes.word16(8)
        isBroadcast = bytes.word16(10) & Self.broadcastFlag != 0
        clientAddress = bytes.ipv4Address(12)
        yourAddress = bytes.ipv4Address(16)
        nextServer = bytes.ipv4Address(20)
        relay = bytes.ipv4Address(24)
        hardware = bytes.hardwareAddress(28)
        options = try Self.gatherOptions(bytes)
        guard let value = options.byte(.messageType), let kind = Kind(rawValue: value) else { throw .badKind }
        self.kind = kind
    }

    /// The options of all fields in the order in which they count (RFC 3396 section 5): options, file, sname.
    private static func gatherOptions(_ bytes: RawSpan) throws(DHCPMessageError) -> DHCPOptions {
        var options = DHCPOptions()
        try options.gather(bytes.extracting(headerLength + 4..<bytes.byteCount))
        guard options[.overload] != nil else { return options }
        guard let fields = options.byte(.overload), fields >= 1, fields <= 3 else { throw .badOverload }
        if fields & 1 != 0 { try options.gather(bytes.extracting(108..<236)) }
        if fields & 2 != 0 { try options.gather(bytes.extracting(44..<108)) }
        return options
    }

    /// Bytes of the message as `emit` writes it.
    public var encodedLength: Int { max(Self.headerLength + 4 + options.encoded.count + 1, Self.minimumLength) }

    /// Writes the message to the first `encodedLength` bytes of `bytes`. Traps when there are fewer.
    public func emit(into bytes: inout MutableRawSpan) {
        for offset in 0..<encodedLength { bytes.set(offset, UInt8(0)) }
        bytes.set(0, operation.rawValue)
        bytes.set(1, UInt16(0x0106))
        bytes.set(4, transaction)
        bytes.set(8, seconds)
        bytes.set(10, isBroadcast ? Self.broadcastFlag : 0)
        bytes.set(12, clientAddress)
        bytes.set(16, yourAddress)
        bytes.set(20, nextServer)
        bytes.set(24, relay)
        bytes.set(28, hardware)
        bytes.set(Self.headerLength, Self.cookie)
        unsafe bytes.copy(options.encoded.span.bytes, to: Self.headerLength + 4)
        bytes.set(Self.headerLength + 4 + options.encoded.count, DHCPOptionCode.end.rawValue)
    }
}
