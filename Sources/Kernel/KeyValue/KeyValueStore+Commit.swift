import Interfaces

extension KeyValueStore {
    /// Blocks in which nothing that counts stands.
    var free: Int { Int(layout.count) - used }

    func perform(_ transaction: Transaction) throws(KeyValueError) {
        let (length, growth) = try measure(transaction)
        // With nothing to change, a batch of nothing still rules out what an earlier failure may have left behind.
        guard length > 0 || isUncertain else { return }
        guard length <= layout.maximumPayload else { throw .tooLarge(limit: layout.maximumPayload) }
        // Less than before is always taken: a store whose capacity is exhausted can be emptied.
        guard growth <= 0 || usedBytes + growth <= layout.capacity else { throw .full }
        let own = layout.blocks(forPayload: length)
        try makeRoom(for: own)

        var batch = Batch(tail: tail, cursor: cursor, limit: layout.maximumPayload - length)
        batch.payload.reserveCapacity(layout.room(inBlocks: own))
        let moved = moveQuota(besides: own)
        if moved >= 0 {
            let room = layout.room(inBlocks: min(own + moved, layout.maximumBatch)) - length
            do throws(KeyValueError) {
                try move(into: &batch, room, sparing: transaction, scanning: (64 + 8 * own) * layout.blockSize)
            } catch {
                // The commit does not depend on it as long as there is space.
                statistics.failedMoves += 1
            }
        }
        for change in transaction.changes where change.value != nil || contains(change.key) {
            let offset = batch.payload.count
            Record.append(key: change.key, value: change.value, to: &batch.payload, blocks.checksum)
            batch.changes.append(.init(key: change.key, offset: offset, valueLength: change.value?.count))
        }
        try write(batch)
        statistics.commits += 1
        lap = used
    }

    /// The bytes that the records of `transaction` take, and how many more of them count afterwards than before.
    private func measure(_ transaction: Transaction) throws(KeyValueError) -> (length: Int, growth: Int) {
        var (length, growth) = (0, 0)
        for change in transaction.changes {
            guard !change.key.isEmpty, change.key.count <= Self.maximumKeyLength else { throw .invalidKey }
            let old = index.find(change.key).map { index.entries[$0].size }
            if let value = change.value {
                guard value.count <= maximumValueLength else { throw .tooLarge(limit: maximumValueLength) }
                let size = Record.size(keyLength: change.key.count, valueLength: value.count)
                length += size
                growth += size - (old ?? 0)
            } else if let old {
                length += Record.size(keyLength: change.key.count, valueLength: 0)
                growth -= old
            }
        }
        return (length, growth)
    }

    // MARK: Moving records out of the way

    /// Whether it is time to move records: early, so that each commit has to take only few of them along.
    var wantsRoom: Bool { free < Int(layout.count) / 4 * 3 }

    /// How many blocks of moved records a commit of `own` blocks carries in addition; -1 when it is too early for any.
    ///
    /// Spreads what may have to be moved over the commits that still fit: everything that counts has been moved before
    /// the space is used up, whatever order it stands in.
    private func moveQuota(besides own: Int) -> Int {
        guard wantsRoom else { return -1 }
        let counting = usedBytes / (layout.blockSize - LogLayout.markerSize) + 1
        let spare = max(1, free - own - layout.reserve)
        return min(8 * own, (own * counting + spare - 1) / spare)
    }

    /// Sees to it that `own` blocks can be written and the reserve is left. Has to do something only when many commits
    /// in a row were too large for their share of moved records.
    private func makeRoom(for own: Int) throws(KeyValueError) {
        // One way round the log wins all there is to win; twice as much is never needed.
        var limit = 2 * Int(layout.count)
        while free - own < layout.reserve {
            let before = blocks.blocksWritten
            guard limit > 0, try moveRecords(inBlocks: layout.maximumBatch) else { throw .full }
            limit -= Int(blocks.blocksWritten - before)
        }
    }

    /// Writes a batch of `count` blocks at most that only moves records. False when there was nothing to move.
    func moveRecords(inBlocks count: Int) throws(KeyValueError) -> Bool {
        let room = layout.room(inBlocks: min(count, free - 1))
        var batch = Batch(tail: tail, cursor: cursor, limit: layout.room(inBlocks: free - 1))
        try move(into: &batch, room, sparing: nil, scanning: .max)
        guard batch.tail != tail || !batch.moves.isEmpty else { return false }
        try write(batch)
        statistics.compactions += 1
        return true
    }

    /// Copies records from the tail into `batch` until `room` bytes are used or `scanning` bytes were looked at, leaves
    /// out those that `transaction` replaces, and lets the batch's tail pass what has no more that counts.
    ///
    /// One record is copied however long it is, so that the tail is never stuck behind it.
    private func move(
        into batch: inout Batch, _ room: Int, sparing transaction: Transaction?, scanning: Int
    ) throws(KeyValueError) {
        guard used > 0 else { return }
        var remaining = batches[batch.tail]
        var scanned = 0
        while true {
            if remaining == 0 {
                batch.tail = batches.next(after: batch.tail, upTo: head)
                batch.cursor = 0
                guard batch.tail != head else { return }
                remaining = batches[batch.tail]
                continue
            }
            guard scanned < scanning else { return }
            let size = try moveRecord(into: &batch, room, transaction, &remaining)
            guard size > 0 else { return }
            batch.cursor += size
            scanned += size
        }
    }

