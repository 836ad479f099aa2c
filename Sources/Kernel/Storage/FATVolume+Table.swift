import Interfaces

/// The allocation table: an entry for each cluster, which names the cluster that comes next in its file.
extension FATVolume {
    /// The cluster after `cluster` in its file, nil when it is the last. Throws `corrupted` when the table says that
    /// `cluster` belongs to no file, or names a cluster that does not exist.
    func next(after cluster: UInt32) throws(FileError) -> UInt32? {
        guard layout.contains(cluster) else { throw .corrupted("a cluster number out of range") }
        if let change = pending.next(after: cluster) { return change.next }
        let entry = try tableEntry(cluster)
        if layout.contains(entry) { return entry }
        let endMarks = endMark & ~7
        if entry >= endMarks { return nil }
        if entry == 0 { throw .corrupted("a file goes on in a cluster that is free") }
        if entry == endMarks - 1 { throw .corrupted("a file goes on in a cluster that is bad") }
        throw .corrupted("an entry of the allocation table is out of range")
    }

    /// The entry of the last cluster of a file.
    var endMark: UInt32 {
        switch layout.width {
        case .fat12: 0xFFF
        case .fat16: 0xFFFF
        case .fat32: 0x0FFF_FFFF
        }
    }

    /// The entry of `cluster`, which is below `clusterCount` + 2. A block that one copy of the table cannot give is taken
    /// from the next copy.
    func tableEntry(_ cluster: UInt32) throws(FileError) -> UInt32 {
        if comparison.isNeeded {
            try compare(cluster)
            if let value = comparison.correction(of: cluster) { return value }
        }
        var start = layout.tableStart + UInt64(layout.activeTable) * layout.tableBytes
        var copies = layout.isMirrored ? layout.tableCount : 1
        while true {
            do {
                return try tableEntry(cluster, in: start)
            } catch {
                copies -= 1
                guard copies > 0, error.cause == .corrupted else { throw .device(error) }
                start += layout.tableBytes
            }
        }
    }

    /// The entry of `cluster` in the copy of the table with the number `copy`, whatever the others say.
    func tableEntry(_ cluster: UInt32, copy: Int) throws(FileError) -> UInt32 {
        do {
            return try tableEntry(cluster, in: layout.tableStart + UInt64(copy) * layout.tableBytes)
        } catch {
            throw .device(error)
        }
    }

    private func tableEntry(_ cluster: UInt32, in table: UInt64) throws(BlockError) -> UInt32 {
        let position = table + offset(of: cluster)
        switch layout.width {
        case .fat12:
            let pair = try UInt32(cache.u16(at: position))
            return cluster & 1 == 0 ? pair & 0xFFF : pair >> 4
        case .fat16: return try UInt32(cache.u16(at: position))
        case .fat32: return try cache.u32(at: position) & 0x0FFF_FFFF
        }
    }

    /// Where in a table the entry of `cluster` begins.
    func offset(of cluster: UInt32) -> UInt64 {
        let number = UInt64(cluster)
        return switch layout.width {
        case .fat12: number + number / 2
        case .fat16: number * 2
        case .fat32: number * 4
        }
    }

    /// Sets the entry of `cluster` in every copy of the table. The four bits of FAT32 that belong to nobody stay.
    func setTableEntry(_ cluster: UInt32, _ value: UInt32) throws(FileError) {
        let wasFree = cluster >= 2 ? try tableEntry(cluster) == 0 : false
        let copies = layout.isMirrored ? 0..<layout.tableCount : layout.activeTable..<layout.activeTable + 1
        for copy in copies {
            let position = layout.tableStart + UInt64(copy) * layout.tableBytes + offset(of: cluster)
            do throws(BlockError) {
                switch layout.width {
                case .fat12:
                    let pair = try cache.u16(at: position)
                    let bits = UInt16(truncatingIfNeeded: value)
                    try cache.store(
                        UInt32(cluster & 1 == 0 ? pair & 0xF000 | bits : pair & 0x000F | bits << 4), 2, at: position)
                case .fat16: try cache.store(value, 2, at: position)
                case .fat32: try cache.store(cache.u32(at: position) & 0xF000_0000 | value, 4, at: position)
                }
            } catch {
                throw .device(error)
            }
            if cluster >= 2, copy == copies.lowerBound {
                space.note(cluster, wasFree: wasFree, isFree: value == 0)
            }
        }
    }

    /// True when the entries of all `clusters` lie in one block of the device: it is written wholly or not at all, and so
    /// is a change to all of them.
    func isAtomic(_ clusters: UInt32...) -> Bool {
        let table = layout.tableStart + UInt64(layout.activeTable) * layout.tableBytes
        let size = UInt64(cache.blockSize)
        let block = (table + offset(of: clusters[0])) / size
        for cluster in clusters {
            let start = table + offset(of: cluster)
            let end = layout.width == .fat12 ? start + 1 : start
            if start / size != block || end / size != block { return false }
        }
        return true
    }
}

extension BlockCache {
    /// Writes the lowest `count` bytes of `value`, little-endian, to the bytes from `offset` on.
    func store(_ value: UInt32, _ count: Int, at offset: UInt64, held: Bool = false) throws(BlockError) {
        var bytes = [4 of UInt8](repeating: 0)
        for index in 0..<count { bytes[index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
        let span = bytes.span
        try write(at: offset, from: unsafe span.bytes.extracting(0..<count), held: held)
    }
}
