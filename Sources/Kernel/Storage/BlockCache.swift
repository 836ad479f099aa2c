import Interfaces

/// A block device seen as one row of bytes, with a cache of bounded size.
///
/// Long reads and writes go straight between the device and the caller's memory, as many blocks a call as there are. Short
/// ones, and the ragged ends of long ones, go through lines of several blocks each, the least recently used of which
/// gives way. Because everything above counts in bytes, the block size of the device and the sector size of what lies
/// on it need not agree.
///
/// What is written to a line stays there until it gives way or `writeDirty` is called. What is written *held* stays
/// until `writeHeld`, whatever happens: that is how `FATVolume` keeps its order of writes. Whoever uses the cache calls
/// `writeHeld` before more lines are held than `heldLimit`.
///
/// Belongs to one task at a time; the volume sees to that.
final class BlockCache {
    /// The device under it.
    let device: any BlockDevice
    /// Length of the device in bytes.
    let byteCount: UInt64
    /// Bytes in a block of the device: what it writes wholly or not at all.
    let blockSize: Int
    /// True after a write that no flush has followed.
    private(set) var needsFlush = false
    private let blockShift: UInt64
    private let blocksPerLine: Int
    private var lines: [CacheLine] = []
    private var recent = 0
    private var calls: UInt32 = 0
    private var ahead: ReadAhead?
    /// What lines are filled from while they are asked for one after the other.
    private var walk: ReadAhead?
    /// The block behind the line that was filled last, and how many lines in a row have followed one another.
    private var walkEnd = UInt64.max
    private var walkLength = 0

    private static let lineCount = 24
    /// Lines that may be held at the end of an operation.
    static let heldLimit = 8

    /// A cache over `device`, or nil when its block size is no power of two from 512 to 4096.
    init?(_ device: any BlockDevice) {
        let geometry = device.geometry
        let size = geometry.blockSize
        guard size >= 512, size <= CacheLine.size, size & (size - 1) == 0 else { return nil }
        let (bytes, overflow) = geometry.blockCount.multipliedReportingOverflow(by: UInt64(size))
        self.device = device
        byteCount = overflow ? .max & ~UInt64(size - 1) : bytes
        blockSize = size
        blockShift = UInt64(size.trailingZeroBitCount)
        blocksPerLine = CacheLine.size / size
    }

    // MARK: Reading

