/// A position in the sequence space of one direction of a connection, modulo 2^32 (RFC 9293, section 3.4).
///
/// Order is circular: `a < b` says that `b` lies less than 2^31 ahead of `a`. That is no total order, so the type is
/// deliberately not `Comparable`.
@frozen
public struct SequenceNumber: Hashable, Sendable {
    /// The number as it stands in a header.
    public var value: UInt32

    /// The sequence number `value`.
    @inlinable
    public init(_ value: UInt32) { self.value = value }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { Int32(bitPattern: left.value &- right.value) < 0 }

    /// Whether `left` comes before `right` or is the same.
    @inlinable
    public static func <= (left: Self, right: Self) -> Bool { !(right < left) }

    /// Whether `left` comes after `right`.
    @inlinable
    public static func > (left: Self, right: Self) -> Bool { right < left }

    /// Whether `left` comes after `right` or is the same.
    @inlinable
    public static func >= (left: Self, right: Self) -> Bool { !(left < right) }

    /// The number `count` octets ahead.
    @inlinable
    public static func + (number: Self, count: Int) -> Self { Self(number.value &+ UInt32(truncatingIfNeeded: count)) }

    /// The number `count` octets back.
    @inlinable
    public static func - (number: Self, count: Int) -> Self { Self(number.value &- UInt32(truncatingIfNeeded: count)) }

    /// Octets from `earlier` to `later`; negative when they stand the other way round.
    @inlinable
    public static func - (later: Self, earlier: Self) -> Int { Int(Int32(bitPattern: later.value &- earlier.value)) }

    /// The later of the two.
    @inlinable
    public static func later(_ one: Self, _ other: Self) -> Self { one < other ? other : one }

    /// The earlier of the two.
    @inlinable
    public static func earlier(_ one: Self, _ other: Self) -> Self { one < other ? one : other }
}
