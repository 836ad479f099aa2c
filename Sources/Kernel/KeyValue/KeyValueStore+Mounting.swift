import Interfaces

extension KeyValueStore {
    /// Makes an empty store of the whole of `device`. Whatever it held is gone. Interrupted, it leaves a device that is
    /// `notFormatted`, or the old store when it had not begun.
    public static func format(_ device: any BlockDevice) throws(KeyValueError) {
        let geometry = device.geometry
        guard isSuitable(geometry.blockSize, geometry.blockCount) else { throw .unsuitableDevice }
        guard !geometry.isReadOnly else { throw .readOnly }
        let size = geometry.blockSize
        let memory = BlockMemory(count: 32 << 10)
        do throws(BlockError) {
            // The superblocks go first and come last.
            try memory.write(0..<2 * size, to: device, at: 0)
            try device.flush()
            // Batches of an earlier store would be taken for those of this one.
            var block: UInt64 = 2
            while block < geometry.blockCount {
                let count = min(memory.count / size, Int(geometry.blockCount - block))
                try memory.write(0..<count * size, to: device, at: UInt32(block))
                block += UInt64(count)
            }
            try device.flush()
            try writeSuperblocks(device, LogLayout(blockSize: size, blockCount: geometry.blockCount))
        } catch {
            throw .device(error)
        }
    }

    private static func isSuitable(_ blockSize: Int, _ blockCount: UInt64) -> Bool {
        blockSize >= 512 && blockSize <= 4096 && blockSize & (blockSize - 1) == 0
            && blockCount >= LogLayout.minimumBlocks && blockCount <= LogLayout.maximumBlocks
    }

    /// The layout that the superblock of `device` names, or its copy where the first is of no use.
    /// With `.recovering`, and both of them erased, the layout that a store of the whole device has; true then.
    static func layout(
        of device: any BlockDevice, _ checksum: Checksum, _ mounting: Mounting
    ) throws(KeyValueError) -> (LogLayout, isGuess: Bool) {
        let size = device.geometry.blockSize
        guard size >= 512, size <= 4096, device.geometry.blockCount >= 2 else { throw .unsuitableDevice }
        let memory = BlockMemory(count: size)
        func superblock(_ number: UInt32) throws(KeyValueError) -> Superblock {
            do { try memory.fill(0..<size, from: device, at: number) } catch { throw .device(error) }
            var bytes: [UInt8] = []
            memory.append(0..<size, to: &bytes)
            return try Superblock(bytes, number: number, checksum)
        }
        let found: Superblock
        do {
            found = try superblock(0)
        } catch {
            let first = error
            do {
                found = try superblock(1)
            } catch {
                let count = device.geometry.blockCount
                guard mounting == .recovering, isSuitable(size, count), isErased(device, memory) else { throw first }
                let layout = LogLayout(blockSize: size, blockCount: count)
                guard holdsBatch(LogBlocks(device, layout, checksum)) else { throw first }
                return (layout, true)
            }
        }
        guard found.blockSize == size, found.blockCount <= device.geometry.blockCount,
            isSuitable(found.blockSize, found.blockCount)
        else { throw .wrongGeometry }
        return (LogLayout(blockSize: size, blockCount: found.blockCount), false)
    }

    /// True when both superblocks are 0xFF throughout, as a card leaves what it was about to write anew. Nothing else will do: what another
    /// system wrote here is its own.
    private static func isErased(_ device: any BlockDevice, _ memory: BlockMemory) -> Bool {
        for number in 0..<2 as Range<UInt32> {
            guard (try? memory.fill(0..<memory.count, from: device, at: number)) != nil else { return false }
            var bytes: [UInt8] = []
            memory.append(0..<memory.count, to: &bytes)
            guard bytes.allSatisfy({ $0 == 0xFF }) else { return false }
        }
        return true
    }

    private static func holdsBatch(_ blocks: LogBlocks) -> Bool {
        for number in 0..<blocks.layout.count
        where blocks.header(in: LogLayout.first + number, ahead: Int(blocks.layout.count)) != nil { return true }
        return false
    }

    // MARK: Finding the log

    /// A header and where it is.
    struct Found {
        var block: UInt32
        var header: BatchHeader
    }

    func mount() throws(KeyValueError) {
        let found = headers()
        var floor: UInt64 = 0
        for candidate in found {
            sequence = max(sequence, candidate.header.sequence)
            floor = max(floor, candidate.header.previousSequence)
        }
        if mounting == .salvaging { return salvage(found) }
        do throws(KeyValueError) {
            guard let newest = newest(found, floor) else {
                if floor > 0 { throw .damaged(block: LogLayout.first) }
                return
            }
            try replay(try chain(to: newest, found), newest)
        } catch {
            guard mounting == .recovering, case .damaged = error else { throw error }
            recover(found)
        }
    }

