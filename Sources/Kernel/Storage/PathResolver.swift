/// Finds what a path names, one directory after the other.
struct PathResolver {
    private let volume: FATVolume
    /// The directories from the root down to where the search stands. ".." goes back along them, so that what a damaged
    /// directory says about its parent does not matter.
    private var trail: [DirectoryEntry] = [.root]

    init(_ volume: FATVolume) { self.volume = volume }

    /// What `path` names.
    mutating func resolve(_ path: String) throws(FileError) -> DirectoryEntry {
        let bytes = [UInt8](path.utf8)
        var file: DirectoryEntry?
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != 0x2F { end += 1 }
            if end > start {
                guard file == nil else { throw .notADirectory(Self.prefix(bytes, start - 1)) }
                file = try step(bytes, start..<end)
            }
            start = end + 1
        }
        if let file {
            guard bytes.last != 0x2F else { throw .notADirectory(path) }
            return file
        }
        return trail[trail.count - 1]
    }

    /// The directory that holds, or is to hold, what `path` names, and the name in it. Slashes behind the name are left out.
    mutating func parent(of path: String) throws(FileError) -> (directory: DirectoryEntry, name: [UInt16]) {
        let bytes = [UInt8](path.utf8)
        var end = bytes.count
        while end > 0, bytes[end - 1] == 0x2F { end -= 1 }
        var start = end
        while start > 0, bytes[start - 1] != 0x2F { start -= 1 }
        let isLink = end - start <= 2 && bytes[start..<end].allSatisfy { $0 == 0x2E }
        guard !isLink else { throw .invalidName(path) }
        let directory = try resolve(Self.prefix(bytes, start))
        return (directory, try units(bytes, start..<end))
    }

    /// True when the directory that begins in `cluster` was passed on the way.
    func passed(_ cluster: UInt32) -> Bool { trail.contains { $0.firstCluster == cluster } }

    /// Goes into the directory that `path[range]` names, or returns the file.
    private mutating func step(_ path: [UInt8], _ range: Range<Int>) throws(FileError) -> DirectoryEntry? {
        if path[range.lowerBound] == 0x2E {
            if range.count == 1 { return nil }
            if range.count == 2, path[range.lowerBound + 1] == 0x2E {
                if trail.count > 1 { trail.removeLast() }
                return nil
            }
        }
        let name = try units(path, range)
        var reader = try DirectoryReader(volume, cluster: trail[trail.count - 1].firstCluster)
        guard let entry = try reader.find(name.span) else { throw .notFound(Self.prefix(path, range.upperBound)) }
        guard entry.isDirectory else { return entry }
        guard volume.layout.contains(entry.firstCluster) else {
            throw .corrupted("the first cluster of a directory is out of range")
        }
        for directory in trail
        where directory.firstCluster == entry.firstCluster || entry.firstCluster == volume.layout.rootCluster {
            throw .corrupted("a directory contains itself")
        }
        trail.append(entry)
        return nil
    }

    private func units(_ path: [UInt8], _ range: Range<Int>) throws(FileError) -> [UInt16] {
        var units: [UInt16] = []
        units.reserveCapacity(range.count)
        appendUTF16(path.span, range, to: &units)
        guard units.count <= LongName.maximumLength else { throw .invalidName(Self.prefix(path, range.upperBound)) }
        for unit in units where unit < 0x20 || unit == 0x7F {
            throw .invalidName(Self.prefix(path, range.upperBound))
        }
        return units
    }

    private static func prefix(_ path: [UInt8], _ end: Int) -> String {
        String(decoding: path[..<end], as: UTF8.self)
    }
}
