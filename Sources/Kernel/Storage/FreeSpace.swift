/// What is known about the free clusters of a volume: how many there are in each piece of the allocation table.
///
/// A piece is counted when somebody needs to know, and is kept true from then on: no part of the table is read twice for it, and what
/// another system wrote down about the whole is never believed. Memory: four bytes for 16,384 clusters.
struct FreeSpace {
    /// Free clusters in the pieces that were counted.
    private(set) var known = 0
    /// Pieces that were not counted yet.
    private(set) var uncounted: Int
    /// Clusters given out, as a negative number, or made free since the volume was mounted.
    private(set) var change = 0

    private var counts: [UInt32]
    private let end: UInt32

    /// Entries of the table in a piece: 64 KiB of FAT32, which is a long request for a card.
    static let pieceSize: UInt32 = 1 << 14
    private static let unknown = UInt32.max

    /// Nothing is known of the `count` clusters from number 2 on.
    init(clusterCount count: UInt32) {
        end = count + 2
        uncounted = Int((end - 1) / Self.pieceSize) + 1
        counts = [UInt32](repeating: Self.unknown, count: uncounted)
    }

    /// Number of pieces.
    var pieceCount: Int { counts.count }

    /// The piece that holds the entry of `cluster`.
    func piece(of cluster: UInt32) -> Int { Int(cluster / Self.pieceSize) }

    /// The clusters whose entries are in `piece`.
    func clusters(in piece: Int) -> Range<UInt32> {
        let first = UInt32(piece) * Self.pieceSize
        return max(first, 2)..<min(first + Self.pieceSize, end)
    }

    /// Free clusters in `piece`; nil where it was not counted.
    subscript(piece: Int) -> Int? { counts[piece] == Self.unknown ? nil : Int(counts[piece]) }

    /// The first piece from that of `cluster` on, round the end of the table, which was not counted; nil when all were.
    func uncountedPiece(from cluster: UInt32) -> Int? {
        guard uncounted > 0 else { return nil }
        let first = cluster < end ? piece(of: cluster) : 0
        for offset in 0..<counts.count {
            let piece = (first + offset) % counts.count
            if counts[piece] == Self.unknown { return piece }
        }
        return nil
    }

    /// The most clusters that can be free: those known, and all whose pieces were not counted.
    var most: Int {
        var most = known
        for piece in counts.indices where counts[piece] == Self.unknown { most += clusters(in: piece).count }
        return most
    }

    /// Takes note that `free` clusters are free in `piece`.
    mutating func set(_ piece: Int, free: Int) {
        if let old = self[piece] { known -= old } else { uncounted -= 1 }
        counts[piece] = UInt32(free)
        known += free
    }

    /// Takes note that `cluster` was free, or was not, and is now.
    mutating func note(_ cluster: UInt32, wasFree: Bool, isFree: Bool) {
        guard wasFree != isFree else { return }
        change += isFree ? 1 : -1
        let piece = piece(of: cluster)
        guard let old = self[piece] else { return }
        set(piece, free: isFree ? old + 1 : max(0, old - 1))
    }
}
