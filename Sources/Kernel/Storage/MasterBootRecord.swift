/// The partition table in block 0 of a disk, and in the block before each logical partition (UEFI 2.10, section 5.2.1).
struct MasterBootRecord {
    /// One of the four entries of sixteen bytes.
    struct Entry {
        /// Bit 7 marks the partition to boot from; no other bit may be set.
        var status: UInt8 = 0
        /// What it holds; zero for an unused entry.
        var type: UInt8 = 0
        /// First block: counted from block 0, from the table's own block, or from the extended partition.
        var start: UInt64 = 0
        /// Number of blocks.
        var count: UInt64 = 0

        var isUsed: Bool { type != 0 && count != 0 }
        /// True for the containers of logical partitions: CHS, LBA and Linux.
        var isExtended: Bool { type == 0x05 || type == 0x0F || type == 0x85 }
        /// True for the entry that protects a GPT.
        var isProtective: Bool { type == 0xEE }
    }

    /// True when the block ends in 0x55AA.
    let hasSignature: Bool
    /// The four entries in their order.
    let entries: [4 of Entry]

    private static let tableOffset = 446
    private static let signatureOffset = 510

    /// Reads the table in `block`, which has at least 512 bytes.
    init(_ block: Span<UInt8>) {
        hasSignature = block.u16(Self.signatureOffset) == 0xAA55
        var entries = [4 of Entry](repeating: Entry())
        for index in 0..<4 {
            let offset = Self.tableOffset + 16 * index
            entries[index].status = block[offset]
            entries[index].type = block[offset + 4]
            entries[index].start = UInt64(block.u32(offset + 8))
            entries[index].count = UInt64(block.u32(offset + 12))
        }
        self.entries = entries
    }

    /// True when every entry could stand in a table: what lies there in a boot sector is program text.
    var isPlausible: Bool {
        for index in 0..<4 where entries[index].status & 0x7F != 0 { return false }
        return hasSignature
    }

    /// True when an entry describes blocks that can hold a partition. The entry that some tools put into a file system
    /// without a table, to please other systems, starts at block 0 and does not count.
    var hasPartitions: Bool {
        for index in 0..<4 where entries[index].isUsed && entries[index].start != 0 { return true }
        return false
    }

    /// True when an entry says that the table that counts is a GPT.
    var protectsGPT: Bool {
        for index in 0..<4 where entries[index].isProtective { return true }
        return false
    }
}
