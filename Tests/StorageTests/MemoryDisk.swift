import Interfaces

/// A block device in memory that fails where a test tells it to, and counts what it is asked.
final class MemoryDisk: BlockDevice {
    var bytes: [UInt8]
    var geometry: BlockGeometry
    /// Reading or writing any of these blocks fails with `cause`.
    var badBlocks: Set<UInt64> = []
    var cause: BlockError.Cause = .corrupted
    private(set) var requests = 0
    private(set) var blocksRead = 0

    init(_ bytes: [UInt8], blockSize: Int = 512) {
        self.bytes = bytes
        geometry = BlockGeometry(blockSize: blockSize, blockCount: UInt64(bytes.count / blockSize))
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let range = try range(first, buffer.byteCount)
        requests += 1
        blocksRead += buffer.byteCount / geometry.blockSize
        for (index, byte) in bytes[range].enumerated() {
            buffer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        let range = try range(first, buffer.byteCount)
        for index in range {
            bytes[index] = unsafe buffer.unsafeLoad(fromByteOffset: index - range.lowerBound, as: UInt8.self)
        }
    }

    func flush() throws(BlockError) {}

    func discard(_ blocks: Range<UInt64>) throws(BlockError) {
        let range = try range(blocks.lowerBound, blocks.count * geometry.blockSize)
        for index in range { bytes[index] = 0xDD }
    }

    private func range(_ first: UInt64, _ length: Int) throws(BlockError) -> Range<Int> {
        let blocks = UInt64(length / geometry.blockSize)
        guard length % geometry.blockSize == 0, first <= geometry.blockCount, blocks <= geometry.blockCount - first
        else { throw BlockError(.outOfRange) }
        for block in first..<first + blocks where badBlocks.contains(block) {
            throw BlockError(cause, unknown: block..<first + blocks)
        }
        let start = Int(first) * geometry.blockSize
        return start..<start + length
    }
}

extension BlockDevice {
    /// Writes the bytes of an array.
    func write(_ first: UInt64, _ bytes: [UInt8]) throws(BlockError) {
        let span = bytes.span
        try write(first, from: unsafe span.bytes)
    }
}
