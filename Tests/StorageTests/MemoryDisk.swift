import Interfaces

/// A block device in memory that fails where a test tells it to, counts what it is asked, and remembers what it was given.
final class MemoryDisk: BlockDevice {
    /// Something that was done to the disk.
    enum Event {
        case write(first: Int, bytes: [UInt8])
        case flush
    }

    var bytes: [UInt8]
    var geometry: BlockGeometry
    /// Reading or writing any of these blocks fails with `cause`.
    var badBlocks: Set<UInt64> = []
    var cause: BlockError.Cause = .corrupted
    /// Everything that was written and flushed, when it is wanted.
    var events: [Event]?
    /// Writes and flushes until one fails; it fails once.
    var failureIn: Int?
    private(set) var requests = 0
    private(set) var blocksRead = 0
    private(set) var writes = 0
    private(set) var blocksWritten = 0
    private(set) var flushes = 0

    init(_ bytes: [UInt8], blockSize: Int = 512) {
        self.bytes = bytes
        geometry = BlockGeometry(blockSize: blockSize, blockCount: UInt64(bytes.count / blockSize))
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let range = try range(first, buffer.byteCount)
        requests += 1
        blocksRead += buffer.byteCount / geometry.blockSize
        bytes.withUnsafeBytes { source in
            buffer.withUnsafeMutableBytes { $0.copyMemory(from: .init(rebasing: source[range])) }
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        let range = try range(first, buffer.byteCount)
        guard !geometry.isReadOnly else { throw BlockError(.readOnly) }
        try fail(first..<first + UInt64(buffer.byteCount / geometry.blockSize))
        writes += 1
        blocksWritten += buffer.byteCount / geometry.blockSize
        bytes.withUnsafeMutableBytes { target in
            buffer.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[range]).copyMemory(from: source)
            }
        }
        events?.append(.write(first: Int(first), bytes: Array(bytes[range])))
    }

    func flush() throws(BlockError) {
        try fail(0..<0)
        flushes += 1
        events?.append(.flush)
    }

    private func fail(_ blocks: Range<UInt64>) throws(BlockError) {
        guard let left = failureIn else { return }
        failureIn = left > 0 ? left - 1 : nil
        if left == 0 { throw BlockError(.timeout("a failure that was asked for"), unknown: blocks) }
    }

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
