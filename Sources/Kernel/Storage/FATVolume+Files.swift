import Interfaces

/// Files as a whole: opened, made, deleted.
extension FATVolume {
    /// The file at `path`. Throws `notFound`, `notADirectory` or `isADirectory` with the path up to the name at fault;
    /// `readOnly` when it is to be written to and must not; where it is to be made, `exists`, `invalidName`,
    /// `directoryFull` or `full`.
    public func open(_ path: String, _ options: OpenOptions = .read) throws(FileError) -> File {
        try inTurn { () throws(FileError) in
            guard options.contains(.write) else { return File(self, try node(try resolve(path), path), options) }
            let node: FileNode
            if options.contains(.create) {
                // Its directory may have to grow.
                try prepareToWrite(taking: 1)
                node = try create(path, isExclusive: options.contains(.exclusive))
            } else {
                try prepareToWrite()
                node = try writable(try resolve(path), path)
            }
            if options.contains(.truncate), node.size > 0 { try truncate(node, to: 0) }
            return File(self, node, options)
        }
    }

    /// Deletes the file at `path`. Whoever has it open can use it on: its space becomes free when the last handle is gone.
    /// A file whose size or content cannot be is deleted too. Throws `isADirectory`, `readOnly`, `notFound`, `notADirectory`.
    public func remove(_ path: String) throws(FileError) {
        try inTurn { () throws(FileError) in
            try prepareToWrite()
            let entry = try resolve(path)
            try checkWritable(entry, path)
            try remove(entry.place)
            abandon(entry)
        }
    }

    /// True when both paths lead to the same file or directory, which is there.
    public func isSame(_ first: String, _ second: String) throws(FileError) -> Bool {
        try inTurn { () throws(FileError) in
            do throws(FileError) {
                let (one, other) = (try resolve(first), try resolve(second))
                return one.place.position == other.place.position && one.place.index == other.place.index
            } catch {
                if case .notFound = error { return false }
                throw error
            }
        }
    }

    // MARK: Nodes

    /// The file whose directory entry is at `place`, if it is open or not written out.
    func node(at place: EntryPlace) -> FileNode? {
        nodes.first { !$0.isRemoved && $0.place.position == place.position }
    }

    /// The file that `entry`, found at `path`, describes. Throws `corrupted` when it cannot be one: what lies in a cluster that belongs
    /// to nobody is not handed out.
    func node(_ entry: DirectoryEntry, _ path: String) throws(FileError) -> FileNode {
        guard !entry.isDirectory else { throw .isADirectory(path) }
        if let node = node(at: entry.place) { return node }
        guard entry.size == 0 || layout.contains(entry.firstCluster) else {
            throw .corrupted("the first cluster of a file is out of range")
        }
        guard entry.size <= UInt64(layout.clusterCount) << layout.clusterShift else {
            throw .corrupted("a file is larger than its volume")
        }
        let cluster = layout.contains(entry.firstCluster) ? entry.firstCluster : 0
        if cluster != 0, try tableEntry(cluster) == 0 { throw .corrupted("a file begins in a cluster that is free") }
        return FileNode(entry.place, firstCluster: cluster, size: entry.size)
    }

    private func writable(_ entry: DirectoryEntry, _ path: String) throws(FileError) -> FileNode {
        let node = try node(entry, path)
        try checkWritable(entry, path)
        return node
    }

    /// Throws when `entry`, found at `path`, is no file that may be written to. Whether it is damaged does not matter.
    func checkWritable(_ entry: DirectoryEntry, _ path: String) throws(FileError) {
        guard !entry.isDirectory else { throw .isADirectory(path) }
        guard !entry.attributes.contains(.readOnly) else { throw .readOnly(path) }
    }

    /// The file at `path`, which is made when it is not there.
    private func create(_ path: String, isExclusive: Bool) throws(FileError) -> FileNode {
        var resolver = PathResolver(self)
        let (parent, units) = try resolver.parent(of: path)
        guard let name = NewName(units) else {
            // Other systems may have made what cannot be made here.
            var reader = try DirectoryReader(self, cluster: parent.firstCluster)
            guard !isExclusive, let entry = try reader.find(units.span) else { throw .invalidName(path) }
            return try writable(entry, path)
        }
        let survey = try survey(parent.firstCluster, for: name)
        if let entry = survey.existing {
            guard !isExclusive else { throw .exists(path) }
            return try writable(entry, path)
        }
        guard path.utf8.last != 0x2F else { throw .invalidName(path) }
        let record = FATRecord(survey.short, lowercase: name.lowercase, .archive, now)
        let place = try insert(name.records(record), survey, in: parent.firstCluster)
        return FileNode(place, firstCluster: 0, size: 0)
    }

    /// Gives back the space of the file that `entry` described, which has no directory entry any more: at once, or when its
    /// last handle is gone.
    func abandon(_ entry: DirectoryEntry) {
        if let node = node(at: entry.place) {
            node.isRemoved = true
            node.isEntryDirty = false
            if node.openCount == 0 { release(node) }
        } else if layout.contains(entry.firstCluster) {
            pending.frees.append(entry.firstCluster)
        }
    }

    /// Takes note of a handle to `node`.
    func retain(_ node: FileNode) {
        if node.openCount == 0, !nodes.contains(where: { $0 === node }) { nodes.append(node) }
        node.openCount += 1
    }

    /// Takes note that a handle to `node` is gone. Does nothing to the medium.
    func close(_ node: FileNode) {
        node.openCount -= 1
        if node.openCount == 0, node.isRemoved || !node.isEntryDirty { release(node) }
    }