    /// Fills `buffer` with the bytes from `offset` on. Its content is undefined after an error.
    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let count = buffer.byteCount
        try check(offset, count)
        var done = 0
        while done < count {
            let position = offset + UInt64(done)
            let left = count - done
            let length: Int
            if let direct = directLength(position, left) {
                length = direct
                var part = buffer._mutatingExtracting(done..<done + length)
                try device.read(position >> blockShift, into: &part)
                overlay(position >> blockShift, &part)
            } else {
                let (line, start) = try line(holding: position)
                length = min(left, lengthInLine(line, start, position, left))
                var part = buffer._mutatingExtracting(done..<done + length)
                line.bytes.copy(from: start, into: &part)
            }
            done += length
        }
    }

    /// As `read`, for a caller that reads on from where it stopped: of the `expected` bytes from `offset` on many are read
    /// in one request and kept.
    func read(at offset: UInt64, into buffer: inout MutableRawSpan, expecting expected: UInt64) throws(BlockError) {
        let count = buffer.byteCount
        guard count <= ReadAhead.size / 2, expected > UInt64(count) else { return try read(at: offset, into: &buffer) }
        try check(offset, count)
        let window = ahead ?? ReadAhead(ReadAhead.size)
        ahead = window
        var done = 0
        while done < count {
            let position = offset + UInt64(done)
            if !window.contains(position) {
                guard fill(window, position, expected - UInt64(done)) else {
                    var part = buffer._mutatingExtracting(done..<count)
                    return try read(at: position, into: &part)
                }
            }
            let start = Int(position - window.start)
            let length = min(count - done, window.count - start)
            var part = buffer._mutatingExtracting(done..<done + length)
            window.bytes.copy(from: start, into: &part)
            done += length
        }
    }

    /// Reads into `window` what comes from `position` on. False when that is not worth while, or failed: a bad block takes
    /// away only those that ask for it.
    private func fill(_ window: ReadAhead, _ position: UInt64, _ expected: UInt64) -> Bool {
        let block = position >> blockShift
        let start = block << blockShift
        let wanted = min(expected + (position - start), UInt64(window.bytes.count), byteCount - start)
        let length = Int(wanted) & ~(blockSize - 1)
        guard length >= CacheLine.size else { return false }
        window.count = 0
        do throws(BlockError) {
            try window.bytes.withMutableBytes(length) { (bytes) throws(BlockError) in
                try device.read(block, into: &bytes)
                overlay(block, &bytes)
            }
        } catch {
            return false
        }
        window.start = start
        window.count = length
        return true
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
        guard offset & 3 == 0 else { return try UInt32(u16(at: offset)) | UInt32(u16(at: offset + 2)) << 16 }
        let (line, start) = try line(holding: offset)
        let low = UInt32(line.bytes[start]) | UInt32(line.bytes[start + 1]) << 8
        return low | UInt32(line.bytes[start + 2]) << 16 | UInt32(line.bytes[start + 3]) << 24
    }

    // MARK: Writing

    /// Writes `data` to the bytes from `offset` on: into lines, or straight to the device where it is long and not `held`.
    func write(at offset: UInt64, from data: RawSpan, held: Bool = false) throws(BlockError) {
        let count = data.byteCount
        try check(offset, count)
        var done = 0
        while done < count {
            let position = offset + UInt64(done)
            let left = count - done
            let length: Int
            if !held, let direct = directLength(position, left) {
                length = direct
                try writeDirect(position >> blockShift, data.extracting(done..<done + length))
            } else {
                let (line, start) = try line(holding: position)
                length = min(left, held ? line.blocks * blockSize - start : lengthInLine(line, start, position, left))
                // A block is not held and dirty at once: it would be written with what is held.
                if held, line.dirty != 0 { try writeOut(line) }
                line.bytes.store(data.extracting(done..<done + length), at: start)
                for block in start / blockSize...(start + length - 1) / blockSize {
                    if held { line.held |= 1 << block } else { line.dirty |= 1 << block }
                }
                forget(position..<position + UInt64(length))
            }
            done += length
        }
    }

    private func writeDirect(_ first: UInt64, _ data: RawSpan) throws(BlockError) {
        let blocks = first..<first + UInt64(data.byteCount / blockSize)
        forget(blocks.lowerBound << blockShift..<blocks.upperBound << blockShift)
        needsFlush = true
        do throws(BlockError) {
            try device.write(first, from: data)
        } catch {
            // Nobody knows what is on the device now; what is clean in memory need not be the same.
            for line in lines where line.isClean && line.range.overlaps(blocks) { line.blocks = 0 }
            throw error
        }
        for line in lines where line.range.overlaps(blocks) {
            for block in line.range.clamped(to: blocks) {
                let start = Int(block - first) * blockSize
                let index = Int(block - line.first)
                line.bytes.store(data.extracting(start..<start + blockSize), at: index * blockSize)
                line.dirty &= ~(1 << index)
            }
        }
    }

    /// Drops what was read ahead of the bytes in `range`, which change.
    private func forget(_ range: Range<UInt64>) {
        ahead?.forget(range)
        walk?.forget(range)
    }

    /// Writes to the device what is dirty, in the order of the blocks. What fails stays dirty.
    func writeDirty() throws(BlockError) {
        var last: UInt64 = 0
        while true {
            // Few lines, and most of them clean: looking for the next is cheaper than sorting.
            var next: CacheLine?
            for line in lines where line.dirty != 0 && line.first >= last && line.first < next?.first ?? .max {
                next = line
            }
            guard let next else { return }
            last = next.first
            try writeOut(next)
        }
    }

    /// Writes what was held until now, and what is dirty.
    func writeHeld() throws(BlockError) {
        for line in lines {
            line.dirty |= line.held
            line.held = 0
        }
        try writeDirty()
    }

    /// The number of lines that are held.
    var heldLineCount: Int {
        var count = 0
        for line in lines where line.held != 0 { count += 1 }
        return count
    }

    /// Makes everything durable that was written to the device. No more than a test where nothing was.
    func flush() throws(BlockError) {
        guard needsFlush else { return }
        try device.flush()
        needsFlush = false
    }

    /// Writes the dirty blocks of `line`, adjacent ones in one request.
    private func writeOut(_ line: CacheLine) throws(BlockError) {
        var index = 0
        while line.dirty != 0 {
            while line.dirty & 1 << index == 0 { index += 1 }
            var end = index + 1
            while end < blocksPerLine, line.dirty & 1 << end != 0 { end += 1 }
            needsFlush = true
            try line.bytes.withBytes(index * blockSize..<end * blockSize) { (bytes) throws(BlockError) in
                try device.write(line.first + UInt64(index), from: bytes)
            }
            for block in index..<end { line.dirty &= ~(1 << block) }
        }
    }

    // MARK: Lines

    private func check(_ offset: UInt64, _ count: Int) throws(BlockError) {
        guard offset <= byteCount, UInt64(count) <= byteCount - offset else { throw BlockError(.outOfRange) }
    }

    /// How many of the `left` bytes from `position` on go past the lines; nil when the next ones do not.
    private func directLength(_ position: UInt64, _ left: Int) -> Int? {
        guard Int(truncatingIfNeeded: position) & (blockSize - 1) == 0, left >= CacheLine.size else { return nil }
        return left & ~(blockSize - 1)
    }

    /// How far the line is to be used: to the end of a block where a long transfer follows, else to its own.
    private func lengthInLine(_ line: CacheLine, _ start: Int, _ position: UInt64, _ left: Int) -> Int {
        let withinBlock = Int(truncatingIfNeeded: position) & (blockSize - 1)
        return left >= CacheLine.size ? blockSize - withinBlock : line.blocks * blockSize - start
    }

    /// Puts into `bytes`, just read from the blocks from `first` on, what is newer in the lines.
    private func overlay(_ first: UInt64, _ bytes: inout MutableRawSpan) {
        let blocks = first..<first + UInt64(bytes.byteCount / blockSize)
        for line in lines where !line.isClean && line.range.overlaps(blocks) {
            for block in line.range.clamped(to: blocks)
            where (line.dirty | line.held) & 1 << UInt8(block - line.first) != 0 {
                let start = Int(block - first) * blockSize
                var part = bytes._mutatingExtracting(start..<start + blockSize)
                line.bytes.copy(from: Int(block - line.first) * blockSize, into: &part)
            }
        }
    }

    /// The line that holds the byte at `position`, and where in the line it stands.
    private func line(holding position: UInt64) throws(BlockError) -> (CacheLine, Int) {
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

    private func start(of position: UInt64, _ block: UInt64, in line: CacheLine) -> Int? {
        guard block >= line.first, block - line.first < UInt64(line.blocks) else { return nil }
        return Int(position - line.first << blockShift)
    }

    /// A line that holds `block`, read from the device just now.
    private func filled(_ block: UInt64) throws(BlockError) -> CacheLine {
        let line = try victim()
        let first = block & ~UInt64(blocksPerLine - 1)
        let blocks = Int(min(UInt64(blocksPerLine), (byteCount >> blockShift) - first))
        line.blocks = 0
        do throws(BlockError) {
            // Where a bad block has made lines of one block each, these stay what they are.
            let range = first..<first + UInt64(blocks)
            for other in lines where other.range.overlaps(range) {
                guard other.isClean else { throw BlockError(.outOfRange) }
                other.blocks = 0
            }
            if !fillFromWalk(line, first, blocks) { try fill(line, first, blocks) }
        } catch {
            // A bad block takes only itself away, not its neighbours in the line.
            guard blocks > 1 else { throw error }
            try fill(line, block, 1)
        }
        line.lastUse = calls
        return line
    }

    /// Fills `line` from a longer request where lines are asked for one after the other. What was changed in lines that gave way is on
    /// the device, and what is changed in one drops the window, so that it holds what the device does. False when there is none.
    private func fillFromWalk(_ line: CacheLine, _ first: UInt64, _ blocks: Int) -> Bool {
        walkLength = first == walkEnd ? walkLength + 1 : 0
        walkEnd = first + UInt64(blocks)
        let (start, length) = (first << blockShift, blocks * blockSize)
        guard walkLength >= 2 else { return false }
        let window = walk ?? ReadAhead(ReadAhead.walkSize)
        walk = window
        if !window.contains(start) || !window.contains(start + UInt64(length - 1)) {
            guard fill(window, start, UInt64(ReadAhead.walkSize)), window.count >= length else { return false }
        }
        line.bytes.copy(of: window.bytes, from: Int(start - window.start), length)
        line.first = first
        line.blocks = blocks
        return true
    }

    private func fill(_ line: CacheLine, _ first: UInt64, _ blocks: Int) throws(BlockError) {
        try line.bytes.withMutableBytes(blocks * blockSize) { (bytes) throws(BlockError) in
            try device.read(first, into: &bytes)
        }
        line.first = first
        line.blocks = blocks
    }

    /// The line to be filled next: a new one, or the one that was not asked for the longest, after its dirty blocks are
    /// written. A line that is held is none; there are fewer of these than lines.
    private func victim() throws(BlockError) -> CacheLine {
        var oldest: Int?
        if lines.count >= Self.lineCount {
            for index in lines.indices where lines[index].held == 0 {
                if let best = oldest, calls &- lines[index].lastUse <= calls &- lines[best].lastUse { continue }
                oldest = index
            }
        }
        if let oldest {
            try writeOut(lines[oldest])
            recent = oldest
            return lines[oldest]
        }
        recent = lines.count
        lines.append(CacheLine())
        return lines[recent]
    }
}