    /// Looks at the record at the cursor of `batch` and copies it if it counts. Returns its size; 0 when it does not fit.
    private func moveRecord(
        into batch: inout Batch, _ room: Int, _ transaction: Transaction?, _ remaining: inout Int
    ) throws(KeyValueError) -> Int {
        // What lies between the records of a torn batch is anything: the index knows where they are.
        if torn.contains(batch.tail) {
            guard let next = nextRecord(in: batch.tail, from: batch.cursor) else {
                remaining = 0
                return 1
            }
            batch.cursor = next
        }
        var head: [UInt8] = []
        try read(batch.cursor..<batch.cursor + Record.headerSize, of: batch.tail, into: &head)
        let keyEnd = batch.cursor + Record.headerSize + Int(head[5])
        let size = Record.size(keyLength: Int(head[5]), valueLength: Int(head.number32(8)))
        guard head[5] > 0, batch.cursor + size <= layout.maximumPayload else { throw .damaged(block: batch.tail) }
        var key: [UInt8] = []
        try read(batch.cursor + Record.headerSize..<keyEnd, of: batch.tail, into: &key)
        guard let place = index.find(key) else { return size }
        let entry = index.entries[place]
        guard entry.block == batch.tail, Int(entry.offset) == batch.cursor else { return size }
        if transaction?.place(of: key) == nil {
            guard batch.payload.count + size <= room || batch.moves.isEmpty && size <= batch.limit else { return 0 }
            let record = try record(of: entry)
            batch.moves.append(
                .init(key: entry.key, offset: batch.payload.count, valueLength: Int(entry.valueLength)))
            batch.payload.append(contentsOf: record)
        }
        remaining -= 1
        return size
    }

    /// Where the first record at or behind `offset` of the batch in `block` begins that counts.
    private func nextRecord(in block: UInt32, from offset: Int) -> Int? {
        var next: Int?
        for entry in index.entries where entry.block == block && Int(entry.offset) >= offset {
            next = min(next ?? .max, Int(entry.offset))
        }
        return next
    }

    private func read(_ range: Range<Int>, of block: UInt32, into bytes: inout [UInt8]) throws(KeyValueError) {
        do {
            try blocks.append(range, of: block, to: &bytes, ahead: 8)
        } catch {
            throw .device(error)
        }
    }

    // MARK: The batch itself

    /// Writes `batch` at the head, and makes it what counts once it is durable.
    private func write(_ batch: Batch) throws(KeyValueError) {
        let count = layout.blocks(forPayload: batch.payload.count)
        // What follows must never reach what counts; that there is room for it was seen to before.
        guard count < free else { throw .full }
        sequence += 1
        let header = BatchHeader(
            sequence: sequence, previousSequence: last.sequence, previousBlock: last.block, tail: batch.tail,
            length: batch.payload.count, checksum: blocks.checksum(batch.payload, 0..<batch.payload.count),
            records: UInt32(batch.moves.count + batch.changes.count))
        do {
            try blocks.write(header, batch.payload, at: head)
        } catch {
            isUncertain = true
            passFailure(error, count)
            throw .device(error)
        }
        failedAt = nil
        isUncertain = false
        apply(batch, count)
    }

    private func apply(_ batch: Batch, _ count: Int) {
        let block = head
        head = layout.block(head, plus: count)
        last = (sequence, block)
        batches.begin(block)
        for move in batch.moves {
            guard let place = index.find(move.key) else { continue }
            batches[index.entries[place].block] -= 1
            batches[block] += 1
            index.move(place, block: block, offset: move.offset)
        }
        statistics.movedRecords += UInt64(batch.moves.count)
        for change in batch.changes {
            note(change.key, block, change.offset, change.valueLength)
        }
        while used > 0, tail != batch.tail {
            batches.remove(tail)
            torn.removeAll { $0 == tail }
            tail = batches.next(after: tail, upTo: head)
        }
        tail = batch.tail
        cursor = batch.cursor
        used = layout.distance(from: tail, to: head)
    }

    /// Takes a record into the index: `key` has its value in `block` now, or none when the length is nil.
    func note(_ key: [UInt8], _ block: UInt32, _ offset: Int, _ valueLength: Int?) {
        let old: KeyIndex.Entry?
        if let valueLength {
            old = index.set(key, block: block, offset: offset, valueLength: valueLength)
            batches[block] += 1
            usedBytes += Record.size(keyLength: key.count, valueLength: valueLength)
        } else {
            old = index.remove(key)
        }
        if let old {
            batches[old.block] -= 1
            usedBytes -= old.size
        }
    }

    /// After a failed write of `count` blocks at the head: the next one goes to the same place and, if that fails as well,
    /// behind it, because the blocks may be bad.
    private func passFailure(_ error: BlockError, _ count: Int) {
        switch error.cause {
        case .absent, .readOnly, .outOfRange: return
        case .corrupted, .timeout, .refused: break
        }
        guard failedAt == head else {
            failedAt = head
            return
        }
        failedAt = nil
        guard free - 2 * count >= layout.reserve else { return }
        head = layout.block(head, plus: count)
        // With nothing in the log its beginning moves along.
        if used == 0 { tail = head } else { used += count }
    }
}
