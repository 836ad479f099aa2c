import Interfaces

/// A block device seen as one row of bytes.
///
/// Long reads go straight from the device into the caller's memory, as many blocks a call as there are. Short ones, and the
/// ragged ends of long ones, come out of a few lines of several blocks each, the least recently used of which gives way.
/// Because everything above counts in bytes, the block size of the device and the sector size of what lies on it need
/// not agree.
///
/// Tasks of one core may call at the same time: a line that is being filled is neither found nor evicted, and
/// between finding a line and copying from it nothing waits.
final class BlockCache {
    /// Some adjacent blocks in memory.
    private final class Line {
        /// The first block held.
        var first: UInt64 = 0
        /// How many blocks are held; zero when none is valid.
        var blocks = 0
        /// When the line was last asked for, in calls.
        var lastUse: UInt32 = 0
        /// True while the device writes into `bytes`.
        var isFilling = false
        let bytes: BlockBuffer

        init(count: Int) { bytes = BlockBuffer(count: count) }
    }

    /// The device under it.
    let device: any BlockDevice
    /// Length of the device in bytes.
    let byteCount: UInt64
    private let blockSize: Int
    private let blockShift: UInt64
    private let blocksPerLine: Int
    private var lines: [Line] = []
    private var recent = 0
    private var calls: UInt32 = 0

    private static let lineBytes = 4096
    private static let lineCount = 8

    /// A cache over `device`, or nil when its block size is no power of two from 512 to 4096.
    init?(_ device: any BlockDevice) {
        let geometry = device.geometry
        let size = geometry.blockSize
        guard size >= 512, size <= Self.lineBytes, size & (size - 1) == 0 else { return nil }
        let (bytes, overflow) = geometry.blockCount.multipliedReportingOverflow(by: UInt64(size))
        self.device = device
        byteCount = overflow ? .max & ~UInt64(size - 1) : bytes
        blockSize = size
        blockShift = UInt64(size.trailingZeroBitCount)
        blocksPerLine = Self.lineBytes / size
    }

    /// Fills `buffer` with the bytes from `offset` on. Its content is undefined after an error.
    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let count = buffer.byteCount
        guard offset <= byteCount, UInt64(count) <= byteCount - offset else { throw BlockError(.outOfRange) }
        var done = 0
        while done < count {
            let position = offset + UInt64(done)
            let withinBlock = Int(truncatingIfNeeded: position) & (blockSize - 1)
            let left = count - done
            if withinBlock == 0, left >= Self.lineBytes {
                let length = left & ~(blockSize - 1)
                var part = buffer._mutatingExtracting(done..<done + length)
                try device.read(position >> blockShift, into: &part)
                done += length
            } else {
                let (line, start) = try line(holding: position)
                let toBoundary = left >= Self.lineBytes ? blockSize - withinBlock : line.blocks * blockSize - start
                let length = min(left, toBoundary)
                var part = buffer._mutatingExtracting(done..<done + length)
                line.bytes.copy(from: start, into: &part)
                done += length
            }
        }
    }

    /// The byte at `offset`.
    func u8(at offset: UInt64) throws(BlockError) -> UInt8 {
        let (line, start) = try line(holding: offset)
        return line.bytes[start]
    }

    /// The little-endian number of two bytes at `offset`, wherever it lies.
    func u16(at offset: UInt64) throws(BlockError) -> UInt16 {
        guard offset & 1 == 0 else {
            return try UInt16(u8(at: offset)) | UInt16(u8(at: offset + 1)) << 8
        }
        let (line, start) = try line(holding: offset)
        return UInt16(line.bytes[start]) | UInt16(line.bytes[start + 1]) << 8
    }

    /// The little-endian number of four bytes at `offset`, wherever it lies.
    func u32(at offset: UInt64) throws(BlockError) -> UInt32 {
        try UInt32(u16(at: offset)) | UInt32(u16(at: offset + 2)) << 16
    }

    // MARK: Lines

    /// The line that holds the byte at `position`, and where in the line it stands.
    private func line(holding position: UInt64) throws(BlockError) -> (Line, Int) {
        guard position < byteCount else { throw BlockError(.outOfRange) }
        let block = position >> blockShift
        calls &+= 1
        if recent < lines.count, let start = start(of: position, block, in: lines[recent]) {
            return (lines[recent], start)
        }
        for index in lines.indices {
            guard let start = start(of: position, block, in: lines[index]) else { continue }
            lines[index].lastUse = calls
            recent = index
            return (lines[index], start)
        }
        let line = try filled(block)
        return (line, Int(position - line.first << blockShift))
    }

    private func start(of position: UInt64, _ block: UInt64, in line: Line) -> Int? {
        guard block >= line.first, block - line.first < UInt64(line.blocks) else { return nil }
        return Int(position - line.first << blockShift)
    }

    /// A line that holds `block`, read from the device just now.
    private func filled(_ block: UInt64) throws(BlockError) -> Line {
        let line = victim()
        let first = block & ~UInt64(blocksPerLine - 1)
        let blocks = Int(min(UInt64(blocksPerLine), (byteCount >> blockShift) - first))
        line.blocks = 0
        line.isFilling = true
        defer { line.isFilling = false }
        do {
            try fill(line, first, blocks)
        } catch {
            // A bad block takes only itself away, not its neighbours in the line.
            guard blocks > 1 else { throw error }
            try fill(line, block, 1)
        }
        line.lastUse = calls
        return line
    }

    private func fill(_ line: Line, _ first: UInt64, _ blocks: Int) throws(BlockError) {
        try line.bytes.withMutableBytes(blocks * blockSize) { (bytes) throws(BlockError) in
            try device.read(first, into: &bytes)
        }
        line.first = first
        line.blocks = blocks
    }

    /// The line to be filled next: a new one, or the one that was not asked for the longest.
    private func victim() -> Line {
        var oldest: Int?
        if lines.count >= Self.lineCount {
            for index in lines.indices where !lines[index].isFilling {
                if let best = oldest, calls &- lines[index].lastUse <= calls &- lines[best].lastUse { continue }
                oldest = index
            }
        }
        if let oldest {
            recent = oldest
            return lines[oldest]
        }
        recent = lines.count
        lines.append(Line(count: Self.lineBytes))
        return lines[recent]
    }
}
