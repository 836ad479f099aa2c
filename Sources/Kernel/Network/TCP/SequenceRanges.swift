/// Disjoint ranges of sequence numbers in ascending order, never touching each other, at most `capacity` of them.
///
/// The receiver keeps here what arrived ahead of a gap, the sender what its peer has reported by SACK. All ranges lie
/// within 2^31 octets of each other; the owner sees to that by refusing what is outside its window.
struct SequenceRanges {
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

    private var ranges = InlineArray<32, SequenceRange>(
        repeating: SequenceRange(SequenceNumber(0), SequenceNumber(0)))
    /// How many ranges there are.
    private(set) var count = 0

    /// Whether there is none.
    var isEmpty: Bool { count == 0 }
    /// Octets in all ranges.
    private(set) var octets = 0

    /// The range at `index`, counted from the lowest.
    subscript(index: Int) -> SequenceRange {
        precondition(index < count, "SequenceRanges: index out of range")
        return ranges[index]
    }

    /// Forgets everything.
    mutating func removeAll() {
        count = 0
        octets = 0
    }

    /// Adds `new`, joining what it touches.
    mutating func insert(_ new: SequenceRange) -> Insertion {
        guard new.count > 0 else { return .known }
        var low = 0
        while low < count, ranges[low].end < new.start { low += 1 }
        var high = low
        var merged = new
        var covered = 0
        while high < count, ranges[high].start <= new.end {
            let range = ranges[high]
            if range.start <= new.start, range.end >= new.end { return .known }
            merged = SequenceRange(.earlier(merged.start, range.start), .later(merged.end, range.end))
            covered += range.count
            high += 1
        }
        if high == low, count == Self.capacity { return .full }
        replace(low, high, with: merged)
        octets += merged.count - covered
        return .added
    }

    /// Puts `range` in place of those from `low` up to, and without, `high`.
    private mutating func replace(_ low: Int, _ high: Int, with range: SequenceRange) {
        if high == low {
            var index = count
            while index > low {
                ranges[index] = ranges[index - 1]
                index -= 1
            }
            count += 1
        } else if high - low > 1 {
            var index = high
            while index < count {
                ranges[index - (high - low - 1)] = ranges[index]
                index += 1
            }
            count -= high - low - 1
        }
        ranges[low] = range
    }

    /// Forgets the octets before `limit`.
    mutating func remove(before limit: SequenceNumber) {
        var gone = 0
        while gone < count, ranges[gone].end <= limit {
            octets -= ranges[gone].count
            gone += 1
        }
        if gone > 0 {
            count -= gone
            for index in 0..<count { ranges[index] = ranges[index + gone] }
        }
        if count > 0, ranges[0].start < limit {
            octets -= limit - ranges[0].start
            ranges[0].start = limit
        }
    }

    /// The range that holds `number`, if one does.
    func range(containing number: SequenceNumber) -> SequenceRange? {
        for index in 0..<count where ranges[index].contains(number) { return ranges[index] }
        return nil
    }

    /// Where the first range behind `number` begins, if there is one.
    func start(after number: SequenceNumber) -> SequenceNumber? {
        for index in 0..<count where ranges[index].start > number { return ranges[index].start }
        return nil
    }

    /// How many octets of `window` are in the ranges.
    func octets(in window: SequenceRange) -> Int {
        var sum = 0
        for index in 0..<count {
            let start = SequenceNumber.later(ranges[index].start, window.start)
            let end = SequenceNumber.earlier(ranges[index].end, window.end)
            if end > start { sum += end - start }
        }
        return sum
    }
}
