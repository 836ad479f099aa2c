import Interfaces

/// The blocks of a store: reads payloads through a window of some blocks in memory, and writes batches.
final class LogBlocks {
    let device: any BlockDevice
    let layout: LogLayout
    let checksum: Checksum
    /// Blocks moved since the mount.
    private(set) var blocksRead: UInt64 = 0
    private(set) var blocksWritten: UInt64 = 0

    /// Adjacent blocks as they are on the device; those from `first` on, `held` many.
    private let window: BlockMemory
    private var first: UInt32 = 0
    private var held = 0
    private var batch: BlockMemory

    private static let windowSize = 32 << 10

    init(_ device: any BlockDevice, _ layout: LogLayout, _ checksum: Checksum) {
        self.device = device
        self.layout = layout
        self.checksum = checksum
        window = BlockMemory(count: Self.windowSize)
        batch = BlockMemory(count: 4 * layout.blockSize)
    }

    // MARK: Reading

    /// The header in `block`; nil when the block holds none or cannot be read. `ahead` says how many blocks from there on
    /// are going to be asked for.
    func header(in block: UInt32, ahead: Int = 1) -> BatchHeader? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(LogLayout.headerSize)
        do {
            let start = try load(block, ahead)
            window.append(start..<start + LogLayout.headerSize, to: &bytes)
        } catch {
            return nil
        }
        return BatchHeader(bytes, layout, checksum)
    }

    /// Appends to `bytes` the bytes `range` of the payload of the batch that begins in `block`.
    func append(_ range: Range<Int>, of block: UInt32, to bytes: inout [UInt8], ahead: Int = 1) throws(BlockError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let place = layout.place(of: offset)
            let length = min(range.upperBound - offset, layout.blockSize - place.byte)
            let last = layout.place(of: range.upperBound - 1).block
            let start = try load(layout.block(block, plus: place.block), max(ahead, last - place.block + 1))
            window.append(start + place.byte..<start + place.byte + length, to: &bytes)
            offset += length
        }
    }

    /// Sees to it that `block` is in the window, and returns where in it.
    private func load(_ block: UInt32, _ ahead: Int) throws(BlockError) -> Int {
        let size = layout.blockSize
        if block >= first, Int(block - first) < held { return Int(block - first) * size }
        let end = Int(LogLayout.first + layout.count - block)
        let wanted = max(1, min(ahead, end, window.count / size))
        held = 0
        first = block
        do {
            try window.fill(0..<wanted * size, from: device, at: block)
            held = wanted
        } catch {
            // A bad block takes only itself away, not its neighbours.
            guard wanted > 1 else { throw error }
            try window.fill(0..<size, from: device, at: block)
            held = 1
        }
        blocksRead += UInt64(held)
        return 0
    }

    // MARK: Writing

    /// Writes a batch to the blocks from `block` on, and returns when it is durable.
    func write(_ header: BatchHeader, _ payload: [UInt8], at block: UInt32) throws(BlockError) {
        let size = layout.blockSize
        let count = layout.blocks(forPayload: payload.count)
        assemble(header, payload, count)
        let toEnd = min(count, Int(LogLayout.first + layout.count - block))
        // Whatever comes of it, what was read of these blocks is old.
        forget(block, toEnd)
        forget(LogLayout.first, count - toEnd)
        blocksWritten += UInt64(count)
        try batch.write(0..<toEnd * size, to: device, at: block)
        if toEnd < count { try batch.write(toEnd * size..<count * size, to: device, at: LogLayout.first) }
        try device.flush()
    }

    /// Empties the window if it holds one of the `count` blocks from `block` on.
    private func forget(_ block: UInt32, _ count: Int) {
        if Int(block) < Int(first) + held, Int(first) < Int(block) + count { held = 0 }
    }

    private func assemble(_ header: BatchHeader, _ payload: [UInt8], _ count: Int) {
        let size = layout.blockSize
        if batch.count < count * size { batch = BlockMemory(count: count * size) }
        batch.copy(header.encoded(checksum), 0..<LogLayout.headerSize, to: 0)
        var marker = [UInt8](repeating: 0, count: LogLayout.markerSize)
        marker.set(BatchHeader.furtherMarker, at: 0)
        var offset = 0
        for index in 0..<count {
            let start = index == 0 ? LogLayout.headerSize : LogLayout.markerSize
            if index > 0 { batch.copy(marker, 0..<marker.count, to: index * size) }
            let length = min(size - start, payload.count - offset)
            batch.copy(payload, offset..<offset + length, to: index * size + start)
            batch.clear(index * size + start + length..<(index + 1) * size)
            offset += length
        }
    }
}
