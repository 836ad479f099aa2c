import Interfaces

/// A packet of the Address Resolution Protocol for IPv4 over Ethernet (RFC 826).
@frozen
public struct ARPPacket: Equatable, Sendable {
    /// Bytes of a packet.
    public static var length: Int { 28 }

    /// What a packet wants.
    @frozen
    public enum Operation: UInt16, Sendable {
        /// Who has the target's address?
        case request = 1
        /// The sender has its address.
        case reply = 2
    }

    /// What the packet wants.
    public var operation: Operation
    /// The sender's hardware address.
    public var senderHardware: HardwareAddress
    /// The sender's address; unspecified in a probe (RFC 5227 section 1.1).
    public var sender: IPv4Address
    /// The target's hardware address; zero in a request.
    public var targetHardware: HardwareAddress
    /// The target's address.
    public var target: IPv4Address

    /// A packet.
    @inlinable
    public init(
        _ operation: Operation, from sender: IPv4Address, at senderHardware: HardwareAddress, to target: IPv4Address,
        at targetHardware: HardwareAddress = HardwareAddress(bits: 0)
    ) {
        self.operation = operation
        self.sender = sender
        self.senderHardware = senderHardware
        self.target = target
        self.targetHardware = targetHardware
    }

    /// Whether this asks if an address is in use, without claiming it (RFC 5227 section 1.1).
    @inlinable
    public var isProbe: Bool { operation == .request && sender.isUnspecified }

    /// Reads a packet; what follows it is padding.
    /// - Throws: `.truncated`, or `.unsupported` with the field.
    public init(parsing bytes: RawSpan) throws(WireError) {
        guard bytes.byteCount >= Self.length else { throw .truncated(.arpPacket) }
        guard bytes.word16(0) == 1 else { throw .unsupported(.arpHardwareType) }
        guard bytes.word16(2) == EtherType.ipv4.rawValue else { throw .unsupported(.arpProtocolType) }
        guard bytes.word16(4) == 0x0604 else { throw .malformed(.arpAddressLength) }
        guard let operation = Operation(rawValue: bytes.word16(6)) else { throw .unsupported(.arpOperation) }
        self.operation = operation
        senderHardware = bytes.hardwareAddress(8)
        sender = bytes.ipv4Address(14)
        targetHardware = bytes.hardwareAddress(18)
        target = bytes.ipv4Address(24)
    }

    /// Writes the packet to the first 28 bytes of `bytes`. Traps when there are fewer.
    public func emit(into bytes: inout MutableRawSpan) {
        bytes.set(0, UInt16(1))
        bytes.set(2, EtherType.ipv4.rawValue)
        bytes.set(4, UInt16(0x0604))
        bytes.set(6, operation.rawValue)
        bytes.set(8, senderHardware)
        bytes.set(14, sender)
        bytes.set(18, targetHardware)
        bytes.set(24, target)
    }
}
