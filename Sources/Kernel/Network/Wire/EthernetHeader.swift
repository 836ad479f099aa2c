import Interfaces

/// What an Ethernet frame carries (IEEE 802 numbers, RFC 9542).
@frozen
public struct EtherType: RawRepresentable, Hashable, Sendable {
    /// The number.
    public var rawValue: UInt16

    /// The type of that number.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// An IPv4 datagram (RFC 894).
    @inlinable
    public static var ipv4: EtherType { EtherType(rawValue: 0x0800) }
    /// An ARP packet (RFC 826).
    @inlinable
    public static var arp: EtherType { EtherType(rawValue: 0x0806) }
    /// A tag of IEEE 802.1Q; the type proper follows it.
    @inlinable
    public static var vlan: EtherType { EtherType(rawValue: 0x8100) }
    /// An IPv6 datagram (RFC 2464).
    @inlinable
    public static var ipv6: EtherType { EtherType(rawValue: 0x86DD) }
}

/// The front of an Ethernet frame (RFC 894), with the tag of IEEE 802.1Q when there is one.
@frozen
public struct EthernetHeader: Equatable, Sendable {
    /// Bytes of a header without a tag, which is how headers are written.
    public static var length: Int { 14 }

    /// Whom the frame is for.
    public var destination: HardwareAddress
    /// Who sent it.
    public var source: HardwareAddress
    /// What it carries.
    public var type: EtherType
    /// Priority (bits 15 to 13), drop eligibility (12) and network (11 to 0) of the tag; nil without one. Read, never written.
    public private(set) var tag: UInt16?

    /// A header without a tag.
    public init(destination: HardwareAddress, source: HardwareAddress, type: EtherType) {
        self.destination = destination
        self.source = source
        self.type = type
        tag = nil
    }

    /// The virtual network of the tag: 0 to 4095. Nil without a tag, and for network 0, which means a priority alone.
    @inlinable
    public var virtualNetwork: UInt16? {
        guard let tag, tag & 0xFFF != 0 else { return nil }
        return tag & 0xFFF
    }

    /// Where the payload begins, in bytes from the start of the frame. It ends where the frame does, padding included.
    @inlinable
    public var payloadOffset: Int { tag == nil ? 14 : 18 }

    /// Reads the front of `frame`.
    /// - Throws: `.truncated`; `.unsupported(.etherType)` for a length as in IEEE 802.3 and for a tag behind a tag.
    public init(parsing frame: RawSpan) throws(WireError) {
        guard frame.byteCount >= 14 else { throw .truncated(.ethernetHeader) }
        destination = frame.hardwareAddress(0)
        source = frame.hardwareAddress(6)
        var number = frame.word16(12)
        tag = nil
        if number == EtherType.vlan.rawValue {
            guard frame.byteCount >= 18 else { throw .truncated(.vlanTag) }
            tag = frame.word16(14)
            number = frame.word16(16)
        }
        guard number >= 0x0600, number != EtherType.vlan.rawValue else { throw .unsupported(.etherType) }
        type = EtherType(rawValue: number)
    }

    /// Writes the header, without the tag, to the first 14 bytes of `frame`. Traps when there are fewer.
    public func emit(into frame: inout MutableRawSpan) {
        frame.set(0, destination)
        frame.set(6, source)
        frame.set(12, type.rawValue)
    }
}

extension HardwareAddress {
    /// The address under which a link carries `group`: the low 23 bits behind 01:00:5e (RFC 1112 section 6.4).
    public init(multicast group: IPv4Address) { self.init(bits: 0x0100_5E00_0000 | UInt64(group.bits & 0x7F_FFFF)) }
}
