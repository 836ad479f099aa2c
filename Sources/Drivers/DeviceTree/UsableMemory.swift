extension DeviceTree {
    /// The memory that a kernel may use: every region there is, without the reserved parts, in whole blocks of `blockSize`
    /// bytes (a power of two), in the order of the tree.
    public func usableMemory(blockSize: UInt64) -> [MemoryRegion] {
        var reserved: [MemoryRegion] = []
        forEachReservedRegion { reserved.append($0) }
        var usable: [MemoryRegion] = []
        forEachMemoryRegion { region in
            var start = region.start
            while start < region.end {
                let end = reserved.reduce(region.end) { end, hole in
                    hole.end > start && hole.start < end ? max(hole.start, start) : end
                }
                DeviceTree.append(start..<end, in: blockSize, to: &usable)
                // On behind the reserved parts that begin where this piece ended.
                start = reserved.reduce(max(end, start)) { position, hole in
                    hole.start <= end && hole.end > position && hole.start <= position ? hole.end : position
                }
                if start == end { break }
            }
        }
        return usable
    }

    private static func append(_ range: Range<UInt64>, in blockSize: UInt64, to list: inout [MemoryRegion]) {
        let (rounded, overflow) = range.lowerBound.addingReportingOverflow(blockSize - 1)
        let start = rounded & ~(blockSize - 1)
        let end = range.upperBound & ~(blockSize - 1)
        if !overflow, start < end { list.append(MemoryRegion(start: start, size: end - start)) }
    }
}
