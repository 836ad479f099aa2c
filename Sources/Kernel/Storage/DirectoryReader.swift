/// Reads a directory entry by entry, however long it is, and holds one of them at a time.
///
/// Belongs to one task. After an error it stays where it was.
public struct DirectoryReader {
    private let volume: FATVolume
    private let directory: UInt32
    private var slots: DirectorySlots
    /// Number of the entry to be read next.
    private(set) var index = 0
    /// Number of the entry with which the current file's begin.
    private var start = 0
    /// Where the record read last lies.
    private(set) var position: UInt64 = 0
    private var longName = LongName()
    private var name: [UInt16] = []
    private var short: [UInt16] = []

    /// The directory whose content begins in `cluster`; zero is the root.
    init(_ volume: FATVolume, cluster: UInt32) throws(FileError) {
        self.volume = volume
        directory = cluster
        slots = try DirectorySlots(volume, cluster: cluster)
    }

    /// The next file or directory; nil after the last. The volume's label and the links "." and ".." are left out.
    public mutating func next() throws(FileError) -> DirectoryEntry? {
        try volume.enter()
        defer { volume.leave() }
        return try nextEntry()
    }

    /// As `next`, for a caller whose turn it is.
    mutating func nextEntry() throws(FileError) -> DirectoryEntry? {
        guard let record = try nextNamed() else { return nil }
        return entry(record)
    }

    /// The entry that `wanted` names, by its long or its short name; nil when there is none.
    mutating func find(_ wanted: Span<UInt16>) throws(FileError) -> DirectoryEntry? {
        while let record = try nextNamed() {
            if isNamed(wanted, record) { return entry(record) }
        }
        return nil
    }

    /// True when `record`, which completed a name, has the name `wanted`, long or short.
    mutating func isNamed(_ wanted: Span<UInt16>, _ record: FATRecord) -> Bool {
        if CaseFolding.equal(name.span, wanted) { return true }
        short.removeAll(keepingCapacity: true)
        record.appendShortName(to: &short)
        return CaseFolding.equal(short.span, wanted)
    }

    /// What is said about the file in `record`, which completed a name. Open files know better than the directory.
    func entry(_ record: FATRecord) -> DirectoryEntry {
        let place = EntryPlace(directory: directory, index: index - 1, count: index - start, position: position)
        var entry = DirectoryEntry(record, string(utf16: name.span), volume.layout.width, place)
        if let node = volume.node(at: place) { entry.update(from: node) }
        return entry
    }

    /// The entry that holds the volume's label, if one follows.
    mutating func nextVolumeLabel() throws(FileError) -> FATRecord? {
        while let record = try nextRecord() {
            if !record.isDeleted, record.isVolumeLabel { return record }
        }
        return nil
    }

    // MARK: Records

    /// The next record of a file or directory; its name is in `name` afterwards.
    private mutating func nextNamed() throws(FileError) -> FATRecord? {
        while let record = try nextRecord() {
            if completesName(record) { return record }
        }
        return nil
    }

    /// True when `record`, the one read last, is that of a file or directory, whose name is in `name` then.
    mutating func completesName(_ record: FATRecord) -> Bool {
        if record.isDeleted {
            longName.reset()
        } else if record.isLongName {
            if record.bytes[0] & 0x40 != 0 { start = index - 1 }
            longName.add(record)
        } else if record.isVolumeLabel || record.isDotLink {
            longName.reset()
        } else {
            if !longName.take(for: record, into: &name) {
                start = index - 1
                name.removeAll(keepingCapacity: true)
                record.appendShortName(to: &name)
            }
            return true
        }
        return false
    }

    /// The next record in use or deleted; nil at the end, and then `index` is the number of the first entry never used.
    mutating func nextRecord() throws(FileError) -> FATRecord? {
        // A long directory is long work, of which nothing depends on the rest.
        if index & 127 == 127 { try volume.checkCancellation() }
        guard let position = try slots.position(index, volume) else { return nil }
        let record = try volume.record(at: position)
        guard !record.isEnd else { return nil }
        self.position = position
        index += 1
        return record
    }
}
