import Interfaces

// MARK: The order of writes
//
// The promise: pull the plug at any time, and `fsck.fat -n` finds lost clusters at worst, and what was flushed is there.
// Three things carry it. A device writes a block wholly or not at all. Between two flushes it may write in any order, or
// not, what it was given. And nothing on the medium refers to anything that is not durable yet:
//
//   1. Data, and the entries of new clusters in the table. Nothing refers to them: if the plug is pulled they are lost clusters.
//      A flush.
//   2. Links from the last cluster of a file to its new ones, where the two entries lie in different blocks. (In the same block
//      the link is part of step 1: it comes together with what it refers to.) The file is longer than its size says.
//      A flush.
//   3. Directories: names, sizes, first clusters. A name with all its entries lies in one block (up to 195 UTF-16 units), so
//      that it is there or not; a name that was taken out of one block is put into another of the same directory only
//      after a commit, so that it is never there twice. A flush.
//   4. Clusters of files that were deleted become free, and files that were cut end where they should; what was behind the cut
//      becomes free in the next commit. Free clusters may be used at once: whatever of step 4 is not durable when they are is a
//      lost cluster that points to a used one.
//
// Steps 1 and 4 may be written at any time (`dirty` in the cache), step 3 waits (`held`), step 2 is kept in `PendingChanges`.
//
// Two things have no block of their own to be atomic in. A file that grows or shrinks has for a moment more clusters than its
// size needs: lost clusters with an owner, which `fsck.fat` calls a chain longer than the size. And a name of more than 195
// units, or one that another system laid across two blocks, can be half there: pieces that belong to no file.
//
// A name that moves to another block cannot be in both, because two files would share a chain, and must not be in neither, because
// the file would be lost. `FATVolume+Rename.swift` says what is done about that.
//
// The copies of the table are written one after the other; between the two `fsck.fat` says that they differ, and takes the first,
// which is the one that the above is about. FAT12 packs entries of 12 bits: one in 341 lies across two blocks. Such clusters are
// never given out. On a device whose blocks are larger than the volume's sectors, table and directories may lie in one block, and
// the promise does not hold.

extension FATVolume {
    /// Clusters that one commit makes free at most: what is left over waits for the next.
    private static var freeLimit: Int { 1 << 16 }

    /// Makes everything durable, in the order above. After an error everything that is not durable is still there, and the
    /// next call tries again.
    func commit() throws(FileError) {
        guard isMarkedDirty else { return }
        pending.frees += pending.severed + pending.released
        pending.severed.removeAll(keepingCapacity: true)
        pending.released.removeAll(keepingCapacity: true)
        try writeOut()
        if !pending.links.isEmpty {
            while let link = pending.links.last {
                try setTableEntry(link.cluster, link.next)
                pending.links.removeLast()
            }
            try writeOut()
        }
        try commitDirectories()
        pending.removals.removeAll(keepingCapacity: true)
        // What a file is cut off from becomes free in the next commit, when the cut is durable: a file must not go on in a free
        // cluster. Cuts come first: the rest of a file that was cut may be about to become free too.
        while let cut = pending.cuts.last {
            try setTableEntry(cut.cluster, endMark)
            pending.severed.append(cut.next)
            pending.cuts.removeLast()
        }
        try freeChains()
    }

    private func writeOut() throws(FileError) {
        do throws(BlockError) {
            try cache.writeDirty()
            try cache.flush()
        } catch {
            throw .device(error)
        }
    }

    private func commitDirectories() throws(FileError) {
        for node in nodes where node.isEntryDirty {
            try store(node)
            if cache.heldLineCount > BlockCache.heldLimit { try writeHeld() }
        }
        try writeHeld()
        do throws(BlockError) { try cache.flush() } catch { throw .device(error) }
        nodes.removeAll { $0.openCount == 0 && !$0.isEntryDirty }
    }

    private func writeHeld() throws(FileError) {
        do throws(BlockError) { try cache.writeHeld() } catch { throw .device(error) }
    }

