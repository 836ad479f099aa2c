import Interfaces

// MARK: How a name moves
//
// Where old and new entries lie in one block, a renaming is one write of that block: `moveInBlock`. A name that gets shorter or stays
// as long always has that, and so has a file that replaces another beside it.
//
// Otherwise two blocks change, and between the two writes the file has either two names, which share its clusters, or none. The
// first is what `fsck.fat` repairs by emptying one of them. So it is the second, with a note that says how to go on: a file in the
// root directory that holds what the new entry will be (`MoveNote`). The steps, each durable before the next:
//
//   1. the note is made;
//   2. the old name goes: the clusters belong to nobody but the note;
//   3. of a directory that moves elsewhere, the link to its parent is set right;
//   4. the new name comes, or the entry of the file that is replaced gets the content in one write;
//   5. the note goes.
//
// Mounting a volume that was not taken leave of completes from step 2 on what a note says, and any number of times. Until it has,
// `fsck.fat -n` sees lost clusters; a file that was to be replaced is there with its old content. A volume that was checked
// meanwhile is marked clean, and its note is not followed: the clusters may have been given to others.

extension FATVolume {
    /// Gives the file or directory at `old` the path `new`. A file that has that path already is replaced: whenever the plug
    /// is pulled, one of the two contents is there by that name. So is an empty directory by a directory.
    ///
    /// Throws `notFound`, `notADirectory`, `isADirectory`, `notEmpty`, `readOnly`, `invalidName` (also for a directory that
    /// would come to lie in itself), `directoryFull` or `full`.
    public func rename(_ old: String, to new: String) throws(FileError) {
        try inTurn { () throws(FileError) in
            try prepareToWrite(taking: 0)
            isMoving = true
            defer { isMoving = false }
            let source = try resolve(old)
            guard source.place.index >= 0 else { throw .busy(old) }
            var resolver = PathResolver(self)
            let (parent, units) = try resolver.parent(of: new)
            guard let name = NewName(units) else { throw .invalidName(new) }
            if source.isDirectory, resolver.passed(source.firstCluster) { throw .invalidName(new) }
            var survey = try survey(parent.firstCluster, for: name)
            if let target = survey.existing, target.place.position == source.place.position { survey.existing = nil }
            if let target = survey.existing { try checkReplacement(source, target, new) }
            if let node = node(at: source.place), node.isEntryDirty { try store(node) }
            if try moveInBlock(source, parent.firstCluster, name, survey) { return }
            try moveByNote(source, parent.firstCluster, name)
        }
    }

    private func checkReplacement(
        _ source: DirectoryEntry, _ target: DirectoryEntry, _ path: String
    ) throws(FileError) {
        guard !target.attributes.contains(.readOnly) else { throw .readOnly(path) }
        guard target.isDirectory else {
            if source.isDirectory { throw .notADirectory(path) }
            return
        }
        guard source.isDirectory else { throw .isADirectory(path) }
        guard try isEmpty(target) else { throw .notEmpty(path) }
    }

    // MARK: In one block

    /// Renames with a single write where that is possible, and says whether it was.
    private func moveInBlock(
        _ source: DirectoryEntry, _ directory: UInt32, _ name: NewName, _ survey: Survey
    ) throws(FileError) -> Bool {
        guard source.place.directory == directory, isInOneBlock(source.place) else { return false }
        // From here to the end of the change nothing may be committed.
        try commitRemovals(from: directory, except: block(source.place))
        var record = try record(at: source.place.position)
        if let target = survey.existing {
            guard isInOneBlock(target.place), block(target.place) == block(source.place) else { return false }
            try replace(target, with: record)
            try remove(source.place)
            move(source, to: target.place)
            return true
        }
        guard let first = try vacancy(name.entryCount, beside: source.place) else { return false }
        // The short name of the survey may be taken by the file itself; it is free as soon as that has gone.
        let short = survey.short[0] == 0x20 ? shortName(of: record) : survey.short
        for index in 0..<11 { record.bytes[index] = short[index] }
        record.bytes[12] = name.lowercase
        try remove(source.place)
        let place = try put(name.records(record), at: first, in: directory)
        move(source, to: place)
        return true
    }

