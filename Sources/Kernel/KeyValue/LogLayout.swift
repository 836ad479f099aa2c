// The format, version 1. Numbers are little-endian, checksums are CRC-32C. Whatever is not named is zero.
//
// The device is a row of blocks (512 to 4096 bytes). Blocks 0 and 1 both hold the superblock, written by `format` alone:
//
//      0  magic "APUSKV\r\n"    8  version (16 bits)    12  block size    16  block count (64 bits)
//     24  checksum of bytes 0 to 23
//
// All the others are a ring: behind the last block comes block 2 again. The ring holds the log, a row of batches. A batch is
// one commit: it takes whole blocks and counts only if all of it is there. Its first block begins with a header:
//
//      0  marker "AKVB"         4  checksum of bytes 8 to 63
//      8  sequence number (64)  16  that of the batch before it, which was durable when this one was written (64)
//     24  block of that batch   28  tail: the block of the oldest batch that counts
//     32  length of the payload 36  checksum of the payload      40  number of records
//     64  the payload
//
// Every further block begins with the marker "AKVC" and goes on with the payload at byte 4, so that no value, whatever it
// holds, looks like a header. A payload is a row of records, without gaps:
//
//      0  checksum of the rest   4  kind: 1 put, 2 delete    5  length of the key, 1 to 255    8  length of the value
//     12  the key, then the value
//
// What the store holds: replay the batches from the tail to the last one; a later record of a key wins.
//
// A commit writes one batch behind the last one and flushes. Nothing is ever written over a batch that counts, so an
// interruption leaves the store at the commit before or, when the batch arrived whole, at the new one. The batch with the
// highest sequence number that is whole is the last one; the batches before it are found backwards through bytes 24 and 16,
// so what failed writes have left in the ring does not matter. A batch that names a batch as durable which cannot be found
// proves damage, and damage is an error, never an older state.
//
// Space is won at the tail: records there that still count are copied to the front of a later batch, in whose header the
// tail has moved on. The log walks round the ring, so every block is written equally often. Deletes are never copied:
// when the tail reaches one, everything it could hide is gone.

/// Where things lie in a store: blocks of the device, and bytes of a batch's payload in them.
struct LogLayout {
    /// Bytes of a block, a power of two.
    let blockSize: Int
    /// Blocks of the ring.
    let count: UInt32

    /// The first block of the ring.
    static let first: UInt32 = 2
    /// Bytes before the payload in the first block of a batch, and in the others.
    static let headerSize = 64
    static let markerSize = 4
    /// The fewest blocks of a store: room for values of 4 KiB.
    static let minimumBlocks: UInt64 = 256
    /// More blocks than a store can make use of: numbers of blocks have 32 bits, and some are kept off their limit.
    static let maximumBlocks: UInt64 = 1 << 30
    private static let maximumBatchSize = 128 << 10

    /// A store of `blockCount` blocks, the superblocks among them.
    init(blockSize: Int, blockCount: UInt64) {
        self.blockSize = blockSize
        count = UInt32(blockCount) - Self.first
    }

    // MARK: Limits

    /// Blocks of the longest batch.
    var maximumBatch: Int { min(Int(count) / 16, Self.maximumBatchSize / blockSize) }
    /// Blocks that only the moving of records may take: one batch's worth that a commit carried in addition, one for records
    /// copied out of a batch that is not yet passed, one to write into; so there is always a way to win space.
    var reserve: Int { 3 * maximumBatch + 8 }
    /// Bytes of records that count which the store takes: half of the ring.
    var capacity: Int { Int(count) / 2 * (blockSize - Self.markerSize) }
    /// Bytes of the longest payload.
    var maximumPayload: Int { room(inBlocks: maximumBatch) }

    // MARK: The ring

    /// The block `distance` blocks behind `block`.
    func block(_ block: UInt32, plus distance: Int) -> UInt32 {
        (block - Self.first + UInt32(distance)) % count + Self.first
    }

    /// How many blocks lie from `start` up to `end`, going forward; 0 when they are the same.
    func distance(from start: UInt32, to end: UInt32) -> Int {
        Int(end >= start ? end - start : end + count - start)
    }

    /// Whether `block` is one of the ring.
    func contains(_ block: UInt32) -> Bool { block >= Self.first && block - Self.first < count }

    // MARK: Payloads

    /// The bytes of payload in a batch of `blocks` blocks.
    func room(inBlocks blocks: Int) -> Int {
        blocks == 0 ? 0 : blocks * (blockSize - Self.markerSize) - (Self.headerSize - Self.markerSize)
    }

    /// The number of blocks of a batch with `length` bytes of payload.
    func blocks(forPayload length: Int) -> Int {
        let first = blockSize - Self.headerSize
        let further = blockSize - Self.markerSize
        return length <= first ? 1 : 1 + (length - first + further - 1) / further
    }

    /// Where the byte `offset` of a payload stands: in which block of the batch, at which byte of it.
    func place(of offset: Int) -> (block: Int, byte: Int) {
        let first = blockSize - Self.headerSize
        if offset < first { return (0, Self.headerSize + offset) }
        let further = blockSize - Self.markerSize
        let (block, byte) = (offset - first).quotientAndRemainder(dividingBy: further)
        return (block + 1, Self.markerSize + byte)
    }
}