    /// Makes the chains in `pending.frees` free, as many clusters as one commit may.
    private func freeChains() throws(FileError) {
        var left = Self.freeLimit
        while left > 0, let cluster = pending.frees.last {
            left -= 1
            let after = try tableEntry(cluster)
            // Whatever fails below, the cluster must not be made free later, when somebody else may have it. A chain that is
            // damaged is free as far as it goes.
            if layout.contains(after) {
                pending.frees[pending.frees.count - 1] = after
            } else {
                pending.frees.removeLast()
            }
            guard after != 0 else { continue }
            try setTableEntry(cluster, 0)
        }
    }

    /// Commits where that is due: when there is more than memory is meant for.
    func settle() throws(FileError) {
        if pending.isFull || cache.heldLineCount >= BlockCache.heldLimit || nodes.count > Self.nodeLimit {
            try commit()
        }
    }

    private static var nodeLimit: Int { 256 }

    // MARK: The marks of the volume

    /// Sees to it that the volume can be written to, and that it says so on the medium, before anything is.
    func prepareToWrite() throws(FileError) {
        guard !isReadOnly else { throw .readOnly("") }
        generation &+= 1
        try markDirty()
        if hasNote {
            try commit()
            try removeNote()
        }
        try settle()
    }

    private func markDirty() throws(FileError) {
        if !isMarkedDirty {
            _ = try wasClean()
            // What is said of a volume that was not taken leave of is of no use.
            if try wasClean(), freeCountHint == nil, let hint = try freeClusterHint() {
                freeCountHint = hint - space.change
            }
            if let start = layout.infoStart, try hasInformation() {
                do throws(BlockError) { nextFree = try cache.u32(at: start + 492) } catch { throw .device(error) }
            }
            if let mask = cleanMask, try tableEntry(1) & mask != 0 {
                try setTableEntry(1, tableEntry(1) & ~mask)
                try writeOut()
            }
            isMarkedDirty = true
            try makeCorrections()
        }
    }

    /// The bit that says that the volume was taken leave of (`ClnShutBitMask`); FAT12 has none.
    var cleanMask: UInt32? {
        switch layout.width {
        case .fat12: nil
        case .fat16: 0x8000
        case .fat32: 0x0800_0000
        }
    }

    /// What the volume said about itself before it was written to.
    func wasClean() throws(FileError) -> Bool {
        if let wasCleanAtMount { return wasCleanAtMount }
        var isClean = !layout.isMarkedDirty
        if isClean, let cleanMask {
            // One that was erased says so too: all have to.
            for copy in layout.isMirrored ? 0..<layout.tableCount : layout.activeTable..<layout.activeTable + 1 {
                do throws(FileError) {
                    if try tableEntry(1, copy: copy) & cleanMask == 0 { isClean = false }
                } catch {
                    guard case .device(let cause) = error, cause.cause == .corrupted else { throw error }
                    isClean = false
                }
            }
        }
        wasCleanAtMount = isClean
        return isClean
    }

    /// Makes everything durable, and deleted files' space free.
    func synchronizeAll() throws(FileError) {
        guard isMarkedDirty else { return }
        try commit()
        while !pending.isEmpty {
            // A long chain becomes free in several commits.
            exclusion?.pause()
            try commit()
        }
        try writeOut()
    }

    /// Puts the number of free clusters into FSInfo, where there is one. Only when the volume is taken leave of: on one that was not,
    /// nobody believes it, and a card that tears what lies around a write has the boot sector beside it.
    private func storeInformation() throws(FileError) {
        guard let start = layout.infoStart, try hasInformation() else { return }
        do throws(BlockError) {
            try cache.store(statedFreeCount, 4, at: start + 488)
            try cache.store(nextFree, 4, at: start + 492)
        } catch {
            throw .device(error)
        }
    }

    /// As `synchronizeAll`, and says on the medium that the volume was taken leave of, unless it was not when it was mounted: then
    /// nobody has looked yet whether there are lost clusters.
    func takeLeave() throws(FileError) {
        guard isMarkedDirty else { return }
        try synchronizeAll()
        guard isMarkedDirty else { return }
        try storeInformation()
        try writeOut()
        if let mask = cleanMask, try wasClean() {
            try setTableEntry(1, tableEntry(1) | mask)
            try writeOut()
        }
        isMarkedDirty = false
    }
}