    private func shortName(of record: FATRecord) -> [11 of UInt8] {
        var name = [11 of UInt8](repeating: 0)
        for index in 0..<11 { name[index] = record.bytes[index] }
        return name
    }

    private func block(_ place: EntryPlace) -> Int { place.index / entriesPerBlock }

    private func isInOneBlock(_ place: EntryPlace) -> Bool {
        place.entries.lowerBound / entriesPerBlock == block(place)
    }

    /// Number of the first of `count` adjacent entries in the block of `place` that are free or belong to `place`. Where they reach
    /// beyond the end of the directory, what follows them in the block becomes its end, which is part of the same write.
    private func vacancy(_ count: Int, beside place: EntryPlace) throws(FileError) -> Int? {
        guard count <= entriesPerBlock else { return nil }
        var slots = try DirectorySlots(self, cluster: place.directory)
        var run = FreeRun(needed: count, perBlock: entriesPerBlock)
        let first = block(place) * entriesPerBlock
        var isBehindEnd = false
        for index in first..<first + entriesPerBlock {
            guard let position = try slots.position(index, self) else { return nil }
            let record = try record(at: position)
            isBehindEnd = isBehindEnd || record.isEnd
            run.note(index, isFree: isBehindEnd || record.isDeleted || place.entries.contains(index))
            guard let found = run.first else { continue }
            guard isBehindEnd, let next = try slots.position(index + 1, self), try !self.record(at: next).isEnd else {
                return found
            }
            // The end in another block would be a second write.
            guard index + 1 < first + entriesPerBlock else { return nil }
            try store(FATRecord([32 of UInt8](repeating: 0)), at: next)
            return found
        }
        return nil
    }

    /// Gives the entry of `target` the content of `record`, and the clusters it had back.
    private func replace(_ target: DirectoryEntry, with record: FATRecord) throws(FileError) {
        var entry = try self.record(at: target.place.position)
        entry.takeContent(of: record)
        try store(entry, at: target.place.position)
        abandon(target)
    }

    /// Tells the open file that `source` described where its entry is now.
    private func move(_ source: DirectoryEntry, to place: EntryPlace) { node(at: source.place)?.place = place }

    // MARK: Across blocks

    private func moveByNote(_ source: DirectoryEntry, _ directory: UInt32, _ name: NewName) throws(FileError) {
        try commit()
        let record = try record(at: source.place.position)
        let note = MoveNote(
            record: record, oldDirectory: source.place.directory, newDirectory: directory, name: name.units)
        try make(note)
        let node = node(at: source.place)
        let old = try entries(source.place)
        var place: EntryPlace?
        do throws(FileError) {
            try remove(source.place)
            try commit()
            place = try complete(note, name)
        } catch {
            // A file with no name would be lost as soon as the note is: it has the old one again.
            try restore(old, source.place)
            throw error
        }
        if let place { node?.place = place }
        try commit()
        try removeNote()
    }

    private func entries(_ place: EntryPlace) throws(FileError) -> [FATRecord] {
        var slots = try DirectorySlots(self, cluster: place.directory)
        var records: [FATRecord] = []
        for index in place.entries {
            guard let position = try slots.position(index, self) else { throw .corrupted("a directory has shrunk") }
            records.append(try record(at: position))
        }
        return records
    }

    private func restore(_ records: [FATRecord], _ place: EntryPlace) throws(FileError) {
        var slots = try DirectorySlots(self, cluster: place.directory)
        for (index, record) in zip(place.entries, records) {
            if let position = try slots.position(index, self) { try store(record, at: position) }
        }
    }

