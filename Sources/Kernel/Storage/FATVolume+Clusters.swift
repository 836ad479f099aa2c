import Interfaces

/// Clusters, given out and taken back.
extension FATVolume {
    /// A free cluster, the last of its chain; behind `tail` where there is one. Throws `full`.
    func allocate(after tail: UInt32?) throws(FileError) -> UInt32 {
        if let tail, pending.isCut(tail) { try commit() }
        if pending.isFull { try commit() }
        let cluster = try freeCluster(from: tail.map { $0 + 1 } ?? nextFree)
        try take(cluster, after: tail)
        return cluster
    }

    /// Makes `cluster`, which is free, the last of its chain, behind `tail` where there is one.
    func take(_ cluster: UInt32, after tail: UInt32?) throws(FileError) {
        try setTableEntry(cluster, endMark)
        nextFree = cluster + 1
        guard let tail else { return }
        if isAtomic(tail, cluster) {
            try setTableEntry(tail, cluster)
        } else {
            pending.links.append(.init(cluster: tail, next: cluster))
        }
    }

    /// Number of clusters in `bytes` bytes.
    func clusters(in bytes: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: (bytes + 1 << layout.clusterShift - 1) >> layout.clusterShift)
    }

    /// Gives `node` the clusters that `size` bytes need. Has changed nothing when it throws.
    func reserve(_ node: FileNode, _ size: UInt64) throws(FileError) {
        let needed = clusters(in: size)
        let present = node.firstCluster == 0 ? 0 : max(1, clusters(in: node.size))
        guard needed > present else { return }
        try checkRoom(for: needed - present)
        do throws(FileError) {
            if node.firstCluster == 0 {
                node.start(at: try allocate(after: nil))
                node.isEntryDirty = !node.isRemoved
            }
            var tail = try node.map.cluster(max(present, 1) - 1, self)
            for _ in max(present, 1)..<max(needed, 1) {
                // An interrupted write may have left clusters behind the end.
                tail = if let next = try next(after: tail) { next } else { try allocate(after: tail) }
            }
        } catch {
            try? trim(node)
            throw error
        }
    }

    /// Takes from `node` the clusters that its size does not need.
    func trim(_ node: FileNode) throws(FileError) {
        guard node.firstCluster != 0 else { return }
        let kept = clusters(in: node.size)
        if kept == 0 {
            pending.frees.append(node.firstCluster)
            node.start(at: 0)
            node.isEntryDirty = !node.isRemoved
            return
        }
        let last = try node.map.cluster(kept - 1, self)
        if let next = try next(after: last) { pending.cuts.append(.init(cluster: last, next: next)) }
        node.start(at: node.firstCluster)
    }

    /// Writes zeros to the bytes of the volume in `range`.
    func clear(_ range: Range<UInt64>) throws(FileError) {
        let zeros = BlockBuffer(count: Int(min(range.upperBound - range.lowerBound, 1 << 16)))
        var position = range.lowerBound
        while position < range.upperBound {
            let length = Int(min(range.upperBound - position, UInt64(zeros.count)))
            try zeros.withBytes(0..<length) { (bytes) throws(FileError) in try write(at: position, from: bytes) }
            position += UInt64(length)
        }
    }
}
