/// A FAT file system read as the boot firmware reads it: a judge of the images, with no line in common with the driver that
/// the images themselves contain. Damaged volumes have fewer files, nothing worse.
struct FATVolume: Sendable {
    private let image: [UInt8]
    private let start: Int
    private let clusterSize: Int
    private let tableStart: Int
    private let dataStart: Int
    private let clusters: Int
    private let bits: Int
    private let root: Root

    private enum Root: Sendable {
        case area(offset: Int, length: Int)
        case chain(Int)
    }

    /// An entry of a directory.
    struct Entry {
        let name: String
        let isDirectory: Bool
        let firstCluster: Int
        let size: Int
    }

    /// The file system that begins at byte `start` of `image`; nil if none does.
    init?(_ image: [UInt8], at start: Int) {
        guard let signature = image.little16(start + 510), signature == 0xaa55,
            let blockSize = image.little16(start + 11), blockSize.nonzeroBitCount == 1,
            (512...4096).contains(blockSize),
            let perCluster = image.slice(start + 13, 1)?.first.map(Int.init), perCluster.nonzeroBitCount == 1,
            let reserved = image.little16(start + 14), reserved > 0,
            let tables = image.slice(start + 16, 1)?.first.map(Int.init), (1...2).contains(tables),
            let rootEntries = image.little16(start + 17), let small = image.little16(start + 19),
            let smallTable = image.little16(start + 22), let large = image.little32(start + 32),
            let largeTable = image.little32(start + 36), let rootCluster = image.little32(start + 44)
        else { return nil }
        let blocks = small != 0 ? small : large
        let tableBlocks = smallTable != 0 ? smallTable : largeTable
        let rootBlocks = (rootEntries * 32 + blockSize - 1) / blockSize
        let overhead = reserved + tables * tableBlocks + rootBlocks
        guard tableBlocks > 0, blocks > overhead else { return nil }
        self.image = image
        self.start = start
        clusterSize = perCluster * blockSize
        tableStart = start + reserved * blockSize
        dataStart = start + overhead * blockSize
        clusters = (blocks - overhead) / perCluster
        bits = clusters < 4085 ? 12 : clusters < 65525 ? 16 : 32
        let rootStart = start + (reserved + tables * tableBlocks) * blockSize
        root = bits == 32 ? .chain(rootCluster) : .area(offset: rootStart, length: rootEntries * 32)
    }

    /// The content of a file, by its path from the root with `/` between names; upper and lower case are the same.
    func file(_ path: String) -> [UInt8]? {
        guard let entry = entry(path), !entry.isDirectory else { return nil }
        return content(of: entry)
    }

    /// Whether there is such a file or directory.
    func entry(_ path: String) -> Entry? {
        var directory = rootBytes()
        var found: Entry?
        for name in path.split(separator: "/") {
            if let found, !found.isDirectory { return nil }
            if let found { directory = chain(found.firstCluster) }
            let wanted = name.lowercased()
            guard let next = Self.entries(in: directory).first(where: { $0.name.lowercased() == wanted }) else {
                return nil
            }
            found = next
        }
        return found
    }

    private func rootBytes() -> [UInt8] {
        switch root {
        case .area(let offset, let length): image.slice(offset, length) ?? []
        case .chain(let cluster): chain(cluster)
        }
    }

    private func content(of entry: Entry) -> [UInt8] {
        Array(chain(entry.firstCluster, limit: entry.size).prefix(entry.size))
    }

    /// The bytes of a chain of clusters, at most `limit` of them and a cluster more.
    private func chain(_ first: Int, limit: Int = 16 << 20) -> [UInt8] {
        var bytes: [UInt8] = []
        var cluster = first
        var seen = 0
        while cluster >= 2, cluster < clusters + 2, bytes.count < limit, seen <= clusters {
            guard let content = image.slice(dataStart + (cluster - 2) * clusterSize, clusterSize) else { break }
            bytes += content
            seen += 1
            cluster = next(cluster)
        }
        return bytes
    }

    private func next(_ cluster: Int) -> Int {
        switch bits {
        case 32: return (image.little32(tableStart + 4 * cluster) ?? 0) & 0x0fff_ffff
        case 16: return image.little16(tableStart + 2 * cluster) ?? 0
        default:
            let pair = image.little16(tableStart + cluster * 3 / 2) ?? 0
            return cluster & 1 == 0 ? pair & 0xfff : pair >> 4
        }
    }
}

extension FATVolume {
    /// The entries of a directory's bytes.
    private static func entries(in bytes: [UInt8]) -> [Entry] {
        var entries: [Entry] = []
        var long: [UInt16] = []
        var offset = 0
        while let record = bytes.slice(offset, 32), record[0] != 0 {
            offset += 32
            if record[0] == 0xe5 {
                long = []
            } else if record[11] & 0x3f == 0x0f {
                // The last part of the name comes first.
                long = units(of: record) + (record[0] & 0x40 != 0 ? [] : long)
            } else {
                if record[11] & 0x08 == 0, let entry = entry(record, long: long) { entries.append(entry) }
                long = []
            }
        }
        return entries
    }

    private static func units(of record: [UInt8]) -> [UInt16] {
        let places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]
        return places.compactMap { record.little16($0).map(UInt16.init) }
    }

    private static func entry(_ record: [UInt8], long: [UInt16]) -> Entry? {
        guard let high = record.little16(20), let low = record.little16(26), let size = record.little32(28) else {
            return nil
        }
        let longName = String(decoding: long.prefix { $0 != 0 }, as: UTF16.self)
        return Entry(
            name: long.isEmpty ? shortName(record) : longName, isDirectory: record[11] & 0x10 != 0,
            firstCluster: high << 16 | low, size: size)
    }

    private static func shortName(_ record: [UInt8]) -> String {
        func text(_ part: ArraySlice<UInt8>) -> String {
            String(decoding: part.prefix { $0 != 0x20 }, as: UTF8.self)
        }
        let (base, suffix) = (text(record[0..<8]), text(record[8..<11]))
        return suffix.isEmpty ? base : base + "." + suffix
    }
}
