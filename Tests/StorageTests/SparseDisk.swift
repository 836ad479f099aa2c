import Interfaces

/// A large FAT32 volume in memory: what was never written is zero, or, in the tables of a full one, taken.
final class SparseDisk: BlockDevice {
    let geometry: BlockGeometry
    private var blocks: [UInt64: [UInt8]] = [:]
    private let filled: Range<UInt64>
    private(set) var reads = 0
    private(set) var writes = 0

    /// A volume of `size` bytes without files, in clusters of `sectorsPerCluster` blocks. Nobody took leave of it unless it `isClean`; with
    /// `isFull` every cluster is taken.
    init(size: UInt64, sectorsPerCluster: UInt64, isClean: Bool, isFull: Bool = false) {
        let sectors = size / 512
        let clusters = (sectors - 32) / sectorsPerCluster
        let perTable = (clusters * 4 + 511) / 512
        geometry = BlockGeometry(blockCount: sectors)
        filled = isFull ? 32..<32 + 2 * perTable : 0..<0
        var boot = [UInt8](repeating: 0, count: 512)
        func put(_ offset: Int, _ value: UInt64, _ count: Int) {
            for index in 0..<count { boot[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
        }
        put(0, 0x9058EB, 3)
        put(11, 512, 2)
        put(13, sectorsPerCluster, 1)
        put(14, 32, 2)
        put(16, 2, 1)
        put(21, 0xF8, 1)
        put(32, sectors, 4)
        put(36, perTable, 4)
        put(44, 2, 4)
        put(510, 0xAA55, 2)
        blocks[0] = boot
        var table = [UInt8](repeating: 0, count: 512)
        if isFull { for index in 0..<512 { table[index] = index % 4 == 3 ? 0x0F : 0xFF } }
        let marks: [UInt8] = [0xF8, 0xFF, 0xFF, 0x0F, 0xFF, 0xFF, 0xFF, isClean ? 0x0F : 0x07, 0xFF, 0xFF, 0xFF, 0x0F]
        table.replaceSubrange(0..<12, with: marks)
        blocks[32] = table
        blocks[32 + perTable] = table
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        reads += 1
        buffer.withUnsafeMutableBytes { bytes in
            for index in 0..<bytes.count / 512 {
                let part = UnsafeMutableRawBufferPointer(rebasing: bytes[index * 512..<index * 512 + 512])
                let block = first + UInt64(index)
                if let content = blocks[block] {
                    part.copyBytes(from: content)
                } else if filled.contains(block) {
                    part.bindMemory(to: UInt32.self).update(repeating: 0x0FFF_FFFF)
                } else {
                    part.initializeMemory(as: UInt8.self, repeating: 0)
                }
            }
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        writes += 1
        buffer.withUnsafeBytes { bytes in
            for index in 0..<bytes.count / 512 {
                blocks[first + UInt64(index)] = [UInt8](bytes[index * 512..<index * 512 + 512])
            }
        }
    }

    func flush() throws(BlockError) {}
    func discard(_ blocks: Range<UInt64>) throws(BlockError) {}
}
