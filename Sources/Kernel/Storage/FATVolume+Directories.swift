import Interfaces

/// Entries of directories: found, put in, taken out.
extension FATVolume {
    /// What one walk through a directory says about a name that is to be put into it.
    struct Survey {
        /// The file that has the name already.
        var existing: DirectoryEntry?
        /// Number of the first of as many free entries as the name needs, all in one block where they fit into one.
        var vacancy: Int
        /// Number of the first entry that was never used.
        var end: Int
        /// Entries before it that are free.
        var deleted: Int
        /// The short name that goes with the name.
        var short: [11 of UInt8]
    }

    /// Entries that are written wholly or not at all: those in what is a sector of the volume and a block of the device.
    var entriesPerBlock: Int { min(layout.sectorSize, cache.blockSize) / FATRecord.size }

    /// Walks through `directory` to find out what putting `name` into it takes.
    func survey(_ directory: UInt32, for name: NewName) throws(FileError) -> Survey {
        for attempt in 0..<16 as Range<UInt32> {
            var short = ShortName(name, attempt: attempt)
            var run = FreeRun(needed: name.entryCount, perBlock: entriesPerBlock)
            var existing: DirectoryEntry?
            var deleted = 0
            var reader = try DirectoryReader(self, cluster: directory)
            while let record = try reader.nextRecord() {
                if record.isDeleted { deleted += 1 }
                run.note(reader.index - 1, isFree: record.isDeleted)
                guard reader.completesName(record) else { continue }
                short.note(record)
                if existing == nil, reader.isNamed(name.units.span, record) { existing = reader.entry(record) }
            }
            let vacancy = run.first ?? run.start(from: reader.index)
            if existing != nil || name.short != nil {
                return Survey(
                    existing: existing, vacancy: vacancy, end: reader.index, deleted: deleted,
                    short: name.short ?? [11 of UInt8](repeating: 0x20))
            }
            if let free = short.free {
                return Survey(existing: nil, vacancy: vacancy, end: reader.index, deleted: deleted, short: free)
            }
        }
        throw .directoryFull
    }

    /// Puts `records`, the entries of one name, where `survey` of `directory` found room, with the next commit. Returns where.
    func insert(_ records: [FATRecord], _ survey: Survey, in directory: UInt32) throws(FileError) -> EntryPlace {
        // The root directory of FAT12 and FAT16 cannot grow: one entry of it is kept for the note of a name that moves.
        let free = layout.rootEntryCount - survey.end + survey.deleted
        if directory == 0, layout.rootEntryCount > 0, !isMoving, free <= records.count { throw .directoryFull }
        try commitRemovals(from: directory, except: survey.vacancy / entriesPerBlock)
        var slots = try DirectorySlots(self, cluster: directory)
        let last = survey.vacancy + records.count - 1
        while try slots.position(last, self) == nil { try grow(directory, &slots, to: last) }
        try keepEnd(survey, behind: last, &slots)
        // Entries that are skipped must not look like the end.
        for index in min(survey.end, survey.vacancy)..<survey.vacancy {
            if let position = try slots.position(index, self) { try markDeleted(position) }
        }
        return try put(records, at: survey.vacancy, in: directory)
    }

    /// Commits when names were taken out of `directory` elsewhere than in `block`, or when there is much to commit anyway.
    func commitRemovals(from directory: UInt32, except block: Int) throws(FileError) {
        let isMoved = pending.removals.contains { $0.directory == directory && $0.block != block }
        if isMoved || cache.heldLineCount >= BlockCache.heldLimit { try commit() }
    }

    /// Makes `records` the entries of `directory` from number `first` on.
    func put(_ records: [FATRecord], at first: Int, in directory: UInt32) throws(FileError) -> EntryPlace {
        var slots = try DirectorySlots(self, cluster: directory)
        let last = first + records.count - 1
        var place = EntryPlace(directory: directory, index: last, count: records.count, position: 0)
        for (offset, record) in records.enumerated() {
            guard let position = try slots.position(first + offset, self) else { throw .directoryFull }
            try store(record, at: position)
            place.position = position
        }
        return place
    }

