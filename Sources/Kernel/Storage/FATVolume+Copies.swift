import Interfaces

// MARK: Two copies of the table
//
// When power goes, a card may leave the block that it was writing torn, and take what lies around it along: 4 to 64 KiB of old bytes, or
// of 0xFF. The copies of the table lie further apart than that on all but small volumes, and are written one after the other: so
// on a volume that was not taken leave of they are compared, each part before it is believed, and entry by entry where they differ:
//
//   * A block of 0xFF alone was erased: the other copy's counts.
//   * An entry that cannot be (out of range, or its own successor) gives way to one that can.
//   * Free gives way to taken: at worst that is a lost cluster, while a cluster that is given out twice is the end of a file.
//   * A link that leads to a cluster that is free in both, or that replaces another link and leads to a cluster that did not change in the
//     same write, is half of one number and half of another: the other copy's counts.
//   * Otherwise the first copy's counts, which is the one that is written first.
//
// That is what other systems do as well, except where the first copy contradicts itself.

extension FATVolume {
    /// Arranges for the copies to be compared, where there is a reason for it.
    func beginComparison() {
        guard layout.isMirrored, layout.tableCount > 1 else { return }
        // FAT12 does not say whether it was taken leave of in the table; it is small enough to be compared always.
        if layout.width != .fat12, let isClean = try? wasClean(), isClean { return }
        comparison.begin(offset(of: layout.clusterCount + 1) + 4)
    }

    /// Entries of the allocation table in which its copies were found to differ.
    public var tableDifferences: Int { comparison.differences }

    /// Sees to it that what the table says about `cluster` was compared.
    func compare(_ cluster: UInt32) throws(FileError) {
        let start = offset(of: cluster)
        for unit in [Int(start) / TableComparison.unit, Int(start + 1) / TableComparison.unit] {
            if !comparison.isCompared(unit) { try compare(unit: unit) }
        }
    }

    /// Compares the tables where they speak of `clusters`: with two long requests, where they are the same.
    func compare(_ clusters: Range<UInt32>) throws(FileError) {
        let size = UInt64(TableComparison.unit)
        let units = Int(offset(of: clusters.lowerBound) / size)...Int(offset(of: clusters.upperBound - 1) / size)
        let start = UInt64(units.lowerBound) * size
        let length = Int(min(UInt64(units.count) * size, layout.tableBytes - start))
        if length <= TableComparison.unit * 16, units.contains(where: { !comparison.isCompared($0) }),
            let isSame = try? areCopiesSame(start, length), isSame
        {
            for unit in units { comparison.note(unit) }
        }
        for unit in units where !comparison.isCompared(unit) { try compare(unit: unit) }
    }

    private func areCopiesSame(_ start: UInt64, _ length: Int) throws(FileError) -> Bool {
        let (first, second) = (BlockBuffer(count: length), BlockBuffer(count: length))
        let position = layout.tableStart + start
        try first.withMutableBytes(length) { (bytes) throws(FileError) in try read(at: position, into: &bytes) }
        try second.withMutableBytes(length) { (bytes) throws(FileError) in
            try read(at: position + layout.tableBytes, into: &bytes)
        }
        return first.isSame(as: second, length)
    }

    private func compare(unit: Int) throws(FileError) {
        comparison.note(unit)
        let start = UInt64(unit * TableComparison.unit)
        guard start < layout.tableBytes else { return }
        let length = Int(min(UInt64(TableComparison.unit), layout.tableBytes - start))
        // What cannot be read is taken from the copy that can, one by one.
        guard let isSame = try? areCopiesSame(start, length), !isSame else { return }
        let first = UInt32(truncatingIfNeeded: start * 8 / UInt64(layout.width.rawValue))
        let last = UInt32(truncatingIfNeeded: (start + UInt64(length)) * 8 / UInt64(layout.width.rawValue))
        for cluster in max(first, 2)...min(last, layout.clusterCount + 1) {
            guard let one = try? tableEntry(cluster, copy: 0), let other = try? tableEntry(cluster, copy: 1) else {
                continue
            }
            if one != other { try settle(cluster, one, other) }
        }
    }

    /// Decides what the entry of `cluster` is, of which one copy says `first` and the other `second`.
    private func settle(_ cluster: UInt32, _ first: UInt32, _ second: UInt32) throws(FileError) {
        comparison.differences += 1
        let isSecond = try prefersSecond(cluster, first, second)
        if isMarkedDirty {
            try setTableEntry(cluster, isSecond ? second : first)
        } else if isSecond {
            // Nothing is written to a volume that is only read.
            comparison.correct(cluster, second)
        }
    }

    private func prefersSecond(_ cluster: UInt32, _ first: UInt32, _ second: UInt32) throws(FileError) -> Bool {
        let isErased = (try isErased(cluster, copy: 0), try isErased(cluster, copy: 1))
        if isErased.0 != isErased.1 { return isErased.0 }
        guard isPossible(first, of: cluster) else { return isPossible(second, of: cluster) }
        guard isPossible(second, of: cluster) else { return false }
        if first == 0 || second == 0 { return first == 0 }
        guard layout.contains(first) else { return false }
        let target = (try tableEntry(first, copy: 0), try tableEntry(first, copy: 1))
        if target.0 == 0, target.1 == 0 { return true }
        return layout.contains(second) && target.0 == target.1
    }

    /// True when `entry` can be that of `cluster`.
    private func isPossible(_ entry: UInt32, of cluster: UInt32) -> Bool {
        entry == 0 || entry >= endMark & ~7 - 1 || (layout.contains(entry) && entry != cluster)
    }

    /// True when the sector that holds the entry of `cluster` in `copy` is 0xFF throughout.
    private func isErased(_ cluster: UInt32, copy: Int) throws(FileError) -> Bool {
        let table = layout.tableStart + UInt64(copy) * layout.tableBytes
        let start = (table + offset(of: cluster)) & ~UInt64(511)
        do throws(BlockError) {
            for index in 0..<128 as Range<UInt64> {
                guard try cache.u32(at: start + 4 * index) == .max else { return false }
            }
            return true
        } catch {
            throw .device(error)
        }
    }

    /// Writes to the tables what was found to be right, on a volume that is about to be written to.
    func makeCorrections() throws(FileError) {
        for correction in comparison.takeCorrections() { try setTableEntry(correction.cluster, correction.value) }
    }
}
