/// What says that a device holds a store, and of which shape.
struct Superblock {
    var blockSize: Int
    var blockCount: UInt64

    private static let magic: [UInt8] = [0x41, 0x50, 0x55, 0x53, 0x4B, 0x56, 0x0D, 0x0A]
    private static let version: UInt16 = 1
    private static let checkedSize = 24

    init(blockSize: Int, blockCount: UInt64) {
        self.blockSize = blockSize
        self.blockCount = blockCount
    }

    /// Reads a superblock from the beginning of `block`, which is number `number` of the device.
    init(_ block: [UInt8], number: UInt32, _ checksum: Checksum) throws(KeyValueError) {
        for index in 0..<Self.magic.count where block[index] != Self.magic[index] {
            throw block.allSatisfy { $0 == 0 } ? .notFormatted : .foreign
        }
        // The version comes first: of a later one nothing else is known, its checksum neither.
        guard block.number16(8) == Self.version else { throw .unsupportedVersion(block.number16(8)) }
        guard block.number32(Self.checkedSize) == checksum(block, 0..<Self.checkedSize) else {
            throw .damaged(block: number)
        }
        blockSize = Int(block.number32(12))
        blockCount = block.number64(16)
    }

    /// A whole block.
    func encoded(_ checksum: Checksum) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        for (index, byte) in Self.magic.enumerated() { block[index] = byte }
        block.set(UInt64(Self.version), at: 8, width: 2)
        block.set(UInt32(blockSize), at: 12)
        block.set(blockCount, at: 16, width: 8)
        block.set(checksum(block, 0..<Self.checkedSize), at: Self.checkedSize)
        return block
    }
}
