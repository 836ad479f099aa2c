/// The boot sector of a FAT volume with its BIOS parameter block, checked field by field (Microsoft, "FAT: General
/// Overview of On-Disk Format" 1.03, "Boot Sector and BPB"), and what follows from it: where everything lies.
///
/// All positions are in bytes from the start of the volume.
struct FATBootSector: Sendable {
    /// How wide an entry of the allocation table is.
    enum Width: UInt8, Sendable {
        case fat12 = 12
        case fat16 = 16
        case fat32 = 32
    }

    /// How wide an entry of the allocation table is.
    let width: Width
    /// Bytes in a sector: 512, 1024, 2048 or 4096.
    let sectorSize: Int
    /// Base-two logarithm of the bytes in a cluster; 9 to 19.
    let clusterShift: UInt64
    /// Number of clusters; their numbers run from 2 to one more than this.
    private(set) var clusterCount: UInt32
    /// First byte of cluster 2.
    let dataStart: UInt64
    /// Length of the volume.
    let byteCount: UInt64
    /// First byte of the first allocation table.
    let tableStart: UInt64
    /// Length of one allocation table.
    let tableBytes: UInt64
    /// Number of allocation tables.
    let tableCount: Int
    /// The table that counts; zero except where FAT32 says otherwise.
    let activeTable: Int
    /// True when all tables are copies of one another.
    let isMirrored: Bool
    /// FAT12 and FAT16: first byte of the root directory.
    let rootStart: UInt64
    /// FAT12 and FAT16: number of entries in the root directory; zero for FAT32.
    let rootEntryCount: Int
    /// FAT32: first cluster of the root directory; zero otherwise.
    let rootCluster: UInt32
    /// FAT32: first byte of the FSInfo sector, nil where there is none.
    let infoStart: UInt64?
    /// True when another system says here that it has the volume mounted, or never took leave of it (bit 0 of `BS_Reserved1`).
    let isMarkedDirty: Bool
    /// The number that formatting gave the volume; zero when there is none.
    let serialNumber: UInt32
    /// Eleven bytes of label, padded with spaces; a copy of what stands in the root directory, often stale.
    let label: [11 of UInt8]

    /// True when `cluster` is the number of one.
    func contains(_ cluster: UInt32) -> Bool { cluster >= 2 && cluster - 2 < clusterCount }

    /// Number of the sector that FAT32 keeps a copy of this one in.
    static let copyNumber: UInt64 = 6

    /// Makes the clusters count that lie on a device of `size` bytes. A volume may be longer than its partition by a track of the old
    /// geometry, 63 sectors, at most: there are tools that round the one up and the other down, and nobody's files lie there unless the
    /// volume was full. Throws `notFAT` otherwise.
    mutating func fit(into size: UInt64) throws(FileError) {
        guard byteCount > size else { return }
        guard byteCount - size <= 63 * UInt64(sectorSize), size > dataStart else {
            throw .notFAT("BPB_TotSec32: larger than the device")
        }
        clusterCount = UInt32(min(UInt64(clusterCount), (size - dataStart) >> clusterShift))
        guard clusterCount > 0, rootCluster == 0 || contains(rootCluster) else {
            throw .notFAT("BPB_TotSec32: larger than the device")
        }
    }

    /// First byte of `cluster`, which must exist.
    func start(of cluster: UInt32) -> UInt64 { dataStart + UInt64(cluster - 2) << clusterShift }