    /// Steps 3 and 4, without the commit that makes the latter durable.
    private func complete(_ note: MoveNote, _ name: NewName) throws(FileError) -> EntryPlace {
        var record = note.record
        let first = record.firstCluster(layout.width)
        if record.attributes.contains(.directory), layout.contains(first), note.oldDirectory != note.newDirectory {
            let position = layout.start(of: first) + UInt64(FATRecord.size)
            var link = try self.record(at: position)
            if link.isDotLink {
                link.setContent(note.newDirectory, 0, layout.width)
                try store(link, at: position)
                try commit()
            }
        }
        let survey = try survey(note.newDirectory, for: name)
        let place: EntryPlace
        if let target = survey.existing {
            try replace(target, with: record)
            place = target.place
        } else {
            for index in 0..<11 { record.bytes[index] = survey.short[index] }
            record.bytes[12] = name.lowercase
            place = try insert(name.records(record), survey, in: note.newDirectory)
        }
        return place
    }

    /// Step 1.
    private func make(_ note: MoveNote) throws(FileError) {
        // One that was not followed says nothing any more.
        try removeNote()
        hasNote = true
        let file = try openNote(isNew: true)
        defer { close(file) }
        let bytes = note.bytes
        let span = bytes.span
        try reserve(file, UInt64(bytes.count))
        try transfer(unsafe span.bytes, to: file, at: 0)
        file.size = UInt64(bytes.count)
        file.isEntryDirty = true
        try commit()
    }

    private func openNote(isNew: Bool) throws(FileError) -> FileNode {
        guard let name = NewName(MoveNote.fileName) else { throw .invalidName("") }
        let survey = try survey(0, for: name)
        let node: FileNode
        if let entry = survey.existing {
            node = try self.node(entry, "")
        } else {
            guard isNew else { throw .notFound("") }
            let record = FATRecord(survey.short, lowercase: 0, [.hidden, .system], now)
            node = FileNode(try insert(name.records(record), survey, in: 0), firstCluster: 0, size: 0)
        }
        retain(node)
        return node
    }

    /// Step 5, durable: nothing else may happen to the file before.
    func removeNote() throws(FileError) {
        do throws(FileError) {
            let node = try openNote(isNew: false)
            defer { close(node) }
            try remove(node.place)
            node.isRemoved = true
            node.isEntryDirty = false
        } catch {
            guard error == .notFound("") else { throw error }
        }
        try commit()
        hasNote = false
    }

    // MARK: After an interruption

    /// Completes the renaming that a note speaks of, on a volume that was not taken leave of. What fails is left to the next
    /// mounting: reading must be possible.
    func completeInterruptedMove() {
        isMoving = true
        defer { isMoving = false }
        do throws(FileError) {
            if layout.width != .fat12, try wasClean() { return }
            let file = try openNote(isNew: false)
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: MoveNote.maximumSize)
            let count = try bytes.withMutableRawSpan { (span) throws(FileError) in
                try read(file, at: 0, into: &span)
            }
            try prepareToWrite()
            if let note = MoveNote(Array(bytes[..<count])), let name = NewName(note.name), try isUnfinished(note, name)
            {
                _ = try complete(note, name)
                try commit()
            }
            try removeNote()
        } catch {
            // The note is there still.
        }
    }

    /// Sees to it that the file that `note` speaks of has no name, unless it has the new one: then false. False too when its
    /// clusters are gone.
    private func isUnfinished(_ note: MoveNote, _ name: NewName) throws(FileError) -> Bool {
        let first = note.record.firstCluster(layout.width)
        if first != 0 {
            guard layout.contains(first), try tableEntry(first) != 0 else { return false }
        }
        // A name that lay across two blocks may have gone or come by half, so that a short name is there and the long one not.
        for (directory, isNew) in [(note.newDirectory, true), (note.oldDirectory, false)] {
            var reader = try DirectoryReader(self, cluster: directory)
            while let record = try reader.nextRecord() {
                guard reader.completesName(record), record.firstCluster(layout.width) == first else { continue }
                let entry = reader.entry(record)
                if isNew, reader.isNamed(name.units.span, record) { return false }
                guard first != 0 || (!isNew && record.hasShortName(of: note.record)) else { continue }
                try remove(entry.place)
            }
        }
        try commit()
        return true
    }
}
