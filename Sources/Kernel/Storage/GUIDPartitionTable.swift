import Interfaces

/// One of the two copies of a GUID partition table (UEFI 2.10, section 5.3).
struct GUIDPartitionTable {
    /// First block of the entry array.
    var arrayStart: UInt64 = 0
    /// Number of entries, used or not; at most `maximumEntries`.
    var entryCount = 0
    /// Bytes in an entry: 128, or a power of two above, at most `maximumEntrySize`.
    var entrySize = 0
    /// Blocks that partitions may take.
    var usable: Range<UInt64> = 0..<0
    /// Where the other copy's header lies.
    var alternate: UInt64 = 0
    private var arrayChecksum: UInt32 = 0

    /// More entries than any tool writes by far (128 is what all write).
    static let maximumEntries = 1024
    /// Larger entries than anyone has defined.
    static let maximumEntrySize = 4096

    /// Reads and checks the header in `block`, which was read from block `position` of a device of `blockCount`.
    init(_ block: Span<UInt8>, at position: UInt64, blockCount: UInt64) throws(PartitionError) {
        guard block.u64(0) == 0x5452_4150_2049_4645 else { throw .invalidGPT("signature") }
        guard block.u32(8) >> 16 == 1 else { throw .invalidGPT("revision") }
        let size = Int(block.u32(12))
        guard size >= 92, size <= block.count else { throw .invalidGPT("header size") }
        guard Self.headerChecksum(block, size) == block.u32(16) else { throw .invalidGPT("header checksum") }
        guard block.u64(24) == position else { throw .invalidGPT("own position") }
        alternate = block.u64(32)
        let (first, last) = (block.u64(40), block.u64(48))
        guard first >= 1, first <= last, last < blockCount else { throw .invalidGPT("usable blocks") }
        usable = first..<last + 1
        arrayStart = block.u64(72)
        let (count, width) = (block.u32(80), block.u32(84))
        guard count <= Self.maximumEntries else { throw .invalidGPT("number of entries") }
        guard width >= 128, width <= Self.maximumEntrySize, width & (width - 1) == 0 else {
            throw .invalidGPT("size of an entry")
        }
        (entryCount, entrySize) = (Int(count), Int(width))
        let bytes = UInt64(entryCount * entrySize)
        let blocks = (bytes + UInt64(block.count) - 1) / UInt64(block.count)
        guard arrayStart >= 1, arrayStart < blockCount, blocks <= blockCount - arrayStart else {
            throw .invalidGPT("position of the entries")
        }
        arrayChecksum = block.u32(88)
    }

    private static func headerChecksum(_ block: Span<UInt8>, _ size: Int) -> UInt32 {
        var checksum = CRC32()
        checksum.update(block, 0..<16)
        for _ in 0..<4 { checksum.update(0) }
        checksum.update(block, 20..<size)
        return checksum.value
    }

    /// Reads the entries and checks their checksum. What it returns lies within the usable blocks.
    func entries(_ device: any BlockDevice, _ scratch: inout [UInt8]) throws(PartitionError) -> [PartitionEntry] {
        var found: [PartitionEntry] = []
        var checksum = CRC32()
        var entry: [UInt8] = []
        entry.reserveCapacity(entrySize)
        let total = entryCount * entrySize
        var done = 0
        var block = arrayStart
        while done < total {
            try PartitionTable.read(device, block, &scratch)
            let length = min(scratch.count, total - done)
            for index in 0..<length {
                checksum.update(scratch[index])
                entry.append(scratch[index])
                guard entry.count == entrySize else { continue }
                if let partition = Self.entry(entry.span, number: (done + index) / entrySize + 1, usable) {
                    found.append(partition)
                }
                entry.removeAll(keepingCapacity: true)
            }
            done += length
            block += 1
        }
        guard checksum.value == arrayChecksum else { throw .invalidGPT("checksum of the entries") }
        return found
    }

    /// The partition in the bytes of one entry; nil when it is unused or lies outside the `usable` blocks.
    private static func entry(_ bytes: Span<UInt8>, number: Int, _ usable: Range<UInt64>) -> PartitionEntry? {
        let type = GUID(low: bytes.u64(0), high: bytes.u64(8))
        let (first, last) = (bytes.u64(32), bytes.u64(40))
        guard type != .zero, first <= last, first >= usable.lowerBound, last < usable.upperBound else { return nil }
        var name: [UInt16] = []
        for index in 0..<36 {
            let unit = bytes.u16(56 + 2 * index)
            if unit == 0 { break }
            name.append(unit)
        }
        return PartitionEntry(
            number: number, kind: .gpt(type), blocks: first..<last + 1, isBootable: bytes.u64(48) & 4 != 0,
            identifier: GUID(low: bytes.u64(16), high: bytes.u64(24)), name: string(utf16: name.span))
    }
}
