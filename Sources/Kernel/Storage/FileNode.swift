/// A file that is open, or whose directory entry has still to be written: what all its handles share.
final class FileNode {
    /// Where its directory entry is. Changes when the file is renamed; means nothing once it is removed.
    var place: EntryPlace
    /// Where the content begins; zero when there is none.
    private(set) var firstCluster: UInt32
    /// Length in bytes.
    var size: UInt64
    /// Where the clusters lie.
    var map: ClusterMap
    /// When the content was changed last; nil when it was not.
    var modified: FATTimestamp?
    /// True when the directory entry does not say what is said here.
    var isEntryDirty = false
    /// True when the file was deleted while it was open.
    var isRemoved = false
    /// Handles to it.
    var openCount = 0
    /// Where the last reading ended.
    var readEnd: UInt64 = 0

    init(_ place: EntryPlace, firstCluster: UInt32, size: UInt64) {
        self.place = place
        self.firstCluster = firstCluster
        self.size = size
        map = ClusterMap(firstCluster)
    }

    /// Sets the first cluster, and forgets where the others lie.
    func start(at cluster: UInt32) {
        firstCluster = cluster
        map = ClusterMap(cluster)
    }
}
