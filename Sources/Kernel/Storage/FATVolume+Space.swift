import Interfaces

// MARK: Long work
//
// What goes through the table of a large volume takes seconds on a card. Three rules keep that from everybody else: it is done once
// (`FreeSpace`), in long requests; between two of them it pauses, so that others have their turns; and it ends when its task is
// cancelled, with what it has found out kept.

/// Free clusters: how many there are, and where.
extension FATVolume {
    /// Clusters that files cannot have: one for the note of a name that moves, and one by which its new directory may grow. So a
    /// full volume can be put in order.
    var keptClusters: Int { isMoving ? 0 : 2 + unusableClusters }

    /// Clusters of FAT12 that are free and never given out, because their entries lie across two blocks; at most one a block.
    private var unusableClusters: Int {
        guard layout.width == .fat12 else { return 0 }
        var count = 0
        for block in 1..<UInt32(max(2, layout.tableBytes / UInt64(cache.blockSize))) {
            let cluster = (block * UInt32(cache.blockSize) * 2 - 1) / 3
            if layout.contains(cluster), !isAtomic(cluster), (try? tableEntry(cluster)) == 0 { count += 1 }
        }
        return count
    }

    /// Number of free clusters, as the allocation table says. The first call reads the table, with pauses for others; a task of low
    /// priority may ask ahead of time, so that nobody waits. Throws `cancelled` in the middle, and the next call goes on from there.
    /// Space of deleted files counts as soon as their entries are free.
    public func freeClusterCount() throws(FileError) -> Int {
        try inTurn { () throws(FileError) in
            while let piece = space.uncountedPiece(from: 0) {
                try count(piece)
                try pause()
            }
            return space.known
        }
    }

    /// Lets others have their turns, in the middle of long work. Nothing that was looked up before counts afterwards.
    func pause() throws(FileError) {
        exclusion?.pause()
        try checkCancellation()
    }

    /// Throws `cancelled` when the caller's task was.
    func checkCancellation() throws(FileError) {
        if let exclusion, exclusion.isCancelled { throw .cancelled }
    }

    /// Counts until it is known that `clusters` more can be given out, or that they cannot, and prepares to write.
    func prepareToWrite(taking clusters: UInt32) throws(FileError) {
        guard !isReadOnly else { throw .readOnly("") }
        while space.known < Int(clusters) + keptClusters, let piece = space.uncountedPiece(from: nextFree) {
            try count(piece)
            try pause()
        }
        try prepareToWrite()
    }

    /// Throws `full` when it is known that `clusters` more cannot be given out.
    func checkRoom(for clusters: UInt32) throws(FileError) {
        while space.uncounted == 0, space.known < Int(clusters) + keptClusters {
            // What is about to become free may be enough.
            guard pending.hasSpace else { throw .full }
            try commit()
        }
    }

    /// The first free cluster from `start` on, or from the beginning on. Nobody has it yet. Throws `full`.
    func freeCluster(from start: UInt32) throws(FileError) -> UInt32 {
        let (first, kept) = (layout.contains(start) ? start : 2, keptClusters)
        while true {
            while space.known <= kept, let piece = space.uncountedPiece(from: first) {
                try checkCancellation()
                try count(piece)
            }
            if space.known > kept, let cluster = try search(from: first) { return cluster }
            // What is about to become free may be enough.
            guard pending.hasSpace else { throw .full }
            try commit()
        }
    }

    /// The first free cluster from `first` on, round the end; only where some are known to be, or nothing is known.
    private func search(from first: UInt32) throws(FileError) -> UInt32? {
        let start = space.piece(of: first)
        for offset in 0...space.pieceCount {
            let piece = (start + offset) % space.pieceCount
            if space[piece] == nil {
                try checkCancellation()
                try count(piece)
            }
            guard space[piece] != 0 else { continue }
            var range = space.clusters(in: piece)
            if offset == 0 { range = max(first, range.lowerBound)..<max(first, range.upperBound) }
            for cluster in range where try tableEntry(cluster) == 0 && isAtomic(cluster) { return cluster }
        }
        return nil
    }

    /// Finds out how many clusters of `piece` are free.
    func count(_ piece: Int) throws(FileError) {
        guard space[piece] == nil else { return }
        let clusters = space.clusters(in: piece)
        if comparison.isNeeded { try compare(clusters) }
        var free = 0
        if !hasCorrections(clusters), let counted = try? freeEntries(of: clusters) {
            free = counted
        } else {
            // A block that cannot be read, or entries that are not whole bytes: one by one, each from the copy that gives it.
            for cluster in clusters where try tableEntry(cluster) == 0 { free += 1 }
        }
        space.set(piece, free: free)
        if space.uncounted == 0 { scratch = nil }
    }

    private func hasCorrections(_ clusters: Range<UInt32>) -> Bool {
        comparison.corrections.contains { clusters.contains($0.cluster) }
    }

    /// How many of `clusters` are free, found with one request; nil where that is not possible.
    private func freeEntries(of clusters: Range<UInt32>) throws(FileError) -> Int? {
        let size: Int
        switch layout.width {
        case .fat12: return nil
        case .fat16: size = 2
        case .fat32: size = 4
        }
        let buffer = scratch ?? BlockBuffer(count: Int(FreeSpace.pieceSize) * 4)
        scratch = buffer
        // From a whole block on, as the device likes it: the piece begins with the entries 0 and 1, which are no clusters.
        let skipped = Int(clusters.lowerBound % FreeSpace.pieceSize) * size
        let length = skipped + clusters.count * size
        let table = layout.tableStart + UInt64(layout.activeTable) * layout.tableBytes
        let start = table + UInt64(clusters.lowerBound) * UInt64(size) - UInt64(skipped)
        try buffer.withMutableBytes(length) { (bytes) throws(FileError) in try read(at: start, into: &bytes) }
        return buffer.zeros(skipped..<length, width: size)
    }

    // MARK: What the medium says about it

    /// What FSInfo is to say: the number of free clusters where it is known. Where it is not, what FSInfo said when the volume was
    /// mounted, if the volume had been left cleanly, with what was changed since, as long as that is possible.
    var statedFreeCount: UInt32 {
        if space.uncounted == 0 { return UInt32(space.known) }
        guard let hint = freeCountHint, hint + space.change >= space.known, hint + space.change <= space.most else {
            return .max
        }
        return UInt32(hint + space.change)
    }

    /// `FSI_Free_Count`, when the sector that holds it is one and the number is possible.
    func freeClusterHint() throws(FileError) -> Int? {
        guard let start = layout.infoStart, try hasInformation() else { return nil }
        do throws(BlockError) {
            let count = try cache.u32(at: start + 488)
            return count <= layout.clusterCount ? Int(count) : nil
        } catch {
            throw .device(error)
        }
    }

    /// True when there is an FSInfo sector and it is one.
    func hasInformation() throws(FileError) -> Bool {
        guard let start = layout.infoStart else { return false }
        do throws(BlockError) {
            guard try cache.u32(at: start) == 0x4161_5252, try cache.u32(at: start + 484) == 0x6141_7272 else {
                return false
            }
            return try cache.u32(at: start + 508) == 0xAA55_0000
        } catch {
            throw .device(error)
        }
    }
}
