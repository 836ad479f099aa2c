/// Changes to the allocation table that have to wait for something else to be durable first; see `FATVolume.commit`.
struct PendingChanges {
    /// A cluster that gets a successor.
    struct Link {
        var cluster: UInt32
        var next: UInt32
    }

    /// Ends of files that go on in new clusters. They wait for the entries of these.
    var links: [Link] = []
    /// Files that end earlier, in `cluster`; what came behind it from `next` on becomes free. They wait for directory entries.
    var cuts: [Link] = []
    /// First clusters of chains that become free. They wait for directory entries.
    var frees: [UInt32] = []
    /// As `frees`, from files that were cut. They wait for the next commit, when the cuts are durable.
    var severed: [UInt32] = []
    /// As `frees`, from files that were closed after they were deleted. Closing happens at any time, so these are kept apart.
    var released: [UInt32] = []
    /// Blocks of directories out of which a name was taken. The same name must not appear elsewhere in the directory
    /// before it is gone for good.
    var removals: [(directory: UInt32, block: Int)] = []

    /// True when there is nothing.
    var isEmpty: Bool {
        links.isEmpty && cuts.isEmpty && frees.isEmpty && released.isEmpty && severed.isEmpty && removals.isEmpty
    }
    /// True when more would take too much memory.
    var isFull: Bool {
        links.count >= 64 || cuts.count + frees.count + severed.count + released.count >= 64 || removals.count >= 32
    }

    /// True when a commit makes clusters free.
    var hasSpace: Bool { !cuts.isEmpty || !frees.isEmpty || !released.isEmpty || !severed.isEmpty }

    /// What will come after `cluster`, where that is not what the table says.
    func next(after cluster: UInt32) -> (next: UInt32?, Void)? {
        for cut in cuts where cut.cluster == cluster { return (nil, ()) }
        for link in links where link.cluster == cluster { return (link.next, ()) }
        return nil
    }

    /// True when the file that ended in `cluster` on the medium goes on there still.
    func isCut(_ cluster: UInt32) -> Bool { cuts.contains { $0.cluster == cluster } }
}
