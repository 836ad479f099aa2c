/// Up to four ranges that have arrived ahead of a gap (RFC 2018, section 3); the first may be a duplicate (RFC 2883).
@frozen
public struct SACKBlocks: Equatable, Sendable {
    private var blocks = InlineArray<4, SequenceRange>(
        repeating: SequenceRange(SequenceNumber(0), SequenceNumber(0)))
    private var used: UInt8 = 0

    /// No blocks.
    @inline(__always)
    public init() {}

    /// How many there are.
    @inline(__always)
    public var count: Int { Int(used) }

    /// The block at `index`, below `count`, in the order of the option.
    public subscript(index: Int) -> SequenceRange {
        precondition(index >= 0 && index < count, "no such SACK block")
        return blocks[index]
    }

    /// Appends `block`; beyond four it is dropped.
    public mutating func append(_ block: SequenceRange) {
        guard count < 4 else { return }
        blocks[count] = block
        used += 1
    }

    /// Whether both hold the same blocks in the same order.
    public static func == (left: SACKBlocks, right: SACKBlocks) -> Bool {
        guard left.used == right.used else { return false }
        for index in 0..<left.count where left.blocks[index] != right.blocks[index] { return false }
        return true
    }
}
