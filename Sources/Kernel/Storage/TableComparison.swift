/// Which parts of the allocation table were compared with its copy, and what came of it.
struct TableComparison {
    /// An entry that is not what the first copy says.
    struct Correction {
        var cluster: UInt32
        var value: UInt32
    }

    /// False when there is nothing to compare: the volume was taken leave of, or has one table.
    var isNeeded = false
    /// In the order of the clusters.
    private(set) var corrections: [Correction] = []
    /// Entries in which the copies differ.
    var differences = 0

    private var compared: [UInt64] = []

    /// Bytes of the table that are compared at once.
    static let unit = 4096
    /// More corrections are not kept: a copy that says all else is no copy.
    private static let limit = 1 << 14

    /// Nothing was compared of `byteCount` bytes of table.
    mutating func begin(_ byteCount: UInt64) {
        let units = Int((byteCount + UInt64(Self.unit - 1)) / UInt64(Self.unit))
        compared = [UInt64](repeating: 0, count: units / 64 + 1)
        isNeeded = true
    }

    /// Whether `unit` was compared.
    func isCompared(_ unit: Int) -> Bool { compared[unit / 64] & 1 << UInt64(unit % 64) != 0 }

    /// Takes note that `unit` was.
    mutating func note(_ unit: Int) { compared[unit / 64] |= 1 << UInt64(unit % 64) }

    /// What the entry of `cluster` should be; nil when it is right.
    func correction(of cluster: UInt32) -> UInt32? {
        let place = place(of: cluster)
        return place < corrections.count && corrections[place].cluster == cluster ? corrections[place].value : nil
    }

    /// Takes note of what the entry of `cluster` should be.
    mutating func correct(_ cluster: UInt32, _ value: UInt32) {
        guard corrections.count < Self.limit else { return }
        corrections.insert(Correction(cluster: cluster, value: value), at: place(of: cluster))
    }

    /// Hands out the corrections, which are made.
    mutating func takeCorrections() -> [Correction] {
        defer { corrections = [] }
        return corrections
    }

    private func place(of cluster: UInt32) -> Int {
        var (low, high) = (0, corrections.count)
        while low < high {
            let middle = (low + high) / 2
            if corrections[middle].cluster < cluster { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
