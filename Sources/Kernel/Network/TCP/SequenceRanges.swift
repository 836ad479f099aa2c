/// Disjoint ranges of sequence numbers in ascending order, never touching each other, at most `capacity` of them.
///
/// The receiver keeps here what arrived ahead of a gap, the sender what its peer has reported by SACK. All ranges lie
/// within 2^31 octets of each other; the owner sees to that by refusing what is outside its window. The memory comes with
/// the first range, since most connections never see a gap, and stays until `release`.
///
/// Invariants, on which each `unsafe` below rests: `storage` is nil or has `capacity` initialised ranges, only this value
/// refers to it, `deinit` frees it; `count` is at most `capacity`, and zero while `storage` is nil.
@safe
@usableFromInline
struct SequenceRanges: ~Copyable {
    /// What `insert` did.
    enum Insertion {
        /// Octets were added that were not there.
        case added
        /// All of it was there already.
        case known
        /// It would have been one range too many; nothing changed.
        case full
    }

    /// The most ranges kept.
    static let capacity = 32

    @usableFromInline
    var storage: UnsafeMutablePointer<SequenceRange>?
    /// How many ranges there are.
    private(set) var count = 0

    init() { unsafe storage = nil }

    @inlinable
    deinit { unsafe storage?.deallocate() }

    /// Whether there is none.
    @inline(__always)
    var isEmpty: Bool { count == 0 }

    /// Bytes of memory held now.
    @inline(__always)
    var footprint: Int { unsafe storage == nil ? 0 : Self.capacity * MemoryLayout<SequenceRange>.stride }

    /// The range at `index`, counted from the lowest.
    private(set) subscript(index: Int) -> SequenceRange {
        get {
            guard let storage = unsafe storage, index >= 0, index < count else {
                preconditionFailure("SequenceRanges: index out of range")
            }
            return unsafe storage[index]
        }
        set {
            guard let storage = unsafe storage, index >= 0, index < Self.capacity else {
                preconditionFailure("SequenceRanges: index out of range")
            }
            unsafe storage[index] = newValue
        }
    }

    /// Forgets everything.
    mutating func removeAll() { count = 0 }

    /// Gives the memory back. Only while there is no range.
    mutating func release() {
        precondition(count == 0, "SequenceRanges: released while it holds ranges")
        unsafe storage?.deallocate()
        unsafe storage = nil
    }

    private mutating func prepare() {
        guard unsafe storage == nil else { return }
        let new = UnsafeMutablePointer<SequenceRange>.allocate(capacity: Self.capacity)
        unsafe new.initialize(
            repeating: SequenceRange(SequenceNumber(0), SequenceNumber(0)), count: Self.capacity)
        unsafe storage = new
    }

    /// Adds `new`, joining what it touches.
    mutating func insert(_ new: SequenceRange) -> Insertion {
        guard new.count > 0 else { return .known }
        prepare()
        var low = 0
        while low < count, self[low].end < new.start { low += 1 }
        var high = low
        var merged = new
        while high < count, self[high].start <= new.end {
            let range = self[high]
            if range.start <= new.start, range.end >= new.end { return .known }
            merged = SequenceRange(.earlier(merged.start, range.start), .later(merged.end, range.end))
            high += 1
        }
        if high == low, count == Self.capacity { return .full }
        replace(low, high, with: merged)
        return .added
    }

    /// Puts `range` in place of those from `low` up to, and without, `high`.
    private mutating func replace(_ low: Int, _ high: Int, with range: SequenceRange) {
        if high == low {
            count += 1
            var index = count - 1
            while index > low {
                self[index] = self[index - 1]
                index -= 1
            }
        } else if high - low > 1 {
            var index = high
            while index < count {
                self[index - (high - low - 1)] = self[index]
                index += 1
            }
            count -= high - low - 1
        }
        self[low] = range
    }

    /// Forgets the octets before `limit`.
    mutating func remove(before limit: SequenceNumber) {
        guard count > 0 else { return }
        var gone = 0
        while gone < count, self[gone].end <= limit { gone += 1 }
        if gone > 0 {
            for index in gone..<count { self[index - gone] = self[index] }
            count -= gone
        }
        if count > 0, self[0].start < limit { self[0].start = limit }
    }

    /// The range that holds `number`, if one does.
    func range(containing number: SequenceNumber) -> SequenceRange? {
        for index in 0..<count where self[index].contains(number) { return self[index] }
        return nil
    }

    /// Where the first range behind `number` begins, if there is one.
    func start(after number: SequenceNumber) -> SequenceNumber? {
        for index in 0..<count where self[index].start > number { return self[index].start }
        return nil
    }

    /// How many octets of `window` are in the ranges.
    func octets(in window: SequenceRange) -> Int {
        var sum = 0
        for index in 0..<count {
            let start = SequenceNumber.later(self[index].start, window.start)
            let end = SequenceNumber.earlier(self[index].end, window.end)
            if end > start { sum += end - start }
        }
        return sum
    }
}
