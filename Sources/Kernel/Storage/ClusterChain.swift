/// A walk along the clusters of a file or directory, from the first on, that notices when it comes back to where it was.
///
/// Brent's algorithm: one remembered cluster, replaced each time the distance walked since has doubled. A loop of
/// length n is found at the latest 3n steps after the walk has entered it; a chain without one costs a comparison a step.
struct ClusterChain {
    /// Where the walk stands.
    private(set) var cluster: UInt32
    /// How many clusters stand before this one.
    private(set) var index: UInt32 = 0
    private var remembered: UInt32
    private var distance: UInt32 = 0
    private var limit: UInt32 = 1

    /// A walk that stands at `first`.
    init(_ first: UInt32) {
        cluster = first
        remembered = first
    }

    /// Goes on to the next cluster; returns false, and stays, at the end of the chain.
    mutating func advance(_ volume: FATVolume) throws(FileError) -> Bool {
        guard let next = try volume.next(after: cluster) else { return false }
        guard next != remembered, index < volume.layout.clusterCount else {
            throw .corrupted("a chain of clusters comes back to itself")
        }
        cluster = next
        index += 1
        distance += 1
        if distance == limit {
            remembered = next
            distance = 0
            limit = limit &<< 1 | 1
        }
        return true
    }
}
