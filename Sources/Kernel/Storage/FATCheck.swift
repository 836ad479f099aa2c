import Interfaces

/// Looks through a whole volume for contradictions, as `fsck.fat -n` does, and changes nothing.
///
/// Memory: a bit for each cluster. Time: a look at each entry of the table and of every directory.
public struct FATCheck {
    /// Something that must not be, whatever happened to the plug.
    public enum Problem: Equatable, Sendable {
        /// Two files, or a file with itself, share a cluster.
        case sharedCluster
        /// A file goes on in a cluster that is free or bad, or that does not exist.
        case brokenChain
        /// A file has fewer clusters than its size needs.
        case shortChain
        /// Two files of a directory have the same short name.
        case duplicateName
        /// "." or ".." leads elsewhere, or is missing.
        case wrongLink
        /// Directories deeper than this looks.
        case tooDeep

        /// One line for a person.
        public var text: StaticString {
            switch self {
            case .sharedCluster: "shares a cluster with another file"
            case .brokenChain: "goes on in a cluster that is free, bad or not there"
            case .shortChain: "has fewer clusters than its size needs"
            case .duplicateName: "holds two files of the same short name"
            case .wrongLink: "has a wrong link to itself or its parent"
            case .tooDeep: "lies too deep"
            }
        }
    }

    /// What was found that must not be, with the path where it was found; the first ones.
    public private(set) var problems: [(problem: Problem, path: String)] = []
    /// Clusters that are taken and belong to no file.
    public private(set) var lostClusters = 0
    /// Clusters that belong to files which do not need them.
    public private(set) var excessClusters = 0
    /// Pieces of long names without a file.
    public private(set) var orphanPieces = 0
    /// Files found.
    public private(set) var fileCount = 0
    /// Directories found, the root not among them.
    public private(set) var directoryCount = 0
    /// Clusters that are free.
    public private(set) var freeClusters = 0

    private let volume: FATVolume
    private var seen: [UInt64]
    private var work: [Directory] = []

    /// A directory that is still to be looked at.
    private struct Directory {
        var cluster: UInt32
        var parent: UInt32
        var path: String
        var depth: Int
    }

    private static let problemLimit = 20
    private static let depthLimit = 100

    /// True when nothing is wrong and nothing lost.
    public var isClean: Bool { problems.isEmpty && lostClusters + excessClusters + orphanPieces == 0 }

    /// Checks the volume on `device`. Throws `notFAT` and `device`.
    public init(_ device: any BlockDevice) throws(FileError) {
        volume = try FATVolume(device, readOnly: true)
        seen = [UInt64](repeating: 0, count: Int(volume.layout.clusterCount + 2) / 64 + 1)
        work = [Directory(cluster: 0, parent: 0, path: "", depth: 0)]
        if volume.layout.rootCluster != 0 { _ = try mark(volume.layout.rootCluster, "/") }
        while let directory = work.popLast() {
            if directory.depth > Self.depthLimit {
                note(.tooDeep, directory.path)
            } else {
                try look(at: directory)
            }
        }
        for cluster in 2..<volume.layout.clusterCount + 2 {
            let entry = try volume.tableEntry(cluster)
            if entry == 0 {
                freeClusters += 1
            } else if seen[Int(cluster) / 64] & 1 << (UInt64(cluster) % 64) == 0, entry != volume.endMark & ~7 - 1 {
                lostClusters += 1
            }
        }
    }

    private mutating func note(_ problem: Problem, _ path: String) {
        if problems.count < Self.problemLimit { problems.append((problem, path)) }
    }

    /// Marks the clusters of the chain that begins in `first` as seen, and returns how many there are, and whether it
    /// ends as it should.
    private mutating func mark(_ first: UInt32, _ path: String) throws(FileError) -> (count: UInt64, isWhole: Bool) {
        var cluster = first
        var count: UInt64 = 0
        while true {
            guard volume.layout.contains(cluster) else {
                note(.brokenChain, path)
                return (count, false)
            }
            let bit: UInt64 = 1 << (UInt64(cluster) % 64)
            guard seen[Int(cluster) / 64] & bit == 0 else {
                note(.sharedCluster, path)
                return (count, false)
            }
            let entry = try volume.tableEntry(cluster)
            if entry < 2 || entry == volume.endMark & ~7 - 1 {
                note(.brokenChain, path)
                return (count, false)
            }
            seen[Int(cluster) / 64] |= bit
            count += 1
            if entry > volume.endMark & ~7 - 1 { return (count, true) }
            cluster = entry
        }
    }

    private mutating func look(at directory: Directory) throws(FileError) {
        var reader = try DirectoryReader(volume, cluster: directory.cluster)
        var names: [(UInt64, UInt32)] = []
        var pieces = 0
        var links = 0
        while let record = try next(&reader, directory) {
            let index = reader.index
            if record.isLongName, !record.isDeleted { pieces += 1 }
            if record.isDotLink, directory.depth > 0, index <= 2 {
                links += 1
                let target = index == 1 ? directory.cluster : directory.parent
                if record.firstCluster(volume.layout.width) != target { note(.wrongLink, directory.path) }
            }
            guard reader.completesName(record) else {
                if !record.isLongName { orphanPieces += pieces }
                if !record.isLongName { pieces = 0 }
                continue
            }
            let entry = reader.entry(record)
            orphanPieces += pieces - (entry.place.count - 1)
            pieces = 0
            names.append(Self.key(record))
            try look(at: entry, in: directory)
        }
        orphanPieces += pieces
        if directory.depth > 0, links != 2 { note(.wrongLink, directory.path) }
        names.sort { $0 < $1 }
        for index in names.indices.dropFirst() where names[index] == names[index - 1] {
            note(.duplicateName, directory.path)
        }
    }

    /// The next record; nil at the end and where the chain of the directory, which was looked at already, breaks.
    private func next(_ reader: inout DirectoryReader, _ directory: Directory) throws(FileError) -> FATRecord? {
        do throws(FileError) {
            return try reader.nextRecord()
        } catch {
            if case .corrupted = error { return nil }
            throw error
        }
    }

    private mutating func look(at entry: DirectoryEntry, in directory: Directory) throws(FileError) {
        let path = directory.path + "/" + entry.name
        if entry.isDirectory {
            directoryCount += 1
            // What is not a directory of its own is not gone into: it might have no end.
            guard try mark(entry.firstCluster, path).isWhole else { return }
            work.append(
                Directory(
                    cluster: entry.firstCluster, parent: directory.cluster, path: path, depth: directory.depth + 1))
            return
        }
        fileCount += 1
        let needed = UInt64(volume.clusters(in: entry.size))
        let present = entry.firstCluster == 0 ? 0 : try mark(entry.firstCluster, path).count
        if present < needed { note(.shortChain, path) }
        if present > needed { excessClusters += Int(present - needed) }
    }

    /// The short name as numbers that can be compared.
    private static func key(_ record: FATRecord) -> (UInt64, UInt32) {
        var key: (UInt64, UInt32) = (0, 0)
        for index in 0..<8 { key.0 = key.0 << 8 | UInt64(record.bytes[index]) }
        for index in 8..<11 { key.1 = key.1 << 8 | UInt32(record.bytes[index]) }
        return key
    }
}