    /// Every header in the ring, in the order of the blocks.
    private func headers() -> [Found] {
        var found: [Found] = []
        for number in 0..<layout.count {
            let block = LogLayout.first + number
            if let header = blocks.header(in: block, ahead: Int(layout.count)) {
                found.append(Found(block: block, header: header))
            }
        }
        return found
    }

    /// The last batch that is whole. Those after it were cut short; none of them may be `floor` or older, because that
    /// one was durable.
    private func newest(_ found: [Found], _ floor: UInt64) -> Found? {
        let candidates = found.filter { $0.header.sequence >= floor }
            .sorted { $0.header.sequence > $1.header.sequence }
        for candidate in candidates {
            if payload(of: candidate) != nil { return candidate }
            statistics.foundInterruptedCommit = true
        }
        return nil
    }

    /// The payload of a batch; nil when it is not whole.
    func payload(of batch: Found) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(batch.header.length)
        do {
            try blocks.append(0..<batch.header.length, of: batch.block, to: &bytes, ahead: Int(layout.count))
        } catch {
            return nil
        }
        return blocks.checksum(bytes, 0..<bytes.count) == batch.header.checksum ? bytes : nil
    }

    /// The batches from the tail that `newest` names up to itself, in this order.
    func chain(to newest: Found, _ found: [Found]) throws(KeyValueError) -> [Found] {
        var chain = [newest]
        var current = newest
        while current.block != newest.header.tail {
            let (block, sequence) = (current.header.previousBlock, current.header.previousSequence)
            guard sequence > 0, let previous = Self.find(block, found), previous.header.sequence == sequence,
                // Backwards, without a step over the tail and without overlap: so this ends.
                layout.distance(from: newest.header.tail, to: current.block)
                    >= layout.distance(from: newest.header.tail, to: block)
                    + layout.blocks(forPayload: previous.header.length)
            else { throw .damaged(block: block) }
            chain.append(previous)
            current = previous
        }
        chain.reverse()
        return chain
    }

    static func find(_ block: UInt32, _ found: [Found]) -> Found? {
        var (low, high) = (0, found.count)
        while low < high {
            let middle = (low + high) / 2
            if found[middle].block < block { low = middle + 1 } else { high = middle }
        }
        return low < found.count && found[low].block == block ? found[low] : nil
    }

    // MARK: Replaying it

    func replay(_ chain: [Found], _ newest: Found) throws(KeyValueError) {
        for batch in chain {
            guard let payload = payload(of: batch) else { throw .damaged(block: batch.block) }
            batches.begin(batch.block)
            var (offset, records) = (0, 0 as UInt32)
            while offset < payload.count {
                guard let record = Record(payload, at: offset) else { throw .damaged(block: batch.block) }
                note(record, in: payload, batch.block, offset)
                offset = record.end
                records += 1
            }
            guard records == batch.header.records else { throw .damaged(block: batch.block) }
        }
        tail = newest.header.tail
        head = layout.block(newest.block, plus: layout.blocks(forPayload: newest.header.length))
        used = layout.distance(from: tail, to: head)
        lap = used
        last = (newest.header.sequence, newest.block)
        // No commit leaves the store so full, and the next one relies on it.
        guard free > 0, used > 0 else { throw .damaged(block: tail) }
    }

    private func note(_ record: Record, in payload: [UInt8], _ block: UInt32, _ offset: Int) {
        let key = [UInt8](payload[record.keyStart..<record.valueStart])
        note(key, block, offset, record.kind == .put ? record.end - record.valueStart : nil)
    }

    /// Takes everything that can be read, oldest first.
    private func salvage(_ found: [Found]) {
        for batch in found.sorted(by: { $0.header.sequence < $1.header.sequence }) {
            if !take(batch) { statistics.lostBatches += 1 }
        }
    }

    /// Takes the records of `batch` that can be read, and says whether these are all.
    func take(_ batch: Found) -> Bool {
        batches.begin(batch.block)
        var payload: [UInt8] = []
        // As much as there is up to a block that cannot be read; each record has a checksum of its own.
        var isWhole =
            (try? blocks.append(
                0..<batch.header.length, of: batch.block, to: &payload, ahead: Int(layout.count))) != nil
        var (offset, records) = (0, 0 as UInt32)
        while offset < payload.count {
            guard let record = Record(payload, at: offset) else { return false }
            if Record.isWhole(payload, offset, record.end, blocks.checksum) {
                note(record, in: payload, batch.block, offset)
                records += 1
            } else {
                isWhole = false
            }
            offset = record.end
        }
        return isWhole && records == batch.header.records
    }
}
