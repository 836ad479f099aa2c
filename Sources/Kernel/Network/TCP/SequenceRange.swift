/// The octets from `start` up to, and without, `end`.
@frozen
public struct SequenceRange: Hashable, Sendable {
    /// The first octet.
    public var start: SequenceNumber
    /// The octet after the last.
    public var end: SequenceNumber

    /// The octets from `start` up to, and without, `end`.
    @inlinable
    public init(_ start: SequenceNumber, _ end: SequenceNumber) {
        self.start = start
        self.end = end
    }

    /// How many octets; not positive when `end` does not lie behind `start`.
    @inlinable
    public var count: Int { end - start }

    /// Whether `number` is one of the octets.
    @inlinable
    public func contains(_ number: SequenceNumber) -> Bool { start <= number && number < end }
}
