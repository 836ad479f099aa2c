import Interfaces

/// A block device in memory that records every write and flush, and fails where a test tells it to.
final class RecordingDisk: BlockDevice {
    enum Event {
        case write(first: Int, bytes: [UInt8])
        case flush
    }

    var bytes: [UInt8]
    var geometry: BlockGeometry
    var events: [Event] = []
    var isRecording = true
    /// Blocks that cannot be read, and that cannot be written.
    var unreadable: Set<Int> = []
    var unwritable: Set<Int> = []
    /// Called with the number of each request; true makes it fail, a write after some of its blocks.
    var failure: ((Int) -> Bool)?
    private(set) var requests = 0
    private(set) var blocksRead = 0
    private(set) var blocksWritten = 0
    private(set) var flushes = 0
    /// How often each block was written.
    private(set) var wear: [Int]

    init(blocks: Int = 256, blockSize: Int = 512) {
        bytes = [UInt8](repeating: 0, count: blocks * blockSize)
        geometry = BlockGeometry(blockSize: blockSize, blockCount: UInt64(blocks))
        wear = [Int](repeating: 0, count: blocks)
    }

    init(_ image: [UInt8], blockSize: Int = 512) {
        bytes = image
        geometry = BlockGeometry(blockSize: blockSize, blockCount: UInt64(image.count / blockSize))
        wear = [Int](repeating: 0, count: image.count / blockSize)
    }

    private func range(_ first: UInt64, _ length: Int) throws(BlockError) -> Range<Int> {
        guard length % geometry.blockSize == 0, first <= geometry.blockCount,
            UInt64(length / geometry.blockSize) <= geometry.blockCount - first
        else { throw BlockError(.outOfRange) }
        return Int(first) * geometry.blockSize..<Int(first) * geometry.blockSize + length
    }

    private func fails() -> Bool {
        requests += 1
        return failure?(requests) ?? false
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let range = try range(first, buffer.byteCount)
        let numbers = Int(first)..<Int(first) + range.count / geometry.blockSize
        if fails() || numbers.contains(where: unreadable.contains) { throw BlockError(.corrupted) }
        blocksRead += numbers.count
        bytes.withUnsafeBytes { source in
            buffer.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range])) }
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        guard !geometry.isReadOnly else { throw BlockError(.readOnly) }
        let range = try range(first, buffer.byteCount)
        let numbers = Int(first)..<Int(first) + range.count / geometry.blockSize
        let content = buffer.withUnsafeBytes { [UInt8]($0) }
        if fails() || numbers.contains(where: unwritable.contains) {
            // Half of it arrives.
            let half = content.count / geometry.blockSize / 2 * geometry.blockSize
            bytes.replaceSubrange(range.lowerBound..<range.lowerBound + half, with: content[..<half])
            throw BlockError(.corrupted, unknown: first..<first + UInt64(numbers.count))
        }
        blocksWritten += numbers.count
        for number in numbers { wear[number] += 1 }
        bytes.replaceSubrange(range, with: content)
        if isRecording { events.append(.write(first: Int(first), bytes: content)) }
    }

    func flush() throws(BlockError) {
        if fails() { throw BlockError(.timeout("flush")) }
        flushes += 1
        if isRecording { events.append(.flush) }
    }

    func discard(_ blocks: Range<UInt64>) throws(BlockError) {}
}

/// A generator of numbers from a seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
