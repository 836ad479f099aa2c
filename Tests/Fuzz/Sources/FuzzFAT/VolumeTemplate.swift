import FuzzSupport

/// A small volume with directories, long names and files in it, made here so that fuzzing needs no tools.
struct VolumeTemplate {
    private let width: Int
    private var bytes: [UInt8]
    private let tableStart: Int
    private let tableBytes: Int
    private let rootStart: Int
    private let dataStart: Int
    private var nextFree = 2
    private static let rootSectors = 4

    static var fat12: VolumeTemplate { VolumeTemplate(width: 12, clusters: 100, tableSectors: 1) }
    static var fat16: VolumeTemplate { VolumeTemplate(width: 16, clusters: 4100, tableSectors: 17) }
    static var fat32: VolumeTemplate { VolumeTemplate(width: 32, clusters: 100, tableSectors: 1) }

    /// The volume, with the places that matter as its regions.
    var image: PatchedImage { image(isWritable: false) }
    /// The same, which can be written to.
    var writableImage: PatchedImage { image(isWritable: true) }

    private func image(isWritable: Bool) -> PatchedImage {
        PatchedImage(
            bytes,
            regions: [
                rootStart..<rootStart + 512, tableStart..<tableStart + 96, dataStart..<dataStart + 14 * 512, 0..<96,
                512..<1024,
            ], isWritable: isWritable)
    }

    private init(width: Int, clusters: Int, tableSectors: Int) {
        self.width = width
        let reserved = 2
        let root = width == 32 ? 0 : Self.rootSectors
        tableStart = reserved * 512
        tableBytes = tableSectors * 512
        dataStart = (reserved + 2 * tableSectors + root) * 512
        rootStart = (reserved + 2 * tableSectors) * 512
        bytes = [UInt8](repeating: 0, count: dataStart + clusters * 512)
        writeBootSector(reserved: reserved, tableSectors: tableSectors)
        setEntry(0, 0x0FFF_FFF8)
        setEntry(1, 0x0FFF_FFFF)
        if width == 32 { _ = allocate(2) }
        fill()
    }

    private mutating func fill() {
        let file = allocate(3)
        let fragment = [allocate(1), allocate(1), allocate(1)]
        chain([fragment[0], fragment[2], fragment[1]])
        let sub = allocate(2)
        let nested = allocate(1)
        let deep = allocate(2)
        var root = rootStart
        entry(&root, "APUS       ", 0x08, 0, 0)
        longName(&root, "a long name of a file.txt", "ALONGN~1TXT")
        entry(&root, "ALONGN~1TXT", 0x20, file, 1300)
        entry(&root, "EMPTY      ", 0x20, 0, 0)
        entry(&root, "FRAGMENTBIN", 0x21, fragment[0], 1536)
        entry(&root, "SUB        ", 0x10, sub, 0)
        var directory = start(of: sub)
        entry(&directory, ".          ", 0x10, sub, 0)
        entry(&directory, "..         ", 0x10, 0, 0)
        longName(&directory, "nested name", "NESTED~1   ")
        entry(&directory, "NESTED~1   ", 0x10, nested, 0)
        directory = start(of: nested)
        entry(&directory, ".          ", 0x10, nested, 0)
        entry(&directory, "..         ", 0x10, sub, 0)
        entry(&directory, "DEEP    TXT", 0x20, deep, 600)
        longName(&directory, "Ünïcode ☃ 😀 Жук.txt", "UNICOD~1TXT")
        entry(&directory, "UNICOD~1TXT", 0x20, 0, 0)
    }

    // MARK: Boot sector and table

    private mutating func writeBootSector(reserved: Int, tableSectors: Int) {
        (bytes[0], bytes[1], bytes[2]) = (0xEB, 0x3C, 0x90)
        put(11, 512, 2)
        bytes[13] = 1
        put(14, reserved, 2)
        bytes[16] = 2
        put(17, width == 32 ? 0 : Self.rootSectors * 16, 2)
        put(19, bytes.count / 512, 2)
        bytes[21] = 0xF8
        put(22, width == 32 ? 0 : tableSectors, 2)
        let extended = width == 32 ? 66 : 38
        bytes[extended] = 0x29
        put(extended + 1, 0xCAFE, 4)
        for (index, letter) in "NO NAME    ".utf8.enumerated() { bytes[extended + 5 + index] = letter }
        put(510, 0xAA55, 2)
        guard width == 32 else { return }
        put(36, tableSectors, 4)
        put(44, 2, 4)
        put(48, 1, 2)
        put(512, 0x4161_5252, 4)
        put(512 + 484, 0x6141_7272, 4)
        put(512 + 488, 80, 4)
        put(512 + 508, 0xAA55_0000, 4)
    }

    private mutating func setEntry(_ cluster: Int, _ value: Int) {
        for copy in [tableStart, tableStart + tableBytes] {
            switch width {
            case 12:
                let offset = copy + cluster * 3 / 2
                let pair = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
                put(offset, cluster & 1 == 0 ? pair & 0xF000 | value & 0xFFF : pair & 0xF | (value & 0xFFF) << 4, 2)
            case 16: put(copy + cluster * 2, value, 2)
            default: put(copy + cluster * 4, value, 4)
            }
        }
    }

    private mutating func chain(_ clusters: [Int]) {
        for (cluster, next) in zip(clusters, clusters.dropFirst() + [0x0FFF_FFFF]) { setEntry(cluster, next) }
    }

    private mutating func allocate(_ count: Int) -> Int {
        let first = nextFree
        nextFree += count
        chain(Array(first..<nextFree))
        return first
    }

    // MARK: Directories

    private func start(of cluster: Int) -> Int { dataStart + (cluster - 2) * 512 }

    private mutating func entry(_ offset: inout Int, _ name: String, _ attributes: UInt8, _ cluster: Int, _ size: Int) {
        for (index, letter) in name.utf8.enumerated() { bytes[offset + index] = letter }
        bytes[offset + 11] = attributes
        put(offset + 14, 0x8C22, 2)
        put(offset + 16, 0x5D77, 2)
        put(offset + 22, 0x8C22, 2)
        put(offset + 24, 0x5D77, 2)
        put(offset + 26, cluster, 2)
        put(offset + 28, size, 4)
        offset += 32
    }

    private mutating func longName(_ offset: inout Int, _ name: String, _ short: String) {
        var units = Array(name.utf16)
        if units.count % 13 != 0 { units.append(0) }
        while units.count % 13 != 0 { units.append(0xFFFF) }
        let checksum = short.utf8.reduce(0 as UInt8) { sum, byte in (sum >> 1 | sum << 7) &+ byte }
        let pieces = units.count / 13
        for piece in (1...pieces).reversed() {
            bytes[offset] = UInt8(piece) | (piece == pieces ? 0x40 : 0)
            bytes[offset + 11] = 0x0F
            bytes[offset + 13] = checksum
            for index in 0..<13 {
                let place = index < 5 ? 1 + 2 * index : index < 11 ? 4 + 2 * index : 6 + 2 * index
                put(offset + place, Int(units[(piece - 1) * 13 + index]), 2)
            }
            offset += 32
        }
    }

    private mutating func put(_ offset: Int, _ value: Int, _ count: Int) {
        for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
}
