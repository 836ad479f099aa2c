/// An address of the Internet Protocol, version 4 (RFC 791).
@frozen
public struct IPv4Address: Hashable, Sendable {
    /// The address as a number: the byte that is sent first lies in bits 31 to 24.
    public var bits: UInt32

    /// The address of the number `bits`.
    @inlinable
    public init(bits: UInt32) { self.bits = bits }

    /// The address `a.b.c.d`.
    @inlinable
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        bits = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// The address that `text` writes as four decimal numbers with dots between; nil for everything else, leading zeros
    /// included, which some read as octal (RFC 6943 section 3.1.1).
    public init?(_ text: some StringProtocol) {
        var (bits, number, digits, parts) = (UInt32(0), UInt32(0), 0, 0)
        for letter in text.utf8 {
            if letter == 0x2E {
                guard digits > 0, parts < 3 else { return nil }
                bits = bits << 8 | number
                (number, digits, parts) = (0, 0, parts + 1)
            } else {
                guard letter >= 0x30, letter <= 0x39, digits == 0 || number != 0 else { return nil }
                number = number * 10 + UInt32(letter - 0x30)
                digits += 1
                guard number <= 255 else { return nil }
            }
        }
        guard parts == 3, digits > 0 else { return nil }
        self.bits = bits << 8 | number
    }

    /// Byte `index` (0 to 3), in the order of sending.
    @inlinable
    public subscript(index: Int) -> UInt8 { UInt8(truncatingIfNeeded: bits >> UInt32(24 - 8 * index)) }

    /// 0.0.0.0: no address yet, or any.
    @inlinable
    public static var unspecified: IPv4Address { IPv4Address(bits: 0) }

    /// 255.255.255.255: everybody on this link (RFC 919 section 7).
    @inlinable
    public static var broadcast: IPv4Address { IPv4Address(bits: .max) }

    /// 127.0.0.1.
    @inlinable
    public static var loopback: IPv4Address { IPv4Address(127, 0, 0, 1) }

    /// 224.0.0.1: every multicast host on this link (RFC 1112 section 4).
    @inlinable
    public static var allHosts: IPv4Address { IPv4Address(224, 0, 0, 1) }

    /// 224.0.0.2: every multicast router on this link (RFC 2236 section 3).
    @inlinable
    public static var allRouters: IPv4Address { IPv4Address(224, 0, 0, 2) }

    /// Whether this is 0.0.0.0.
    @inlinable
    public var isUnspecified: Bool { bits == 0 }

    /// Whether the address is in 0.0.0.0/8, "this network" (RFC 1122 section 3.2.1.3): never a destination.
    @inlinable
    public var isThisNetwork: Bool { self[0] == 0 }

    /// Whether this is 255.255.255.255.
    @inlinable
    public var isLimitedBroadcast: Bool { bits == .max }

    /// Whether the address is in 127.0.0.0/8 (RFC 1122 section 3.2.1.3): never on a wire.
    @inlinable
    public var isLoopback: Bool { self[0] == 127 }

    /// Whether it is a group of the link alone: 224.0.0.0/24 (RFC 5771, section 4).
    @inlinable
    public var isLocalGroup: Bool { bits >> 8 == 0xE0_0000 }

    /// Whether the address names a group: 224.0.0.0/4 (RFC 5771).
    @inlinable
    public var isMulticast: Bool { self[0] & 0xF0 == 0xE0 }

    /// Whether the address is in 169.254.0.0/16 (RFC 3927).
    @inlinable
    public var isLinkLocal: Bool { bits >> 16 == 0xA9FE }

    /// Whether the address is in 240.0.0.0/4 (RFC 1112 section 4), the limited broadcast included.
    @inlinable
    public var isReserved: Bool { self[0] >= 240 }

    /// Whether one interface can have the address: what may stand as a source (RFC 1122 section 3.2.1.3).
    @inlinable
    public var isUnicast: Bool { !isThisNetwork && !isMulticast && !isReserved }
}

extension IPv4Address: CustomStringConvertible {
    /// Four decimal numbers with dots between.
    public var description: String { "\(self[0]).\(self[1]).\(self[2]).\(self[3])" }
}