    private func release(_ node: FileNode) {
        nodes.removeAll { $0 === node }
        if node.isRemoved, node.firstCluster != 0 { pending.released.append(node.firstCluster) }
    }

    /// Puts what `node` knows into its directory entry, with the next commit.
    func store(_ node: FileNode) throws(FileError) {
        var record = try record(at: node.place.position)
        record.setContent(node.firstCluster, node.size, layout.width)
        if let modified = node.modified { record.setModified(modified) }
        record.bytes[11] |= FileAttributes.archive.rawValue
        try store(record, at: node.place.position)
        node.isEntryDirty = false
    }

    // MARK: Content

    /// Reads from `node`; as `File.read(at:into:)`.
    func read(_ node: FileNode, at offset: UInt64, into buffer: inout MutableRawSpan) throws(FileError) -> Int {
        guard offset < node.size else { return 0 }
        let count = Int(min(UInt64(buffer.byteCount), node.size - offset))
        let isSequential = offset == node.readEnd && offset > 0
        var done = 0
        while done < count {
            let position = offset + UInt64(done)
            let left = UInt64(count - done)
            let wanted = isSequential && count < ReadAhead.size ? UInt64(ReadAhead.size) : left
            let (start, length) = try run(node, position, atMost: min(max(wanted, left), node.size - position))
            let end = done + Int(min(left, length))
            var part = buffer._mutatingExtracting(done..<end)
            do throws(BlockError) {
                if isSequential {
                    try cache.read(at: start, into: &part, expecting: length)
                } else {
                    try cache.read(at: start, into: &part)
                }
            } catch {
                throw .device(error)
            }
            done = end
        }
        node.readEnd = offset + UInt64(count)
        return count
    }

    /// Where the byte at `position` of `node` lies, and how many of the `bytes` from it on lie behind it without a gap.
    func run(
        _ node: FileNode, _ position: UInt64, atMost bytes: UInt64
    ) throws(FileError) -> (start: UInt64, length: UInt64) {
        let shift = layout.clusterShift
        let index = UInt32(truncatingIfNeeded: position >> shift)
        let within = position & (1 << shift - 1)
        let first = try node.map.cluster(index, self)
        var clusters: UInt32 = 1
        while UInt64(clusters) << shift < within + bytes {
            guard try node.map.cluster(index + clusters, self) == first + clusters else { break }
            clusters += 1
        }
        return (layout.start(of: first) + within, min(bytes, UInt64(clusters) << shift - within))
    }

    /// Writes to `node` from `place` on, or from its end on where that is nil; as `File.write(at:from:)`. Returns where the data ends.
    func write(_ node: FileNode, at place: UInt64?, from data: RawSpan) throws(FileError) -> UInt64 {
        let count = data.byteCount
        guard count > 0 else { return place ?? node.size }
        // Others have their turns before this returns; the size counts that the file has afterwards.
        try prepareToWrite(
            taking: growth(node, to: (place ?? node.size).addingReportingOverflow(UInt64(count)).partialValue))
        let offset = place ?? node.size
        let (end, overflow) = offset.addingReportingOverflow(UInt64(count))
        guard !overflow, end <= File.maximumSize else { throw .tooLarge(overflow ? .max : end) }
        try reserve(node, end)
        do throws(FileError) {
            if offset > node.size { try fill(node, from: node.size, to: offset) }
            try transfer(data, to: node, at: offset)
        } catch {
            try? trim(node)
            throw error
        }
        node.size = max(node.size, end)
        touch(node)
        return end
    }

    /// Clusters that `node` lacks for `size` bytes; none where it cannot have so many.
    private func growth(_ node: FileNode, to size: UInt64) -> UInt32 {
        guard size > node.size, size <= File.maximumSize else { return 0 }
        return clusters(in: size) - clusters(in: node.size)
    }

    /// Writes `data` to the bytes of `node` from `offset` on, which it has clusters for.
    func transfer(_ data: RawSpan, to node: FileNode, at offset: UInt64) throws(FileError) {
        let count = data.byteCount
        var done = 0
        while done < count {
            let (start, length) = try run(node, offset + UInt64(done), atMost: UInt64(count - done))
            try write(at: start, from: data.extracting(done..<done + Int(length)))
            done += Int(length)
        }
    }

    /// Writes zeros to the bytes of `node` from `start` to `end`, which it has clusters for.
    private func fill(_ node: FileNode, from start: UInt64, to end: UInt64) throws(FileError) {
        var position = start
        while position < end {
            let (place, length) = try run(node, position, atMost: end - position)
            try clear(place..<place + length)
            position += length
        }
    }

    /// Makes `node` end after `size` bytes; new ones are zero.
    func truncate(_ node: FileNode, to size: UInt64) throws(FileError) {
        guard size <= File.maximumSize else { throw .tooLarge(size) }
        try prepareToWrite(taking: growth(node, to: size))
        if size > node.size {
            try reserve(node, size)
            do throws(FileError) {
                try fill(node, from: node.size, to: size)
            } catch {
                try? trim(node)
                throw error
            }
            node.size = size
        } else {
            let old = node.size
            node.size = size
            do throws(FileError) {
                try trim(node)
            } catch {
                node.size = old
                throw error
            }
        }
        touch(node)
    }

    /// Takes note that `node` was changed just now.
    func touch(_ node: FileNode) {
        node.modified = now
        node.isEntryDirty = !node.isRemoved
    }
}
