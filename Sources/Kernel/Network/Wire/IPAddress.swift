/// An address of the Internet Protocol of either version.
///
/// 128 bits; an IPv4 address is held as the IPv6 address it maps to (RFC 4291 section 2.5.5.2), so that whoever keeps, compares and
/// hands on an `IPAddress` needs no change when IPv6 comes.
@frozen
public struct IPAddress: Hashable, Sendable {
    /// Bytes 0 to 7 of the IPv6 form.
    public let high: UInt64
    /// Bytes 8 to 15 of the IPv6 form.
    public let low: UInt64

    /// The address whose IPv6 form is `high` and `low`.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The address `v4`.
    @inlinable
    public init(_ v4: IPv4Address) { self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(v4.bits)) }

    /// The address that `text` writes, as four decimal numbers with dots between; nil otherwise.
    public init?(_ text: some StringProtocol) {
        guard let v4 = IPv4Address(text) else { return nil }
        self.init(v4)
    }

    /// The IPv4 address; nil when it is of version 6.
    @inlinable
    public var v4: IPv4Address? {
        high == 0 && low >> 32 == 0xFFFF ? IPv4Address(bits: UInt32(truncatingIfNeeded: low)) : nil
    }

    /// Whether this is 0.0.0.0 or `::`.
    @inlinable
    public var isUnspecified: Bool { high == 0 && (low == 0 || low == 0xFFFF_0000_0000) }

    /// Whether the address names a group.
    @inlinable
    public var isMulticast: Bool { v4?.isMulticast ?? (high >> 56 == 0xFF) }

    /// Whether the address never leaves this machine.
    @inlinable
    public var isLoopback: Bool { v4?.isLoopback ?? (high == 0 && low == 1) }
}

extension IPAddress: CustomStringConvertible {
    /// The address as people write it: dotted for IPv4, eight groups of hexadecimal digits for IPv6.
    public var description: String {
        if let v4 { return v4.description }
        var text = ""
        for group in 0..<8 {
            let half = group < 4 ? high : low
            let value = UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (group & 3)))
            if group > 0 { text += ":" }
            text += String(value, radix: 16)
        }
        return text
    }
}
