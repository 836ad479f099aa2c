import Interfaces

/// Connections in TIME-WAIT: a bounded number, the oldest gives way. Finding costs O(1).
struct TimeWaitTable {
    private struct Entry {
        var key: FlowKey
        var record: TimeWaitRecord
        var next = UInt32.max
        var isUsed = true
    }

    private static let none = UInt32.max
    private let capacity: Int
    private let secret: UInt64
    /// Filled in order, round and round; memory comes with the first of each.
    private var entries: [Entry] = []
    private var buckets: [UInt32] = []
    /// Where the next one goes, and the oldest that may be in use.
    private var last = 0
    private var oldest = 0
    /// How many there are.
    private(set) var count = 0

    init(capacity: Int, secret: UInt64) {
        self.capacity = max(capacity, 1)
        self.secret = secret
    }

    /// When `advance` is to be called next; `.never` when there is none.
    var deadline: Instant { count == 0 ? .never : entries[oldest].record.deadline }

    /// Takes in a connection, in place of the oldest when there is no room.
    mutating func insert(_ key: FlowKey, _ record: TimeWaitRecord) {
        if buckets.isEmpty { buckets = Array(repeating: Self.none, count: 256) }
        let entry = Entry(key: key, record: record)
        if last == entries.count, entries.count < capacity {
            entries.append(entry)
        } else {
            if entries[last].isUsed { remove(UInt32(last)) }
            entries[last] = entry
        }
        count += 1
        let index = UInt32(last)
        last = last + 1 == capacity ? 0 : last + 1
        let place = bucket(key)
        entries[Int(index)].next = buckets[place]
        buckets[place] = index
        skipUnused()
    }

    /// The connection of `key`.
    func find(_ key: FlowKey) -> UInt32? {
        guard count > 0 else { return nil }
        var index = buckets[bucket(key)]
        while index != Self.none {
            if entries[Int(index)].key == key { return index }
            index = entries[Int(index)].next
        }
        return nil
    }

    /// What to do with a segment for the connection at `index`.
    mutating func receive(
        _ segment: SegmentHeader, payloadCount: Int, at index: UInt32, now: Instant
    ) -> TimeWaitRecord.Reaction {
        entries[Int(index)].record.receive(segment, payloadCount: payloadCount, now: now)
    }

    /// What the record at `index` does with a SYN for a port that nobody listens on.
    mutating func challenge(at index: UInt32, now: Instant) -> TimeWaitRecord.Reaction {
        entries[Int(index)].record.challenge(now)
    }

    /// Forgets the connection at `index`.
    mutating func remove(_ index: UInt32) {
        let place = bucket(entries[Int(index)].key)
        if buckets[place] == index {
            buckets[place] = entries[Int(index)].next
        } else {
            var before = buckets[place]
            while entries[Int(before)].next != index { before = entries[Int(before)].next }
            entries[Int(before)].next = entries[Int(index)].next
        }
        entries[Int(index)].isUsed = false
        count -= 1
        skipUnused()
    }

    /// Forgets those whose time is over.
    mutating func advance(to now: Instant) {
        while count > 0, entries[oldest].record.deadline <= now { remove(UInt32(oldest)) }
    }

    private mutating func skipUnused() {
        guard count > 0 else {
            oldest = last == entries.count ? 0 : last
            return
        }
        while !entries[oldest].isUsed { oldest = oldest + 1 == entries.count ? 0 : oldest + 1 }
    }

    private func bucket(_ key: FlowKey) -> Int { Int(key.hash(secret)) & (buckets.count - 1) }
}
