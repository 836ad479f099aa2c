/// Which blocks of the ring batches begin in, and how many records of each still count. Two bytes a block.
struct BatchMap {
    private let layout: LogLayout
    private var counts: [UInt16]

    private static let none = UInt16.max

    init(_ layout: LogLayout) {
        self.layout = layout
        counts = [UInt16](repeating: Self.none, count: Int(layout.count))
    }

    /// How many records of the batch in `block` count.
    subscript(block: UInt32) -> Int {
        get {
            let count = counts[Int(block - LogLayout.first)]
            precondition(count != Self.none, "BatchMap: no batch begins here")
            return Int(count)
        }
        set { counts[Int(block - LogLayout.first)] = UInt16(newValue) }
    }

    /// Notes that a batch begins in `block`, of which nothing counts yet.
    mutating func begin(_ block: UInt32) { counts[Int(block - LogLayout.first)] = 0 }

    /// Notes that no batch begins in `block` any more.
    mutating func remove(_ block: UInt32) { counts[Int(block - LogLayout.first)] = Self.none }

    /// The first block behind `block` in which a batch begins; `head` when there is none before it.
    func next(after block: UInt32, upTo head: UInt32) -> UInt32 {
        var next = layout.block(block, plus: 1)
        while next != head, counts[Int(next - LogLayout.first)] == Self.none { next = layout.block(next, plus: 1) }
        return next
    }
}
