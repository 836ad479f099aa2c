import Interfaces

/// A file system of type FAT12, FAT16 or FAT32 on a block device, for reading.
///
/// Paths are written with slashes, from the root, with or without the first slash; "." and ".." mean what they
/// always do. Letters match without regard to case (`CaseFolding` says for which scripts).
///
/// Nothing on the medium is trusted: every number is checked before it is used, every walk is bounded, and what
/// contradicts itself becomes `FileError.corrupted`.
///
/// A volume may be used by several tasks of one core at the same time; a `File` and a `DirectoryReader` belong to one
/// task each. While it is in use nobody else may write to the device.
public final class FATVolume {
    /// The FAT variant, by the width of an entry in the allocation table: 12, 16 or 32 bits.
    public var bits: Int { Int(layout.width.rawValue) }
    /// Bytes in a cluster, the unit in which space is given out.
    public var clusterSize: Int { 1 << Int(layout.clusterShift) }
    /// Number of clusters, free or not.
    public var clusterCount: Int { Int(layout.clusterCount) }
    /// The number that formatting gave the volume; zero when there is none.
    public var serialNumber: UInt32 { layout.serialNumber }

    let layout: FATBootSector
    let cache: BlockCache

    /// Mounts the volume that starts at block 0 of `device`: a partition, or a whole device without a partition table.
    /// Reads one block. Throws `notFAT`, which names the field that is wrong, or `device`.
    public init(_ device: any BlockDevice) throws(FileError) {
        guard let cache = BlockCache(device) else { throw .notFAT("block size of the device") }
        var sector = [UInt8](repeating: 0, count: 512)
        do {
            try sector.withMutableRawSpan { (bytes) throws(BlockError) in try cache.read(at: 0, into: &bytes) }
        } catch {
            throw .device(error)
        }
        let layout = try FATBootSector(sector.span)
        guard layout.byteCount <= cache.byteCount else { throw .notFAT("BPB_TotSec32: larger than the device") }
        self.cache = cache
        self.layout = layout
    }

    // MARK: Files and directories

    /// The file at `path`. Throws `notFound`, `notADirectory` or `isADirectory` with the path up to the name at fault.
    public func open(_ path: String) throws(FileError) -> File {
        let entry = try entry(at: path)
        guard !entry.isDirectory else { throw .isADirectory(path) }
        return try File(self, entry)
    }

    /// What the directory that holds it says about the file or directory at `path`. The root has no such entry and
    /// appears as a directory with an empty name.
    public func entry(at path: String) throws(FileError) -> DirectoryEntry {
        var resolver = PathResolver(self)
        return try resolver.resolve(path)
    }

    /// The directory at `path`, to be read entry by entry. Throws `notADirectory` where `path` names a file.
    public func directory(_ path: String) throws(FileError) -> DirectoryReader {
        let entry = try entry(at: path)
        guard entry.isDirectory else { throw .notADirectory(path) }
        return try DirectoryReader(self, cluster: entry.firstCluster)
    }

    /// Calls `body` with each entry of the directory at `path`, in the order on disk, without "." and "..".
    public func list(_ path: String, _ body: (DirectoryEntry) -> Void) throws(FileError) {
        var reader = try directory(path)
        while let entry = try reader.next() { body(entry) }
    }

    /// The whole file at `path`. Throws `tooLarge` when it has more than `limit` bytes.
    public func contents(of path: String, limit: Int) throws(FileError) -> [UInt8] {
        let file = try open(path)
        guard file.size <= UInt64(max(limit, 0)) else { throw .tooLarge(file.size) }
        var bytes = [UInt8](repeating: 0, count: Int(file.size))
        _ = try file.read(at: 0, into: &bytes)
        return bytes
    }

    // MARK: The volume

    /// The label of the volume: the one in the root directory or, where there is none, the one in the boot sector.
    /// Empty when it has none.
    public func label() throws(FileError) -> String {
        var units: [UInt16] = []
        var reader = try DirectoryReader(self, cluster: 0)
        if let record = try reader.nextVolumeLabel() {
            for index in 0..<11 { units.append(CodePage437.text(record.bytes[index])) }
        } else {
            for index in 0..<11 { units.append(CodePage437.text(layout.label[index])) }
            if string(utf16: units.span).utf8.elementsEqual("NO NAME    ".utf8) { return "" }
        }
        while units.last == 0x20 { units.removeLast() }
        return string(utf16: units.span)
    }

    /// True when whoever wrote to the volume last took leave of it (`ClnShutBitMask` in the second entry of the table).
    /// FAT12 has no such mark and is taken for clean.
    public func wasCleanlyUnmounted() throws(FileError) -> Bool {
        switch layout.width {
        case .fat12: true
        case .fat16: try tableEntry(1) & 0x8000 != 0
        case .fat32: try tableEntry(1) & 0x0800_0000 != 0
        }
    }

    /// Number of free clusters: what FSInfo says if the volume was left cleanly and the number is possible, otherwise
    /// counted, which reads the whole allocation table.
    public func freeClusterCount() throws(FileError) -> Int {
        if let hint = try freeClusterHint(), try wasCleanlyUnmounted() { return hint }
        return try countFreeClusters()
    }

    /// Number of free clusters, counted in the allocation table. Takes a table lookup for each cluster.
    public func countFreeClusters() throws(FileError) -> Int {
        var free = 0
        for cluster in 2..<layout.clusterCount + 2 where try tableEntry(cluster) == 0 { free += 1 }
        return free
    }

    /// `FSI_Free_Count`, when the sector that holds it is one and the number is possible.
    func freeClusterHint() throws(FileError) -> Int? {
        guard let start = layout.infoStart else { return nil }
        do {
            guard try cache.u32(at: start) == 0x4161_5252, try cache.u32(at: start + 484) == 0x6141_7272,
                try cache.u32(at: start + 508) == 0xAA55_0000
            else { return nil }
            let count = try cache.u32(at: start + 488)
            return count <= layout.clusterCount ? Int(count) : nil
        } catch {
            throw .device(error)
        }
    }

    /// Fills `buffer` with the bytes of the volume from `offset` on.
    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FileError) {
        do {
            try cache.read(at: offset, into: &buffer)
        } catch {
            throw .device(error)
        }
    }
}
