import Interfaces

/// Damage: found, and put right.
extension FATVolume {
    /// How often a check begins again because others wrote meanwhile, before they have to wait for it.
    private static var checkAttempts: Int { 4 }
    /// Rounds of repair: a mended directory may show more.
    private static var repairRounds: Int { 64 }

    /// Looks through the whole volume for contradictions, after making durable what was written.
    ///
    /// Others may read meanwhile, and write: then it begins again, and when that has happened often enough they wait. Throws `cancelled` in
    /// the middle. A volume that was not taken leave of and is found whole counts as one that was, from the next `unmount` on.
    public func check() throws(FileError) -> FATCheck {
        try inTurn { () throws(FileError) in
            for attempt in 1..<Self.checkAttempts {
                if let check = try attemptCheck(isLast: attempt == Self.checkAttempts - 1) {
                    if check.isClean, !layout.isMarkedDirty { wasCleanAtMount = true }
                    return check
                }
            }
            throw .cancelled
        }
    }

    /// One check; nil when the volume was changed under it.
    private func attemptCheck(isLast: Bool) throws(FileError) -> FATCheck? {
        try commit()
        let begin = generation
        do throws(FileError) {
            return try FATCheck(cache.device) { [self] () throws(FileError) in
                if isLast { return try checkCancellation() }
                try pause()
                if generation != begin { throw .busy("") }
            }
        } catch {
            guard error == .busy("") else { throw error }
            return nil
        }
    }

    /// Checks the volume and puts right what can be: clusters that belong to nobody become free, chains that break or run into others are
    /// cut, files get the size that their clusters have, names that are there twice another, what is no entry goes, both tables become the
    /// same. What is cut off is lost; what was right stays as it is, and so it does when the plug is pulled in the middle.
    ///
    /// Returns what was found, and what is left. Nothing left means that the volume counts as taken leave of from the next `unmount` on. Others
    /// wait meanwhile. Throws `readOnly`, `device`, and `cancelled` while it only looks.
    public func repair() throws(FileError) -> (found: FATCheck, left: FATCheck) {
        try inTurn { () throws(FileError) in
            try prepareToWrite()
            try synchronizeAll()
            try prepareToWrite()
            let found = try look()
            if isBootSectorLost || layout.isMarkedDirty { try mendBootSector() }
            try equalizeTables()
            var left = found.isClean ? found : try look()
            for _ in 0..<Self.repairRounds where !left.isClean {
                try apply(left)
                left = try look()
            }
            reread()
            if left.isClean { wasCleanAtMount = true }
            return (found, left)
        }
    }

    /// A check that nobody disturbs.
    private func look() throws(FileError) -> FATCheck {
        try FATCheck(cache.device) { [self] () throws(FileError) in try checkCancellation() }
    }

    // MARK: Changes

    private func apply(_ check: FATCheck) throws(FileError) {
        // Directories first: when they refer to less, the rest may become free.
        var serial: UInt32 = 0
        for fix in check.fixes {
            try applyToDirectory(fix, &serial)
            if cache.heldLineCount >= BlockCache.heldLimit { try commit() }
        }
        try commit()
        for fix in check.fixes {
            guard case .cut(let cluster) = fix, layout.contains(cluster) else { continue }
            try setTableEntry(cluster, endMark)
        }
        try commit()
        try freeUnseen(check)
        try commit()
    }

    private func applyToDirectory(_ fix: FATCheck.Fix, _ serial: inout UInt32) throws(FileError) {
        switch fix {
        case .content(let position, let cluster, let size):
            var record = try record(at: position)
            record.setContent(cluster, size, layout.width)
            try store(record, at: position)
        case .remove(let position):
            var record = try record(at: position)
            record.bytes[0] = FATRecord.deleted
            try store(record, at: position)
        case .link(let position, let cluster):
            var record = try record(at: position)
            record.setContent(cluster, 0, layout.width)
            try store(record, at: position)
        case .makeLink(let position, let index, let cluster):
            var name = [11 of UInt8](repeating: 0x20)
            for dot in 0..<index { name[dot] = 0x2E }
            var record = FATRecord(name, lowercase: 0, .directory, now)
            record.setContent(cluster, 0, layout.width)
            try store(record, at: position)
        case .rename(let position):
            var record = try record(at: position)
            serial += 1
            // The place makes it one that no other file has: "R", seven hexadecimal digits.
            let place = UInt32(truncatingIfNeeded: position / UInt64(FATRecord.size)) &+ serial
            record.bytes[0] = 0x52
            for index in 1..<8 {
                let digit = UInt8(truncatingIfNeeded: place >> UInt32(4 * (7 - index))) & 15
                record.bytes[index] = digit < 10 ? 0x30 + digit : 0x37 + digit
            }
            try store(record, at: position)
        case .cut: break
        }
    }

    /// Makes free what `check` has not seen, except what belongs to files that are open and have no name.
    private func freeUnseen(_ check: FATCheck) throws(FileError) {
        var check = check
        for node in nodes where node.isRemoved && layout.contains(node.firstCluster) {
            var chain = ClusterChain(node.firstCluster)
            repeat { check.see(chain.cluster) } while (try? chain.advance(self)) == true
        }
        for piece in 0..<space.pieceCount {
            try count(piece)
            let clusters = space.clusters(in: piece)
            guard space[piece] != clusters.count else { continue }
            for cluster in clusters where !check.isSeen(cluster) {
                let entry = try tableEntry(cluster)
                if entry != 0, entry != endMark & ~7 - 1 { try setTableEntry(cluster, 0) }
            }
        }
    }

    /// Makes all copies of the table say what the first does, after what is better in the second was taken from it.
    private func equalizeTables() throws(FileError) {
        guard layout.isMirrored, layout.tableCount > 1 else { return }
        comparison.begin(offset(of: layout.clusterCount + 1) + 4)
        for piece in 0..<space.pieceCount { try compare(space.clusters(in: piece)) }
        comparison.isNeeded = false
        try commit()
    }

    /// Writes the boot sector, from the copy where that is all there is, without the mark of a system that has the volume mounted.
    private func mendBootSector() throws(FileError) {
        let size = UInt64(layout.sectorSize)
        var sector = [UInt8](repeating: 0, count: layout.sectorSize)
        let source = isBootSectorLost ? FATBootSector.copyNumber * size : 0
        try sector.withMutableRawSpan { (bytes) throws(FileError) in try read(at: source, into: &bytes) }
        sector[layout.width == .fat32 ? 65 : 37] &= ~1
        let span = sector.span
        try write(at: 0, from: unsafe span.bytes, held: true)
        try commit()
    }

    /// Tells open files what their entries say now.
    private func reread() {
        for node in nodes where !node.isRemoved {
            guard let record = try? record(at: node.place.position), !record.isDeleted else {
                node.start(at: 0)
                (node.size, node.isRemoved) = (0, true)
                continue
            }
            let cluster = record.firstCluster(layout.width)
            node.start(at: layout.contains(cluster) ? cluster : 0)
            node.size = UInt64(record.size)
        }
    }
}