    /// Sees to it that entry number `last` + 1 ends the directory, where the directory ended before it: what lies behind the end
    /// may be anything.
    private func keepEnd(_ survey: Survey, behind last: Int, _ slots: inout DirectorySlots) throws(FileError) {
        guard last >= survey.end, let position = try slots.position(last + 1, self) else { return }
        guard try !record(at: position).isEnd else { return }
        try store(FATRecord([32 of UInt8](repeating: 0)), at: position)
        try commit()
    }

    private func markDeleted(_ position: UInt64) throws(FileError) {
        var record = try record(at: position)
        record.bytes[0] = FATRecord.deleted
        try store(record, at: position)
    }

    /// Takes the entries at `place` out of their directory, with the next commit.
    func remove(_ place: EntryPlace) throws(FileError) {
        var slots = try DirectorySlots(self, cluster: place.directory)
        for index in place.entries {
            if let position = try slots.position(index, self) { try markDeleted(position) }
        }
        pending.removals.append((place.directory, place.index / entriesPerBlock))
    }

    /// Gives the directory `slots` another cluster, so that entry number `last` comes nearer. The cluster is empty on the medium
    /// before anything refers to it.
    private func grow(_ directory: UInt32, _ slots: inout DirectorySlots, to last: Int) throws(FileError) {
        guard let tail = slots.tail, last < FATRecord.maximumCount else { throw .directoryFull }
        let cluster = try freeCluster(from: tail + 1)
        try clear(layout.start(of: cluster)..<layout.start(of: cluster) + UInt64(clusterSize))
        do throws(BlockError) {
            try cache.writeDirty()
            try cache.flush()
        } catch {
            throw .device(error)
        }
        try take(cluster, after: tail)
    }

    // MARK: Directories as a whole

    /// Makes the directory `path`. Throws `exists`, `notFound` where the one it is to be in is not there, `full`, `directoryFull`.
    public func makeDirectory(_ path: String) throws(FileError) {
        try inTurn { () throws(FileError) in
            try prepareToWrite(taking: 1)
            var resolver = PathResolver(self)
            let (parent, units) = try resolver.parent(of: path)
            guard let name = NewName(units) else { throw .invalidName(path) }
            let survey = try survey(parent.firstCluster, for: name)
            guard survey.existing == nil else { throw .exists(path) }
            let cluster = try allocate(after: nil)
            do throws(FileError) {
                try writeLinks(cluster, parent.firstCluster)
                var record = FATRecord(survey.short, lowercase: name.lowercase, .directory, now)
                record.setContent(cluster, 0, layout.width)
                _ = try insert(name.records(record), survey, in: parent.firstCluster)
            } catch {
                pending.frees.append(cluster)
                throw error
            }
        }
    }

    /// Makes `cluster` an empty directory below that in `parent`.
    private func writeLinks(_ cluster: UInt32, _ parent: UInt32) throws(FileError) {
        let start = layout.start(of: cluster)
        try clear(start..<start + UInt64(clusterSize))
        for (index, target) in [cluster, parent].enumerated() {
            var name = [11 of UInt8](repeating: 0x20)
            for dot in 0...index { name[dot] = 0x2E }
            var record = FATRecord(name, lowercase: 0, .directory, now)
            record.setContent(target, 0, layout.width)
            let span = record.bytes.span
            try write(at: start + UInt64(index * FATRecord.size), from: unsafe span.bytes)
        }
    }

    /// Removes the empty directory `path`. Throws `notEmpty`, `notADirectory`, `notFound`, and `busy` for the root.
    public func removeDirectory(_ path: String) throws(FileError) {
        try inTurn { () throws(FileError) in
            try prepareToWrite()
            let entry = try resolve(path)
            guard entry.isDirectory else { throw .notADirectory(path) }
            guard entry.place.index >= 0 else { throw .busy(path) }
            guard try isEmpty(entry) else { throw .notEmpty(path) }
            try remove(entry.place)
            pending.frees.append(entry.firstCluster)
        }
    }

    /// True when `directory` holds nothing.
    func isEmpty(_ directory: DirectoryEntry) throws(FileError) -> Bool {
        var reader = try DirectoryReader(self, cluster: directory.firstCluster)
        return try reader.nextEntry() == nil
    }
}
