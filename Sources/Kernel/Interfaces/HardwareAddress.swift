/// The address of a network interface on its link: six bytes (IEEE 802, EUI-48).
@frozen
public struct HardwareAddress: Hashable, Sendable {
    /// The address in bits 47 to 0; the byte that is sent first lies in bits 47 to 40.
    public let bits: UInt64

    /// The address in bits 47 to 0 of `bits`; what lies above is cut off.
    @inlinable
    public init(bits: UInt64) { self.bits = bits & 0xFFFF_FFFF_FFFF }

    /// The address of the six bytes as they are sent.
    @inlinable
    public init(_ bytes: [6 of UInt8]) {
        var bits: UInt64 = 0
        for index in 0..<6 { bits = bits << 8 | UInt64(bytes[index]) }
        self.bits = bits
    }

    /// Byte `index` (0 to 5), in the order of sending.
    @inlinable
    public subscript(index: Int) -> UInt8 { UInt8(truncatingIfNeeded: bits >> UInt64(40 - 8 * index)) }

    /// The address of everybody, ff:ff:ff:ff:ff:ff.
    @inlinable
    public static var broadcast: HardwareAddress { HardwareAddress(bits: .max) }

    /// Whether the address names a group; the broadcast address does.
    @inlinable
    public var isGroup: Bool { self[0] & 1 != 0 }

    /// Whether the address can belong to an interface: no group, and not all zero.
    @inlinable
    public var isUsableByInterface: Bool { !isGroup && bits != 0 }
}
