import Interfaces

/// The TCP connections of a stack: found by key, by index, and by deadline.
///
/// Memory comes in chunks, when connections are opened and not on the way of a packet; it is kept for the next ones. Finding costs
/// O(1), a changed deadline O(log n) where it came closer and nothing where it moved away: an entry of the heap may be too early, and is
/// put right when its time has come.
@safe
struct ConnectionTable: ~Copyable {
    private static var chunkSize: Int { 16 }

    // Invariant behind each `unsafe`: `directory` holds the chunks for the indices below `allocated`, `live` as many marks, and a record is
    // initialised exactly while it is marked; `pointer` checks both. Only this value refers to any of them.
    private var directory: UnsafeMutablePointer<UnsafeMutablePointer<ConnectionRecord>>
    private var live: UnsafeMutablePointer<Bool>
    private var allocated: UInt32 = 0
    private var generations: [UInt32] = []
    private var free: [UInt32] = []
    private var buckets: [UInt32]
    private var heap: [UInt32] = []
    private let secret: UInt64
    /// The most connections there may be.
    let capacity: Int
    /// Connections there are.
    private(set) var count = 0

    init(capacity: Int, secret: UInt64) {
        let chunks = (max(capacity, 1) + Self.chunkSize - 1) / Self.chunkSize
        self.capacity = capacity
        self.secret = secret
        unsafe directory = .allocate(capacity: chunks)
        unsafe live = .allocate(capacity: chunks * Self.chunkSize)
        buckets = Array(repeating: ConnectionRecord.none, count: 64)
    }

    deinit {
        for index in 0..<allocated where unsafe live[Int(index)] { unsafe pointer(index).deinitialize(count: 1) }
        for chunk in 0..<Int(allocated) / Self.chunkSize { unsafe directory[chunk].deallocate() }
        unsafe directory.deallocate()
        unsafe live.deallocate()
    }

    // MARK: Access

    @inline(__always)
    private func pointer(_ index: UInt32) -> UnsafeMutablePointer<ConnectionRecord> {
        precondition(index < allocated && (unsafe live[Int(index)]), "NetworkStack: no such connection")
        return unsafe directory[Int(index / UInt32(Self.chunkSize))] + Int(index % UInt32(Self.chunkSize))
    }

    /// The connection at `index`; traps when there is none.
    subscript(index: UInt32) -> ConnectionRecord {
        @inline(__always)
        unsafeAddress { unsafe UnsafePointer(pointer(index)) }
        @inline(__always)
        unsafeMutableAddress { unsafe pointer(index) }
    }

    /// The index of `id`; nil when that connection is gone.
    func index(_ id: ConnectionID) -> UInt32? {
        guard id.index < allocated, unsafe live[Int(id.index)], generations[Int(id.index)] == id.generation else {
            return nil
        }
        return id.index
    }

    /// The name of the connection at `index`.
    func id(_ index: UInt32) -> ConnectionID { ConnectionID(index: index, generation: generations[Int(index)]) }

    /// The connection of `key`.
    @inline(__always)
    func find(_ key: FlowKey) -> UInt32? {
        var index = buckets[Int(key.hash(secret)) & (buckets.count - 1)]
        while index != ConnectionRecord.none {
            if self[index].key == key { return index }
            index = self[index].nextInBucket
        }
        return nil
    }

    /// Calls `body` with each index.
    func forEach(_ body: (UInt32) -> Void) {
        for index in 0..<allocated where unsafe live[Int(index)] { body(index) }
    }

    // MARK: Coming and going

    /// Takes in a connection; nil, and it is gone, when the table is full.
    mutating func insert(_ block: consuming TransmissionControlBlock, _ key: FlowKey) -> UInt32? {
        guard count < capacity else { return nil }
        if free.isEmpty { addChunk() }
        guard let index = free.popLast() else { return nil }
        count += 1
        unsafe live[Int(index)] = true
        unsafe pointer(index).initialize(to: ConnectionRecord(block, key))
        if count > buckets.count { rehash(buckets.count * 2) } else { link(index) }
        return index
    }

