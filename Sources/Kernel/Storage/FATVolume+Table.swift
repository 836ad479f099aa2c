import Interfaces

/// The allocation table: an entry for each cluster, which names the cluster that comes next in its file.
extension FATVolume {
    /// The cluster after `cluster` in its file, nil when it is the last. Throws `corrupted` when the table says that
    /// `cluster` belongs to no file, or names a cluster that does not exist.
    func next(after cluster: UInt32) throws(FileError) -> UInt32? {
        guard layout.contains(cluster) else { throw .corrupted("a cluster number out of range") }
        let entry = try tableEntry(cluster)
        if layout.contains(entry) { return entry }
        let endMarks: UInt32 =
            switch layout.width {
            case .fat12: 0xFF8
            case .fat16: 0xFFF8
            case .fat32: 0x0FFF_FFF8
            }
        if entry >= endMarks { return nil }
        if entry == 0 { throw .corrupted("a file goes on in a cluster that is free") }
        if entry == endMarks - 1 { throw .corrupted("a file goes on in a cluster that is bad") }
        throw .corrupted("an entry of the allocation table is out of range")
    }

    /// The entry of `cluster`, which is below `clusterCount` + 2. A block that one copy of the table cannot give is taken
    /// from the next copy.
    func tableEntry(_ cluster: UInt32) throws(FileError) -> UInt32 {
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

    private func tableEntry(_ cluster: UInt32, in table: UInt64) throws(BlockError) -> UInt32 {
        let number = UInt64(cluster)
        switch layout.width {
        case .fat12:
            let pair = try UInt32(cache.u16(at: table + number + number / 2))
            return cluster & 1 == 0 ? pair & 0xFFF : pair >> 4
        case .fat16: return try UInt32(cache.u16(at: table + number * 2))
        case .fat32: return try cache.u32(at: table + number * 4) & 0x0FFF_FFFF
        }
    }
}
