/// Which record of the log holds the value of each key: a hash table in memory.
///
/// Costs 32 bytes a key (24 for the entry, 8 for two slots), the key with the 32 bytes of its array, and what arrays that
/// double leave unused: about 100 bytes for a key of 20. Open addressing with linear probing; a slot is empty or holds the
/// place of an entry, so nothing is left behind by what was removed.
struct KeyIndex {
    /// A key and where its record begins.
    struct Entry {
        var key: [UInt8]
        fileprivate var hash: UInt32
        /// The first block of the batch, and the record's place in its payload.
        var block: UInt32
        var offset: UInt32
        var valueLength: UInt32

        /// The bytes of the record.
        var size: Int { Record.size(keyLength: key.count, valueLength: Int(valueLength)) }
    }

    /// The entries, in no order.
    private(set) var entries: [Entry] = []
    private var slots: [UInt32] = [UInt32](repeating: empty, count: 16)

    private static let empty = UInt32.max

    /// The place of the entry of `key`; nil when there is none. Valid until the next change.
    func find(_ key: [UInt8]) -> Int? {
        let slot = slot(of: key, Self.hash(key))
        return slots[slot] == Self.empty ? nil : Int(slots[slot])
    }

    /// Notes where the record of `key` is, and returns the entry that this replaces.
    mutating func set(_ key: [UInt8], block: UInt32, offset: Int, valueLength: Int) -> Entry? {
        let hash = Self.hash(key)
        let slot = slot(of: key, hash)
        var entry = Entry(
            key: key, hash: hash, block: block, offset: UInt32(offset), valueLength: UInt32(valueLength))
        if slots[slot] != Self.empty {
            let place = Int(slots[slot])
            // The array with the key's bytes stays the one that is there.
            entry.key = entries[place].key
            let old = entries[place]
            entries[place] = entry
            return old
        }
        slots[slot] = UInt32(entries.count)
        entries.append(entry)
        if entries.count * 2 > slots.count { rehash() }
        return nil
    }

    /// Notes that the record of the entry at `place` has moved.
    mutating func move(_ place: Int, block: UInt32, offset: Int) {
        entries[place].block = block
        entries[place].offset = UInt32(offset)
    }

    /// Removes the entry of `key` and returns it; nil when there is none.
    mutating func remove(_ key: [UInt8]) -> Entry? {
        let slot = slot(of: key, Self.hash(key))
        guard slots[slot] != Self.empty else { return nil }
        let place = Int(slots[slot])
        let removed = entries[place]
        clear(slot)
        let last = entries.removeLast()
        if place < entries.count {
            // The last entry takes the place; its slot still says where it was.
            entries[place] = last
            var moved = Int(last.hash) & (slots.count - 1)
            while slots[moved] != UInt32(entries.count) { moved = (moved + 1) & (slots.count - 1) }
            slots[moved] = UInt32(place)
        }
        return removed
    }

    // MARK: Slots

    /// The slot that holds `key`, or the empty one where it belongs.
    private func slot(of key: [UInt8], _ hash: UInt32) -> Int {
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != Self.empty {
            let place = Int(slots[slot])
            if entries[place].hash == hash, entries[place].key == key { return slot }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    /// Empties `slot` and closes the gap, so that what was put behind it is still found.
    private mutating func clear(_ slot: Int) {
        let mask = slots.count - 1
        var gap = slot
        var next = (slot + 1) & mask
        while slots[next] != Self.empty {
            let home = Int(entries[Int(slots[next])].hash) & mask
            // An entry may move into the gap only if the gap is not before its home.
            if (next - home) & mask >= (next - gap) & mask {
                slots[gap] = slots[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        slots[gap] = Self.empty
    }

    private mutating func rehash() {
        slots = [UInt32](repeating: Self.empty, count: slots.count * 2)
        let mask = slots.count - 1
        for place in entries.indices {
            var slot = Int(entries[place].hash) & mask
            while slots[slot] != Self.empty { slot = (slot + 1) & mask }
            slots[slot] = UInt32(place)
        }
    }

    /// FNV-1a, its bits mixed once more because only the low ones choose the slot.
    private static func hash(_ key: [UInt8]) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in key { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash ^ hash >> 15
    }
}
