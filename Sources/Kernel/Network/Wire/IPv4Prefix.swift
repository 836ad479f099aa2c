/// A network: the addresses that share their first `length` bits (RFC 4632 section 3.1).
@frozen
public struct IPv4Prefix: Hashable, Sendable {
    /// The first address; the bits after `length` are zero.
    public let network: IPv4Address
    /// How many bits are shared: 0 to 32.
    public let length: UInt8

    /// The network of `length` bits in which `address` lies; nil when `length` is above 32.
    @inlinable
    public init?(_ address: IPv4Address, length: Int) {
        guard length >= 0, length <= 32 else { return nil }
        self.length = UInt8(length)
        network = IPv4Address(bits: address.bits & Self.mask(length))
    }

    /// The network of `address` with `mask`; nil when the ones of the mask have gaps.
    @inlinable
    public init?(_ address: IPv4Address, mask: IPv4Address) {
        let length = (~mask.bits).leadingZeroBitCount
        guard Self.mask(length) == mask.bits else { return nil }
        self.init(address, length: length)
    }

    /// Every address: the default route's.
    @inlinable
    public static var everything: IPv4Prefix { IPv4Prefix(.unspecified, length: 0)! }

    /// The mask with ones where bits are shared.
    @inlinable
    public var mask: IPv4Address { IPv4Address(bits: Self.mask(Int(length))) }

    /// The address of all hosts in the network; nil where there is none: /31 (RFC 3021 section 2.1) and /32.
    @inlinable
    public var broadcast: IPv4Address? { length >= 31 ? nil : IPv4Address(bits: network.bits | ~mask.bits) }

    /// Whether `address` lies in the network.
    @inlinable
    public func contains(_ address: IPv4Address) -> Bool { address.bits & mask.bits == network.bits }

    @usableFromInline
    static func mask(_ length: Int) -> UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }
}

extension IPv4Prefix: CustomStringConvertible {
    /// The network, a slash and the length.
    public var description: String { "\(network)/\(length)" }
}
