/// Some adjacent blocks in memory, as many as a bit mask of eight has room for.
final class CacheLine {
    /// Bytes in a line.
    static let size = 4096

    /// The first block held.
    var first: UInt64 = 0
    /// How many blocks are held; zero when none is valid.
    var blocks = 0
    /// When the line was last asked for, in calls.
    var lastUse: UInt32 = 0
    /// Blocks that differ from those on the device and may be written at any time: bit 0 for the first block.
    var dirty: UInt8 = 0
    /// Blocks that differ from those on the device and must not be written until `BlockCache.writeHeld`.
    var held: UInt8 = 0
    /// The content.
    let bytes = BlockBuffer(count: CacheLine.size)

    /// True when the line can be given to other blocks without loss.
    var isClean: Bool { dirty | held == 0 }

    /// The blocks held.
    var range: Range<UInt64> { first..<first + UInt64(blocks) }
}
