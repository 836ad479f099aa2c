/// Reads a directory entry by entry, however long it is, and holds one of them at a time.
///
/// Belongs to one task. After an error it stays where it was.
public struct DirectoryReader {
    /// What is left of the directory.
    private enum Place {
        /// The root directory of FAT12 and FAT16, which lies before the clusters.
        case fixed
        /// Everything else.
        case chain(ClusterChain)
    }

    private let volume: FATVolume
    private var place: Place
    /// Number of the entry to be read next.
    private var index = 0
    private var longName = LongName()
    private var name: [UInt16] = []

    /// The directory whose content begins in `cluster`; zero is the root.
    init(_ volume: FATVolume, cluster: UInt32) throws(FileError) {
        self.volume = volume
        let first = cluster == 0 ? volume.layout.rootCluster : cluster
        if first == 0 {
            place = .fixed
        } else if volume.layout.contains(first) {
            place = .chain(ClusterChain(first))
        } else {
            throw .corrupted("the first cluster of a directory is out of range")
        }
    }

    /// The next file or directory; nil after the last. The volume's label and the links "." and ".." are left out.
    public mutating func next() throws(FileError) -> DirectoryEntry? {
        guard let record = try nextNamed() else { return nil }
        return DirectoryEntry(record, string(utf16: name.span), volume.layout.width)
    }

    /// The entry that `wanted` names, by its long or its short name; nil when there is none.
    mutating func find(_ wanted: Span<UInt16>) throws(FileError) -> DirectoryEntry? {
        var short: [UInt16] = []
        while let record = try nextNamed() {
            short.removeAll(keepingCapacity: true)
            record.appendShortName(to: &short)
            guard CaseFolding.equal(name.span, wanted) || CaseFolding.equal(short.span, wanted) else { continue }
            return DirectoryEntry(record, string(utf16: name.span), volume.layout.width)
        }
        return nil
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
            if record.isDeleted {
                longName.reset()
            } else if record.isLongName {
                longName.add(record)
            } else if record.isVolumeLabel || record.isDotLink {
                longName.reset()
            } else {
                if !longName.take(for: record, into: &name) {
                    name.removeAll(keepingCapacity: true)
                    record.appendShortName(to: &name)
                }
                return record
            }
        }
        return nil
    }

    /// The next record in use or deleted; nil at the end.
    private mutating func nextRecord() throws(FileError) -> FATRecord? {
        guard let position = try position() else { return nil }
        var bytes = [32 of UInt8](repeating: 0)
        try bytes.withMutableRawSpan { (span) throws(FileError) in try volume.read(at: position, into: &span) }
        let record = FATRecord(bytes)
        guard !record.isEnd else { return nil }
        index += 1
        return record
    }

    /// Where on the volume entry number `index` lies; nil past the last one there is room for.
    private mutating func position() throws(FileError) -> UInt64? {
        let layout = volume.layout
        let offset = UInt64(index * FATRecord.size)
        switch place {
        case .fixed: return index < layout.rootEntryCount ? layout.rootStart + offset : nil
        case .chain(var chain):
            guard index < FATRecord.maximumCount else { return nil }
            if UInt64(chain.index) < offset >> layout.clusterShift {
                guard try chain.advance(volume) else { return nil }
                place = .chain(chain)
            }
            return layout.start(of: chain.cluster) + offset & (1 << layout.clusterShift - 1)
        }
    }
}
