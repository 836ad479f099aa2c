import Interfaces

/// A file system of type FAT12, FAT16 or FAT32 on a block device.
///
/// Paths are written with slashes, from the root, with or without the first slash; "." and ".." mean what they
/// always do. Letters match without regard to case (`CaseFolding` says for which scripts).
///
/// Nothing on the medium is trusted: every number is checked before it is used, every walk is bounded, and what
/// contradicts itself becomes `FileError.corrupted`.
///
/// What is written stays in memory, a bounded amount of it, until `File.flush`, `synchronize` or lack of room takes it to the
/// medium, in an order that leaves the volume whole whenever the plug is pulled (`FATVolume+Commit.swift`).
///
/// With an `Exclusion` a volume may be used by several tasks: their calls wait for one another. A `File` and a
/// `DirectoryReader` belong to one task each. While the volume is in use nobody else may write to the device.
public final class FATVolume {
    /// The FAT variant, by the width of an entry in the allocation table: 12, 16 or 32 bits.
    public var bits: Int { Int(layout.width.rawValue) }
    /// Bytes in a cluster, the unit in which space is given out.
    public var clusterSize: Int { 1 << Int(layout.clusterShift) }
    /// Number of clusters, free or not.
    public var clusterCount: Int { Int(layout.clusterCount) }
    /// The number that formatting gave the volume; zero when there is none.
    public var serialNumber: UInt32 { layout.serialNumber }

    /// True when nothing on the volume can be changed.
    public let isReadOnly: Bool

    let layout: FATBootSector
    let cache: BlockCache
    let exclusion: (any Exclusion)?
    private let clock: () -> FATTimestamp?

    /// Files that are open or have not got their directory entry written.
    var nodes: [FileNode] = []
    /// Changes that wait for others.
    var pending = PendingChanges()
    /// What is known about free clusters.
    var space: FreeSpace
    /// What the copies of the table say of one another.
    var comparison = TableComparison()
    /// Grows with each change of the volume.
    var generation: UInt64 = 0
    /// True when the first block was erased, and the volume was found by the copy of it.
    let isBootSectorLost: Bool
    /// What FSInfo said about them on a volume that was left cleanly.
    var freeCountHint: Int?
    /// Memory for long requests, while there are any.
    var scratch: BlockBuffer?
    /// Where to look for a free cluster first.
    var nextFree: UInt32 = 2
    /// True when the medium says that it is being written to.
    var isMarkedDirty = false
    /// True while there may be a note of a file that moves; see `FATVolume+Rename.swift`.
    var hasNote = false
    /// True while a name moves, which may use what is kept for that.
    var isMoving = false
    /// Whether it said so when it was mounted, as soon as that is known.
    var wasCleanAtMount: Bool?

    /// Mounts the volume that starts at block 0 of `device`: a partition, or a whole device without a partition table.
    ///
    /// With `readOnly`, as with a device that is read-only, nothing is written; for a second look at a device that somebody else
    /// writes to. Otherwise completes what was being renamed when the plug was pulled, if anything was.
    /// `exclusion` is needed where several tasks use the volume. `clock` says the local time for new entries and may be asked
    /// at any call; without it they are of 1980. Throws `notFAT`, which names the field that is wrong, or `device`.
    public init(
        _ device: any BlockDevice, readOnly: Bool = false, exclusion: (any Exclusion)? = nil,
        clock: @escaping () -> FATTimestamp? = { nil }
    ) throws(FileError) {
        guard let cache = BlockCache(device) else { throw .notFAT("block size of the device") }
        let (layout, isCopy) = try Self.layout(cache)
        isBootSectorLost = isCopy
        self.cache = cache
        self.layout = layout
        space = FreeSpace(clusterCount: layout.clusterCount)
        self.exclusion = exclusion
        self.clock = clock
        isReadOnly = readOnly || device.geometry.isReadOnly
        beginComparison()
        if !isReadOnly { completeInterruptedMove() }
    }

    /// What the boot sector says, or, where that was erased, the copy that FAT32 has of it, and whether it is that.
    private static func layout(_ cache: BlockCache) throws(FileError) -> (FATBootSector, isCopy: Bool) {
        var sector = try bytes(at: 0, cache)
        do throws(FileError) {
            var layout = try FATBootSector(sector.span)
            try layout.fit(into: cache.byteCount)
            return (layout, false)
        } catch {
            // Nothing but erased: another file system may stand where FAT32 was, and have left the copy.
            guard sector.allSatisfy({ $0 == 0xFF }) else { throw error }
            let reason = error
            for size in [512, 1024, 2048, 4096] as [UInt64] where 7 * size <= cache.byteCount {
                sector = try bytes(at: FATBootSector.copyNumber * size, cache)
                guard var layout = try? FATBootSector(sector.span), layout.width == .fat32,
                    UInt64(layout.sectorSize) == size, sector.span.u16(50) == FATBootSector.copyNumber
                else { continue }
                try layout.fit(into: cache.byteCount)
                return (layout, true)
            }
            throw reason
        }
    }

