import Interfaces

// What a card may do to a store when its power goes, beside leaving out what was not flushed: take along the blocks around the one that it
// was writing, 4 to 64 KiB of them, or forget the last commits though it said that they were durable. The log has all the older batches
// still: the question is only where to stop.

extension KeyValueStore {
    /// What leads to a state: batches, the oldest first, and what is missing among and behind them.
    private struct Way {
        var chain: [Found]
        var recovery: Recovery
        var loss: Int { recovery.lostBatches + recovery.tornBatches }
    }

    /// Holds the newest state that can be had of `found`, whose last batches, or some in the middle, are gone.
    func recover(_ found: [Found]) {
        reset()
        let lostSuperblocks = recovery?.lostSuperblocks ?? false
        let newestFirst = found.sorted { $0.header.sequence > $1.header.sequence }
        var isWhole = [Bool?](repeating: nil, count: found.count)
        let back = wayBack(newestFirst, found, &isWhole)
        let through = wayThrough(newestFirst, found)
        if let back, back.loss <= 2 * (through?.loss ?? .max / 2) {
            follow(back)
        } else if let through {
            follow(through)
        } else {
            recovery = Recovery(lostBatches: found.count)
        }
        recovery?.lostSuperblocks = lostSuperblocks
        // What is left of the batches that are passed over must not come back: the next commit rules them out.
        isUncertain = true
    }

    private func reset() {
        index = KeyIndex()
        batches = BatchMap(layout)
        usedBytes = 0
    }

    /// The newest state whose batches are all there and whole.
    private func wayBack(_ newestFirst: [Found], _ found: [Found], _ isWhole: inout [Bool?]) -> Way? {
        for (count, candidate) in newestFirst.enumerated() {
            guard let chain = try? chain(to: candidate, found) else { continue }
            var isGood = true
            // The newest first: that is where the damage is.
            for batch in chain.reversed() where isGood { isGood = check(batch, found, &isWhole) }
            guard isGood, isRoomy(chain) else { continue }
            let lost = (newestFirst.first?.header.sequence ?? 0) - candidate.header.sequence
            return Way(chain: chain, recovery: Recovery(lostBatches: max(count, Int(min(lost, 1 << 30)))))
        }
        return nil
    }

    /// Whether the payload of `batch` is whole; each is read once.
    private func check(_ batch: Found, _ found: [Found], _ isWhole: inout [Bool?]) -> Bool {
        var (low, high) = (0, found.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if found[middle].block <= batch.block { low = middle } else { high = middle }
        }
        if let known = isWhole[low] { return known }
        let answer = payload(of: batch) != nil
        isWhole[low] = answer
        return answer
    }

    /// True when `chain` leaves the room that a store always has.
    private func isRoomy(_ chain: [Found]) -> Bool {
        guard let first = chain.first, let last = chain.last else { return false }
        let length = layout.distance(from: first.block, to: last.block) + layout.blocks(forPayload: last.header.length)
        return length < Int(layout.count)
    }

    /// The newest batch that is whole, with as much of what leads to it as there is.
    private func wayThrough(_ newestFirst: [Found], _ found: [Found]) -> Way? {
        guard let newest = newestFirst.first(where: { payload(of: $0) != nil }) else { return nil }
        let tail = newest.header.tail
        var chain = [newest]
        var recovery = Recovery()
        var current = newest
        while current.block != tail, let previous = previous(current, tail, newestFirst) {
            if previous.header.sequence != current.header.previousSequence {
                let gap =
                    current.header.previousSequence - min(previous.header.sequence, current.header.previousSequence)
                recovery.lostBatches += max(1, Int(min(gap, 1 << 20)))
            }
            if payload(of: previous) == nil { recovery.tornBatches += 1 }
            chain.append(previous)
            current = previous
        }
        if current.block != tail { recovery.lostBatches += 1 }
        recovery.lostBatches += Int(min(newestFirst[0].header.sequence - newest.header.sequence, 1 << 20))
        chain.reverse()
        return isRoomy(chain) ? Way(chain: chain, recovery: recovery) : nil
    }

    /// The batch before `current`: the one it names or, where that is gone, the newest that is older and lies before it, not before `tail`.
    private func previous(_ current: Found, _ tail: UInt32, _ newestFirst: [Found]) -> Found? {
        let end = layout.distance(from: tail, to: current.block)
        return newestFirst.first { batch in
            batch.header.sequence <= current.header.previousSequence
                && layout.distance(from: tail, to: batch.block) + layout.blocks(forPayload: batch.header.length) <= end
        }
    }

    private func follow(_ way: Way) {
        guard let first = way.chain.first, let newest = way.chain.last else { return }
        recovery = way.recovery
        for batch in way.chain where !take(batch) { torn.append(batch.block) }
        tail = first.block
        head = layout.block(newest.block, plus: layout.blocks(forPayload: newest.header.length))
        used = layout.distance(from: tail, to: head)
        lap = used
        last = (newest.header.sequence, newest.block)
    }

    /// Moves what counts out of what is damaged and writes the superblocks if they are gone, so that the next mount finds nothing wrong. Does
    /// nothing where nothing was. Interrupted, it has changed nothing but where things lie.
    public func mend() throws(KeyValueError) {
        guard let recovery else { return }
        guard !isReadOnly else { throw .readOnly }
        if recovery.lostSuperblocks {
            do { try Self.writeSuperblocks(blocks.device, layout) } catch { throw .device(error) }
        }
        try commit(Transaction())
        var left = recovery.lostBatches + recovery.tornBatches > 0 ? used : 0
        while left > 0 {
            let before = tail
            guard try moveRecords(inBlocks: layout.maximumBatch) else { break }
            left -= max(1, layout.distance(from: before, to: tail))
        }
        self.recovery = nil
    }

    /// Writes both superblocks of a store with `layout`.
    static func writeSuperblocks(_ device: any BlockDevice, _ layout: LogLayout) throws(BlockError) {
        let size = layout.blockSize
        let count = UInt64(layout.count + LogLayout.first)
        let superblock = Superblock(blockSize: size, blockCount: count).encoded(Checksum())
        let memory = BlockMemory(count: size)
        memory.copy(superblock, 0..<size, to: 0)
        for block in 0..<2 as Range<UInt32> { try memory.write(0..<size, to: device, at: block) }
        try device.flush()
    }
}