    /// Forgets the connection at `index`.
    mutating func remove(_ index: UInt32) {
        unlink(index)
        unschedule(index)
        unsafe pointer(index).deinitialize(count: 1)
        unsafe live[Int(index)] = false
        generations[Int(index)] &+= 1
        free.append(index)
        count -= 1
    }

    private mutating func addChunk() {
        unsafe (directory + Int(allocated) / Self.chunkSize).initialize(to: .allocate(capacity: Self.chunkSize))
        unsafe (live + Int(allocated)).initialize(repeating: false, count: Self.chunkSize)
        generations.append(contentsOf: repeatElement(0, count: Self.chunkSize))
        for offset in (0..<UInt32(Self.chunkSize)).reversed() { free.append(allocated + offset) }
        allocated += UInt32(Self.chunkSize)
        heap.reserveCapacity(Int(allocated))
    }

    private mutating func link(_ index: UInt32) {
        let bucket = Int(self[index].key.hash(secret)) & (buckets.count - 1)
        self[index].nextInBucket = buckets[bucket]
        buckets[bucket] = index
    }

    private mutating func unlink(_ index: UInt32) {
        let bucket = Int(self[index].key.hash(secret)) & (buckets.count - 1)
        let next = self[index].nextInBucket
        if buckets[bucket] == index {
            buckets[bucket] = next
            return
        }
        var before = buckets[bucket]
        while self[before].nextInBucket != index { before = self[before].nextInBucket }
        self[before].nextInBucket = next
    }

    private mutating func rehash(_ size: Int) {
        buckets = Array(repeating: ConnectionRecord.none, count: size)
        for index in 0..<allocated where unsafe live[Int(index)] { link(index) }
    }

    // MARK: Deadlines

    /// When to look at `dueIndex` next; `.never` when no connection waits for the time.
    var deadline: Instant { heap.isEmpty ? .never : self[heap[0]].scheduled }

    /// A connection whose time has come.
    func dueIndex(_ now: Instant) -> UInt32? {
        guard let first = heap.first, self[first].scheduled <= now else { return nil }
        return first
    }

    /// The connection at `index` is to be looked at by `deadline`.
    mutating func schedule(_ index: UInt32, at deadline: Instant) {
        if self[index].heapIndex < 0 {
            guard deadline != .never else { return }
            self[index].scheduled = deadline
            self[index].heapIndex = Int32(heap.count)
            heap.append(index)
            siftUp(heap.count - 1)
        } else if deadline < self[index].scheduled {
            self[index].scheduled = deadline
            siftUp(Int(self[index].heapIndex))
        }
    }

    /// The connection at `index`, whose time has come, is to be looked at at `deadline` instead.
    mutating func reschedule(_ index: UInt32, at deadline: Instant) {
        if deadline == .never { return unschedule(index) }
        self[index].scheduled = deadline
        siftDown(Int(self[index].heapIndex))
    }

    private mutating func unschedule(_ index: UInt32) {
        let place = Int(self[index].heapIndex)
        guard place >= 0 else { return }
        self[index].heapIndex = -1
        let last = heap.removeLast()
        guard last != index else { return }
        heap[place] = last
        self[last].heapIndex = Int32(place)
        siftUp(place)
        siftDown(Int(self[last].heapIndex))
    }

    private mutating func siftUp(_ start: Int) {
        var place = start
        let moving = heap[place]
        let time = self[moving].scheduled
        while place > 0 {
            let parent = (place - 1) / 2
            guard time < self[heap[parent]].scheduled else { break }
            put(heap[parent], at: place)
            place = parent
        }
        put(moving, at: place)
    }

    private mutating func siftDown(_ start: Int) {
        var place = start
        let moving = heap[place]
        let time = self[moving].scheduled
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, self[heap[child + 1]].scheduled < self[heap[child]].scheduled { child += 1 }
            guard self[heap[child]].scheduled < time else { break }
            put(heap[child], at: place)
            place = child
        }
        put(moving, at: place)
    }

    private mutating func put(_ index: UInt32, at place: Int) {
        heap[place] = index
        self[index].heapIndex = Int32(place)
    }
}
