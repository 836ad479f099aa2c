import Interfaces

/// Looks through a whole volume for contradictions, as `fsck.fat -n` does, and changes nothing.
///
/// Memory: a bit for each cluster, and the directories that are still to be looked at. Time: a look at each entry of the table and of every
/// directory.
public struct FATCheck {
    /// Something that must not be, whatever happened to the plug.
    public enum Problem: Equatable, Sendable {
        /// Two files, or a file with itself, share a cluster.
        case sharedCluster
        /// A file begins or goes on in a cluster that is free or bad, or that does not exist.
        case brokenChain
        /// A file has fewer clusters than its size needs.
        case shortChain
        /// Two files of a directory have the same short name.
        case duplicateName
        /// "." or ".." leads elsewhere, or is missing.
        case wrongLink
        /// A directory holds entries that no system writes.
        case garbage
        /// The first block of the volume is gone; there was a copy of it.
        case bootSector

        /// One line for a person.
        public var text: StaticString {
            switch self {
            case .sharedCluster: "shares a cluster with another file"
            case .brokenChain: "begins or goes on in a cluster that is free, bad or not there"
            case .shortChain: "has fewer clusters than its size needs"
            case .duplicateName: "holds two files of the same short name"
            case .wrongLink: "has a wrong link to itself or its parent"
            case .garbage: "holds what is no entry of a directory"
            case .bootSector: "the first block of the volume is gone, and its copy is used"
            }
        }
    }

    /// What was found that must not be, with the path where it was found; the first ones. A path that is longer than 1,000 bytes begins
    /// with "...".
    public private(set) var problems: [(problem: Problem, path: String)] = []
    /// Clusters that are taken and belong to no file.
    public internal(set) var lostClusters = 0
    /// Clusters that belong to files which do not need them.
    public internal(set) var excessClusters = 0
    /// Pieces of long names without a file.
    public internal(set) var orphanPieces = 0
    /// Entries in which the copies of the allocation table differ, on a volume that was not taken leave of.
    public internal(set) var tableDifferences = 0
    /// Files found.
    public internal(set) var fileCount = 0
    /// Directories found, the root not among them.
    public internal(set) var directoryCount = 0
    /// Clusters that are free.
    public internal(set) var freeClusters = 0

    let volume: FATVolume
    /// A bit for each cluster that belongs to something.
    var seen: [UInt64]
    /// Directories that are still to be looked at.
    var work: [Directory] = []
    /// What would put right what was found; the first ones.
    private(set) var fixes: [Fix] = []
    private let pause: () throws(FileError) -> Void
    private var steps = 0

    private static let problemLimit = 20
    private static let fixLimit = 4096

    /// True when nothing is wrong and nothing lost.
    public var isClean: Bool {
        problems.isEmpty && lostClusters + excessClusters + orphanPieces + tableDifferences == 0
    }

    /// Checks the volume on `device`. Throws `notFAT` and `device`.
    public init(_ device: any BlockDevice) throws(FileError) {
        try self.init(device) { () throws(FileError) in }
    }

    /// As above, and calls `pause` again and again; what it throws ends the check.
    init(_ device: any BlockDevice, pause: @escaping () throws(FileError) -> Void) throws(FileError) {
        volume = try FATVolume(device, readOnly: true)
        self.pause = pause
        seen = [UInt64](repeating: 0, count: Int(volume.layout.clusterCount + 2) / 64 + 1)
        if volume.isBootSectorLost { note(.bootSector, "/") }
        try walk()
        try countClusters()
        tableDifferences = volume.tableDifferences
    }

    // MARK: What is found

    mutating func note(_ problem: Problem, _ path: String, _ fix: Fix? = nil) {
        if problems.count < Self.problemLimit { problems.append((problem, path)) }
        if let fix { self.fix(fix) }
    }

    mutating func fix(_ fix: Fix) {
        if fixes.count < Self.fixLimit { fixes.append(fix) }
    }

    func isSeen(_ cluster: UInt32) -> Bool { seen[Int(cluster) / 64] & 1 << (UInt64(cluster) % 64) != 0 }

    mutating func see(_ cluster: UInt32) { seen[Int(cluster) / 64] |= 1 << (UInt64(cluster) % 64) }

    /// Pauses after every `count`th call.
    mutating func step(_ count: Int) throws(FileError) {
        steps += 1
        if steps % count == 0 { try pause() }
    }

    // MARK: The table

    /// Counts what is free, and what is taken and was not seen.
    private mutating func countClusters() throws(FileError) {
        for piece in 0..<volume.space.pieceCount {
            try pause()
            try volume.count(piece)
            let clusters = volume.space.clusters(in: piece)
            freeClusters += volume.space[piece] ?? 0
            guard volume.space[piece] != clusters.count else { continue }
            for cluster in clusters where !isSeen(cluster) {
                let entry = try volume.tableEntry(cluster)
                if entry != 0, entry != volume.endMark & ~7 - 1 { lostClusters += 1 }
            }
        }
    }
}
