import Interfaces

/// Contents written anew: files that are what they were until their replacement is whole.
extension FATVolume {
    /// Begins new content for the file at `path`, which need not be there. Nothing is changed until `Replacement.finish`; when that is
    /// not called, or fails, or the plug is pulled before it returns, the file is what it was.
    ///
    /// Throws what `open` does with `create`, except what only the directory decides, which `finish` throws.
    public func replace(_ path: String) throws(FileError) -> Replacement {
        try inTurn { () throws(FileError) in
            try prepareToWrite()
            _ = try target(path)
            // A file without a name: what it has been given becomes free when the last handle is gone.
            let node = FileNode(.none, firstCluster: 0, size: 0)
            node.isRemoved = true
            return Replacement(self, path, File(self, node, .write), node)
        }
    }

    /// What `path` names, and whether that may be replaced.
    private func target(
        _ path: String
    ) throws(FileError) -> (directory: UInt32, name: NewName, survey: Survey) {
        guard path.utf8.last != 0x2F else { throw .invalidName(path) }
        var resolver = PathResolver(self)
        let (parent, units) = try resolver.parent(of: path)
        guard let name = NewName(units) else { throw .invalidName(path) }
        let survey = try survey(parent.firstCluster, for: name)
        if let entry = survey.existing { try checkWritable(entry, path) }
        return (parent.firstCluster, name, survey)
    }

    /// Makes `node`, which has no name, the file at `path`, durably.
    func finish(_ node: FileNode, _ path: String) throws(FileError) {
        try prepareToWrite(taking: 1)
        let (directory, name, survey) = try target(path)
        if let entry = survey.existing {
            // One write of one block: the entry has the old content or the new.
            var record = try record(at: entry.place.position)
            record.setContent(node.firstCluster, node.size, layout.width)
            record.setModified(now)
            record.bytes[11] |= FileAttributes.archive.rawValue
            try store(record, at: entry.place.position)
            abandon(entry)
            node.place = entry.place
        } else {
            var record = FATRecord(survey.short, lowercase: name.lowercase, .archive, now)
            record.setContent(node.firstCluster, node.size, layout.width)
            node.place = try insert(name.records(record), survey, in: directory)
        }
        node.isRemoved = false
        try commit()
    }
}

/// New content for a file; see `FATVolume.replace`. Belongs to one task.
public final class Replacement {
    /// Where the new content goes. Not to be used after `finish`.
    public let file: File

    private let volume: FATVolume
    private let path: String
    private let node: FileNode
    private var isFinished = false

    init(_ volume: FATVolume, _ path: String, _ file: File, _ node: FileNode) {
        (self.volume, self.path, self.file, self.node) = (volume, path, file, node)
    }

    /// Makes what was written the content of the file, in place of what it had, durably. Handles to the old file go on with the old
    /// content. Throws `full`, `directoryFull`, `isADirectory`, `readOnly`, `notOpen` when it was called before, `device`; the file is what it was
    /// then, except after `device`, when it is the one or the other.
    public func finish() throws(FileError) {
        guard !isFinished else { throw .notOpen }
        try volume.inTurn { () throws(FileError) in try volume.finish(node, path) }
        isFinished = true
        try file.close()
    }
}
