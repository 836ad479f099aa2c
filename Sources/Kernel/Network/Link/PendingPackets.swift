/// Packets that wait for the hardware address of their next hop: a fixed number of buffers, made once. The buffers are
/// bytes, which every pattern of bits is a value of: what `unsafe` asks of whoever reads and writes them raw.
struct PendingPackets: ~Copyable {
    private struct Slot {
        var owner: IPv4Address?
        var length = 0
        var order: UInt64 = 0
    }

    private var slots: [Slot]
    private var storage: [UInt8]
    private let size: Int
    private let limit: Int
    private var order: UInt64 = 0

    /// `count` buffers of `size` bytes, of which one neighbour gets at most `limit`.
    init(count: Int, size: Int, limit: Int) {
        slots = Array(repeating: Slot(), count: count)
        storage = Array(repeating: 0, count: count * size)
        self.size = size
        self.limit = limit
    }

    /// How many packets wait.
    var count: Int { slots.reduce(0) { $0 + ($1.owner == nil ? 0 : 1) } }

    /// Keeps a packet of `length` bytes for `owner`, in place of `owner`'s oldest when it has its share, and of the oldest of all when
    /// every buffer is taken (RFC 1122 section 2.3.2.2: the latest packet is the one to keep).
    /// - Returns: false, and `fill` was not called, when the packet is longer than a buffer.
    mutating func keep(_ length: Int, for owner: IPv4Address, _ fill: (inout MutableRawSpan) -> Void) -> Bool {
        guard length <= size, let index = place(for: owner) else { return false }
        order += 1
        slots[index] = Slot(owner: owner, length: length, order: order)
        let start = index * size
        var span = storage.mutableSpan
        var bytes = unsafe span.mutableBytes
        var packet = bytes._mutatingExtracting(start..<start + length)
        fill(&packet)
        return true
    }

    /// Gives the packets for `owner`, oldest first, to `consume`, and forgets them.
    mutating func release(for owner: IPv4Address, _ consume: (RawSpan) -> Void) {
        while let index = oldest(for: owner) {
            slots[index].owner = nil
            unsafe consume(storage.span.bytes.extracting(index * size..<index * size + slots[index].length))
        }
    }

    private func place(for owner: IPv4Address) -> Int? {
        var share = 0
        for slot in slots where slot.owner == owner { share += 1 }
        if share >= limit { return oldest(for: owner) }
        for index in slots.indices where slots[index].owner == nil { return index }
        return oldest(for: nil)
    }

    private func oldest(for owner: IPv4Address?) -> Int? {
        var found: Int?
        for index in slots.indices where slots[index].owner != nil && (owner == nil || slots[index].owner == owner) {
            if let best = found, slots[best].order < slots[index].order { continue }
            found = index
        }
        return found
    }
}
