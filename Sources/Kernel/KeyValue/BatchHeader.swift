/// The head of a batch.
struct BatchHeader {
    /// The order of batches. Never used twice, not even after a failed write.
    var sequence: UInt64
    /// The sequence number and the block of the batch before, which is durable; 0 when there is none.
    var previousSequence: UInt64
    var previousBlock: UInt32
    /// The block of the oldest batch that counts.
    var tail: UInt32
    /// The payload: its length in bytes, its checksum, its number of records.
    var length: Int
    var checksum: UInt32
    var records: UInt32

    /// "AKVB" and "AKVC".
    static let marker: UInt32 = 0x4256_4B41
    static let furtherMarker: UInt32 = 0x4356_4B41
    /// No store gets as far as this: a larger number is damage, and counting on from it must not overflow.
    static let lastSequence = UInt64(1) << 62

    private static let checked = 8..<LogLayout.headerSize
}

extension BatchHeader {
    /// The header at the beginning of `block`; nil when there is none, or one that is not whole or not possible.
    init?(_ block: [UInt8], _ layout: LogLayout, _ compute: Checksum) {
        guard block.number32(0) == Self.marker, block.number32(4) == compute(block, Self.checked) else { return nil }
        sequence = block.number64(8)
        previousSequence = block.number64(16)
        previousBlock = block.number32(24)
        tail = block.number32(28)
        length = Int(block.number32(32))
        checksum = block.number32(36)
        records = block.number32(40)
        guard sequence > previousSequence, sequence < Self.lastSequence, layout.contains(tail),
            length <= layout.maximumPayload
        else { return nil }
        guard previousSequence == 0 || layout.contains(previousBlock) else { return nil }
    }

    /// The 64 bytes.
    func encoded(_ compute: Checksum) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: LogLayout.headerSize)
        bytes.set(Self.marker, at: 0)
        bytes.set(sequence, at: 8, width: 8)
        bytes.set(previousSequence, at: 16, width: 8)
        bytes.set(previousBlock, at: 24)
        bytes.set(tail, at: 28)
        bytes.set(UInt32(length), at: 32)
        bytes.set(checksum, at: 36)
        bytes.set(records, at: 40)
        bytes.set(compute(bytes, Self.checked), at: 4)
        return bytes
    }
}