    /// Reads and checks the boot sector in `sector`, which has at least 512 bytes. Throws `notFAT`.
    init(_ sector: Span<UInt8>) throws(FileError) {
        guard sector.u16(510) == 0xAA55 else { throw .notFAT("signature 0x55AA") }
        let bytesPerSector = sector.u16(11)
        guard bytesPerSector >= 512, bytesPerSector <= 4096, bytesPerSector.nonzeroBitCount == 1 else {
            throw .notFAT("BPB_BytsPerSec")
        }
        let sectorsPerCluster = sector[13]
        guard sectorsPerCluster.nonzeroBitCount == 1 else { throw .notFAT("BPB_SecPerClus") }
        let reserved = UInt64(sector.u16(14))
        guard reserved >= 1 else { throw .notFAT("BPB_RsvdSecCnt") }
        guard sector[16] >= 1, sector[16] <= 16 else { throw .notFAT("BPB_NumFATs") }
        guard sector[21] == 0xF0 || sector[21] >= 0xF8 else { throw .notFAT("BPB_Media") }

        let size = UInt64(bytesPerSector)
        let isFAT32 = sector.u16(22) == 0
        let sectorsPerTable = isFAT32 ? UInt64(sector.u32(36)) : UInt64(sector.u16(22))
        guard sectorsPerTable >= 1 else { throw .notFAT(isFAT32 ? "BPB_FATSz32" : "BPB_FATSz16") }
        let rootEntries = UInt64(sector.u16(17))
        guard (rootEntries == 0) == isFAT32 else { throw .notFAT("BPB_RootEntCnt") }
        let sectors = sector.u16(19) != 0 ? UInt64(sector.u16(19)) : UInt64(sector.u32(32))
        guard sectors >= 1 else { throw .notFAT("BPB_TotSec32") }

        // None of these sums can overflow: the factors have at most 32, 8 and 13 bits.
        let rootSectors = (rootEntries * 32 + size - 1) / size
        let metadata = reserved + UInt64(sector[16]) * sectorsPerTable + rootSectors
        guard metadata < sectors else { throw .notFAT("BPB_TotSec32") }
        let clusters = (sectors - metadata) / UInt64(sectorsPerCluster)
        width = isFAT32 ? .fat32 : clusters < 4085 ? .fat12 : .fat16
        let mostClusters: UInt64 = isFAT32 ? 0x0FFF_FFF5 : 65524
        guard clusters >= 1, clusters <= mostClusters else { throw .notFAT("number of clusters") }
        // A table that is short of the last clusters makes these unusable, not the volume.
        let tableEntries = sectorsPerTable * size * 8 / UInt64(width.rawValue)
        guard tableEntries > 2 else { throw .notFAT(isFAT32 ? "BPB_FATSz32" : "BPB_FATSz16") }

        sectorSize = Int(bytesPerSector)
        clusterShift = UInt64(bytesPerSector.trailingZeroBitCount + sectorsPerCluster.trailingZeroBitCount)
        clusterCount = UInt32(min(clusters, tableEntries - 2))
        byteCount = sectors * size
        tableStart = reserved * size
        tableBytes = sectorsPerTable * size
        tableCount = Int(sector[16])
        rootStart = (reserved + UInt64(sector[16]) * sectorsPerTable) * size
        dataStart = metadata * size
        rootEntryCount = Int(rootEntries)

        if isFAT32 {
            let flags = sector.u16(40)
            isMirrored = flags & 0x80 == 0
            activeTable = isMirrored ? 0 : Int(flags & 0x0F)
            guard activeTable < Int(sector[16]) else { throw .notFAT("BPB_ExtFlags") }
            guard sector.u16(42) == 0 else { throw .notFAT("BPB_FSVer") }
            rootCluster = sector.u32(44)
            guard rootCluster >= 2, rootCluster - 2 < clusterCount else { throw .notFAT("BPB_RootClus") }
            let info = UInt64(sector.u16(48))
            infoStart = info >= 1 && info < reserved ? info * size : nil
        } else {
            (isMirrored, activeTable, rootCluster, infoStart) = (true, 0, 0, nil)
        }

        // The extended boot signature says that the fields after it are there.
        let extended = isFAT32 ? 66 : 38
        let isExtended = sector[extended] == 0x29
        isMarkedDirty = sector[extended - 1] & 1 != 0
        serialNumber = isExtended || sector[extended] == 0x28 ? sector.u32(extended + 1) : 0
        var label = [11 of UInt8](repeating: 0x20)
        for index in 0..<11 where isExtended { label[index] = sector[extended + 5 + index] }
        self.label = label
    }
}
