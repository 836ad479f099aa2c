/// The entries of a directory by number: where each lies on the volume.
struct DirectorySlots {
    /// The directory's first cluster; zero for the root directory of FAT12 and FAT16, which lies before the clusters.
    private let first: UInt32
    private var chain: ClusterChain

    /// The directory whose content begins in `cluster`; zero is the root.
    init(_ volume: FATVolume, cluster: UInt32) throws(FileError) {
        first = cluster == 0 ? volume.layout.rootCluster : cluster
        guard first == 0 || volume.layout.contains(first) else {
            throw .corrupted("the first cluster of a directory is out of range")
        }
        chain = ClusterChain(first)
    }

    /// Where entry number `index` lies; nil past the last one there is room for.
    mutating func position(_ index: Int, _ volume: FATVolume) throws(FileError) -> UInt64? {
        let layout = volume.layout
        let offset = UInt64(index * FATRecord.size)
        if first == 0 { return index < layout.rootEntryCount ? layout.rootStart + offset : nil }
        guard index < FATRecord.maximumCount else { return nil }
        let wanted = offset >> layout.clusterShift
        if UInt64(chain.index) > wanted { chain = ClusterChain(first) }
        while UInt64(chain.index) < wanted {
            guard try chain.advance(volume) else { return nil }
        }
        return layout.start(of: chain.cluster) + offset & (1 << layout.clusterShift - 1)
    }

    /// The last cluster of the directory, which is where `position` has got to when it returned nil; nil where the directory
    /// cannot grow.
    var tail: UInt32? { first == 0 ? nil : chain.cluster }
}
