/// Where the clusters of one file lie, learned on the way and remembered in a fixed space.
///
/// Going on from the last position costs one table lookup a cluster. Going back starts at one of 32 marks spread over
/// the part already walked: at most a thirty-second of it is walked again.
struct ClusterMap {
    private static let markCount = 32

    /// The furthest cluster known.
    private var frontier: ClusterChain
    /// The last cluster asked for, and its index.
    private var recent: (index: UInt32, cluster: UInt32)
    /// `marks[n]` is the cluster with index n * `stride`, as far as the frontier has come.
    private var marks: [32 of UInt32]
    private var stride: UInt32 = 1

    /// The map of the file whose first cluster is `first`.
    init(_ first: UInt32) {
        frontier = ClusterChain(first)
        recent = (0, first)
        marks = [32 of UInt32](repeating: first)
    }

    /// The cluster with `index` clusters before it. Throws `corrupted` when the chain ends earlier.
    mutating func cluster(_ index: UInt32, _ volume: FATVolume) throws(FileError) -> UInt32 {
        if index != recent.index {
            recent = (index, index < frontier.index ? try walk(to: index, volume) : try extend(to: index, volume))
        }
        return recent.cluster
    }

    /// Goes from the nearest known cluster to `index`, which lies before the frontier.
    private func walk(to index: UInt32, _ volume: FATVolume) throws(FileError) -> UInt32 {
        let mark = index / stride
        var (position, cluster) = (mark * stride, marks[Int(mark)])
        if recent.index <= index, recent.index > position { (position, cluster) = recent }
        while position < index {
            guard let next = try volume.next(after: cluster) else { throw Self.tooShort }
            cluster = next
            position += 1
        }
        return cluster
    }

    /// Moves the frontier to `index` and sets the marks on the way.
    private mutating func extend(to index: UInt32, _ volume: FATVolume) throws(FileError) -> UInt32 {
        while frontier.index < index {
            guard try frontier.advance(volume) else { throw Self.tooShort }
            guard frontier.index % stride == 0 else { continue }
            if frontier.index / stride == Self.markCount {
                for mark in 0..<Self.markCount / 2 { marks[mark] = marks[2 * mark] }
                stride *= 2
            }
            marks[Int(frontier.index / stride)] = frontier.cluster
        }
        return frontier.cluster
    }

    private static var tooShort: FileError { .corrupted("a file has fewer clusters than its size needs") }
}
