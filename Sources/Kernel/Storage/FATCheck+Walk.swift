import Interfaces

/// The directories of a volume that is checked, one after the other.
extension FATCheck {
    /// A directory that is still to be looked at.
    struct Directory {
        var cluster: UInt32
        var parent: UInt32
        var path: String
        var isRoot: Bool
    }

    /// The clusters of a file, as far as they go.
    struct Chain {
        /// How many there are.
        var count: UInt64 = 0
        /// The last of them, and the last that the file needs.
        var last: UInt32 = 0
        var lastNeeded: UInt32 = 0
        /// What is wrong behind the last one.
        var problem: Problem?
    }

    private static let pathLimit = 1000

    mutating func walk() throws(FileError) {
        work = [Directory(cluster: 0, parent: 0, path: "", isRoot: true)]
        if volume.layout.rootCluster != 0 {
            let chain = try mark(volume.layout.rootCluster, needed: .max)
            if let problem = chain.problem {
                note(problem, "/", chain.count > 0 ? .cut(chain.last) : nil)
            }
        }
        // However deep directories lie: each has clusters of its own, so this ends.
        while let directory = work.popLast() {
            try step(1)
            try look(at: directory)
        }
    }

    /// Marks the clusters of the chain that begins in `first` as seen. `needed` says how many of them the file needs.
    private mutating func mark(_ first: UInt32, needed: UInt64) throws(FileError) -> Chain {
        var chain = Chain()
        var cluster = first
        while true {
            try step(4096)
            guard volume.layout.contains(cluster) else {
                chain.problem = .brokenChain
                return chain
            }
            guard !isSeen(cluster) else {
                chain.problem = .sharedCluster
                return chain
            }
            let entry = try volume.tableEntry(cluster)
            if entry < 2 || entry == volume.endMark & ~7 - 1 {
                chain.problem = .brokenChain
                return chain
            }
            see(cluster)
            chain.count += 1
            chain.last = cluster
            if chain.count == needed { chain.lastNeeded = cluster }
            if entry > volume.endMark & ~7 - 1 { return chain }
            cluster = entry
        }
    }

    private mutating func look(at directory: Directory) throws(FileError) {
        var reader = try DirectoryReader(volume, cluster: directory.cluster)
        var names: [Name] = []
        var pieces: [UInt64] = []
        var links = 0
        var vacancies: [(index: Int, position: UInt64)] = []
        while let record = try next(&reader) {
            try step(256)
            let index = reader.index
            if record.isLongName, !record.isDeleted { pieces.append(reader.position) }
            if !directory.isRoot, index <= 2 {
                if record.isDotLink {
                    links += 1
                    let target = index == 1 ? directory.cluster : directory.parent
                    if record.firstCluster(volume.layout.width) != target {
                        note(.wrongLink, directory.path, .link(reader.position, target))
                    }
                } else {
                    vacancies.append((index, reader.position))
                }
            }
            if record.isGarbage { note(.garbage, Self.named(directory.path), .remove(reader.position)) }
            guard reader.completesName(record), !record.isGarbage else {
                if !record.isLongName { lose(&pieces, keeping: 0) }
                continue
            }
            let entry = reader.entry(record)
            lose(&pieces, keeping: entry.place.count - 1)
            names.append(Name(record, reader.position))
            try look(at: entry, in: directory)
        }
        lose(&pieces, keeping: 0)
        if !directory.isRoot, links != 2 { missLinks(of: directory, reader.index, vacancies) }
        findDuplicates(&names, directory)
    }

    private static func named(_ path: String) -> String { path.utf8.isEmpty ? "/" : path }

    /// The pieces of long names that were found since the last file are nobody's, except the last `count`.
    private mutating func lose(_ pieces: inout [UInt64], keeping count: Int) {
        orphanPieces += pieces.count - count
        for position in pieces.dropLast(count) { fix(.remove(position)) }
        pieces.removeAll(keepingCapacity: true)
    }