    private static func bytes(at position: UInt64, _ cache: BlockCache) throws(FileError) -> [UInt8] {
        var sector = [UInt8](repeating: 0, count: 512)
        do {
            try sector.withMutableRawSpan { (bytes) throws(BlockError) in try cache.read(at: position, into: &bytes) }
        } catch {
            throw .device(error)
        }
        return sector
    }

    // MARK: Turns

    /// Waits for the caller's turn. Every public function of the volume and what belongs to it begins with this and ends with
    /// `leave`; none calls another.
    func enter() throws(FileError) {
        if let exclusion, !exclusion.enter() { throw .cancelled }
    }

    /// Ends the caller's turn.
    func leave() { exclusion?.leave() }

    /// Calls `body` in a turn.
    func inTurn<Result>(_ body: () throws(FileError) -> Result) throws(FileError) -> Result {
        try enter()
        defer { leave() }
        return try body()
    }

    /// The time for an entry.
    var now: FATTimestamp { clock() ?? .earliest }

    // MARK: Files and directories

    /// What the directory that holds it says about the file or directory at `path`. The root has no such entry and
    /// appears as a directory with an empty name.
    public func entry(at path: String) throws(FileError) -> DirectoryEntry {
        try inTurn { () throws(FileError) in try resolve(path) }
    }

    /// As `entry(at:)`, for a caller whose turn it is.
    func resolve(_ path: String) throws(FileError) -> DirectoryEntry {
        var resolver = PathResolver(self)
        return try resolver.resolve(path)
    }

    /// The directory at `path`, to be read entry by entry. Throws `notADirectory` where `path` names a file.
    public func directory(_ path: String) throws(FileError) -> DirectoryReader {
        try inTurn { () throws(FileError) in
            let entry = try resolve(path)
            guard entry.isDirectory else { throw .notADirectory(path) }
            return try DirectoryReader(self, cluster: entry.firstCluster)
        }
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

    /// Makes everything durable that was written, and the space of deleted files free.
    public func synchronize() throws(FileError) {
        try inTurn { () throws(FileError) in try synchronizeAll() }
    }

    /// As `synchronize`, and says on the medium that it was taken leave of. The volume can be used on, and says the contrary
    /// as soon as it is written to.
    public func unmount() throws(FileError) {
        try inTurn { () throws(FileError) in try takeLeave() }
    }

    /// The label of the volume: the one in the root directory or, where there is none, the one in the boot sector.
    /// Empty when it has none.
    public func label() throws(FileError) -> String {
        try inTurn { () throws(FileError) in
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
    }

    /// True when whoever wrote to the volume last before it was mounted here took leave of it (`ClnShutBitMask` in the second
    /// entry of the table, and the mark in the boot sector; FAT12 has the latter alone).
    public func wasCleanlyUnmounted() throws(FileError) -> Bool {
        try inTurn { () throws(FileError) in try wasClean() }
    }

    // MARK: Bytes

    /// Fills `buffer` with the bytes of the volume from `offset` on.
    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FileError) {
        do {
            try cache.read(at: offset, into: &buffer)
        } catch {
            throw .device(error)
        }
    }

    /// Writes `data` to the bytes of the volume from `offset` on; `held` back until the next commit.
    func write(at offset: UInt64, from data: RawSpan, held: Bool = false) throws(FileError) {
        do throws(BlockError) {
            try cache.write(at: offset, from: data, held: held)
        } catch {
            throw .device(error)
        }
    }

    /// The directory entry at `position`.
    func record(at position: UInt64) throws(FileError) -> FATRecord {
        var bytes = [32 of UInt8](repeating: 0)
        try bytes.withMutableRawSpan { (span) throws(FileError) in try read(at: position, into: &span) }
        return FATRecord(bytes)
    }

    /// Makes `record` the directory entry at `position`, with the next commit.
    func store(_ record: FATRecord, at position: UInt64) throws(FileError) {
        let span = record.bytes.span
        try write(at: position, from: unsafe span.bytes, held: true)
    }
}