    /// The links to itself and its parent are not both there. They are made where they belong, whatever lies there: a block that does not begin
    /// with them is one that the card has put here.
    private mutating func missLinks(of directory: Directory, _ end: Int, _ vacancies: [(index: Int, position: UInt64)])
    {
        note(.wrongLink, directory.path)
        for vacancy in vacancies {
            let target = vacancy.index == 1 ? directory.cluster : directory.parent
            fix(.makeLink(vacancy.position, vacancy.index, target))
        }
        // One that was emptied to its first entry.
        guard end < 2, volume.layout.contains(directory.cluster) else { return }
        let start = volume.layout.start(of: directory.cluster)
        for index in end..<2 {
            let target = index == 0 ? directory.cluster : directory.parent
            fix(.makeLink(start + UInt64(index * FATRecord.size), index + 1, target))
        }
    }

    /// The next record; nil at the end and where the chain of the directory, which was looked at already, breaks.
    private func next(_ reader: inout DirectoryReader) throws(FileError) -> FATRecord? {
        do throws(FileError) {
            return try reader.nextRecord()
        } catch {
            if case .corrupted = error { return nil }
            throw error
        }
    }

    private mutating func look(at entry: DirectoryEntry, in directory: Directory) throws(FileError) {
        let path = Self.path(directory.path, entry.name)
        let position = entry.place.position
        if entry.isDirectory {
            directoryCount += 1
            let chain = try mark(entry.firstCluster, needed: .max)
            if let problem = chain.problem {
                note(problem, path, chain.count > 0 ? .cut(chain.last) : .remove(position))
                // What is not a directory of its own is not gone into: it might have no end.
                guard chain.count > 0, problem == .brokenChain else { return }
            }
            work.append(
                Directory(cluster: entry.firstCluster, parent: directory.cluster, path: path, isRoot: false))
            return
        }
        fileCount += 1
        let needed = UInt64(volume.clusters(in: entry.size))
        let chain = entry.firstCluster == 0 ? Chain() : try mark(entry.firstCluster, needed: needed)
        judge(chain, of: entry, needed, path)
    }

    private mutating func judge(_ chain: Chain, of entry: DirectoryEntry, _ needed: UInt64, _ path: String) {
        let position = entry.place.position
        let first = chain.count > 0 ? entry.firstCluster : 0
        let size = min(entry.size, chain.count << volume.layout.clusterShift)
        if let problem = chain.problem {
            note(problem, path, chain.count > 0 ? .cut(chain.last) : nil)
            fix(.content(position, first, size))
        }
        if chain.count < needed { note(.shortChain, path, .content(position, first, size)) }
        if chain.count > needed {
            excessClusters += Int(chain.count - needed)
            fix(needed == 0 ? .content(position, 0, 0) : .cut(chain.lastNeeded))
        }
    }

    private static func path(_ directory: String, _ name: String) -> String {
        guard directory.utf8.count + name.utf8.count < pathLimit else { return ".../" + name }
        return directory + "/" + name
    }

    // MARK: Names

    /// A short name as numbers that can be compared, and where it lies.
    struct Name {
        var key: (UInt64, UInt32) = (0, 0)
        var position: UInt64

        init(_ record: FATRecord, _ position: UInt64) {
            for index in 0..<8 { key.0 = key.0 << 8 | UInt64(record.bytes[index]) }
            for index in 8..<11 { key.1 = key.1 << 8 | UInt32(record.bytes[index]) }
            self.position = position
        }
    }

    private mutating func findDuplicates(_ names: inout [Name], _ directory: Directory) {
        names.sort { $0.key < $1.key || ($0.key == $1.key && $0.position < $1.position) }
        for index in names.indices.dropFirst() where names[index].key == names[index - 1].key {
            note(.duplicateName, Self.named(directory.path), .rename(names[index].position))
        }
    }
}
