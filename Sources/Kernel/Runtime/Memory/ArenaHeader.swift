/// The start of an arena: which of its pages are free, then their records.
struct ArenaHeader {
    /// The records begin this many records' sizes after the header: behind the bits, on a multiple of their stride.
    static let recordOffset = 2

    /// A bit for each page, set when it is free.
    private var freeBits: InlineArray<8, UInt64>

    /// Everything free.
    init() { freeBits = InlineArray(repeating: .max) }

    /// The first of `count` free pages in a row that begin on a multiple of `alignment`, a power of two, or nil.
    ///
    /// Mutating only so that the bits are looked at where they lie: otherwise each look at one word would copy all of them.
    mutating func firstFree(_ count: Int, alignment: Int) -> Int? {
        if count == 1, alignment == 1 {
            for word in 0..<8 where freeBits[word] != 0 { return word * 64 + freeBits[word].trailingZeroBitCount }
            return nil
        }
        if count > 64 { return firstFreeOfMany(count, alignment: alignment) }
        // In a word, the places at which a run may begin.
        let places: UInt64 = alignment >= 64 ? 1 : UInt64.max / ((1 << UInt64(alignment)) - 1)
        for word in 0..<8 where freeBits[word] != 0 {
            guard alignment <= 64 || (word * 64) & (alignment - 1) == 0 else { continue }
            let starts = runStarts(of: count, in: word) & places
            if starts != 0 { return word * 64 + starts.trailingZeroBitCount }
        }
        return nil
    }

    /// A bit for each page of `word` from which on `count` pages are free, up to 64: a run of n and another one s pages further on,
    /// s being n at most, are a run of n + s.
    private mutating func runStarts(of count: Int, in word: Int) -> UInt64 {
        var (low, high) = (freeBits[word], word < 7 ? freeBits[word + 1] : 0)
        var length = 1
        while length < count {
            let step = UInt64(min(length, count - length))
            low &= low >> step | high << (64 - step)
            high &= high >> step
            length += Int(step)
        }
        return low
    }

    private mutating func firstFreeOfMany(_ count: Int, alignment: Int) -> Int? {
        var start = 0
        while start + count <= Heap.pagesPerArena {
            var length = 0
            while length < count, isFree(start + length) { length += 1 }
            if length == count { return start }
            start = (start + length + alignment) & ~(alignment - 1)
        }
        return nil
    }

    /// Marks `count` pages from `first` on.
    mutating func mark(_ first: Int, _ count: Int, free: Bool) {
        for page in first..<(first + count) {
            let bit: UInt64 = 1 << UInt64(page & 63)
            if free { freeBits[page >> 6] |= bit } else { freeBits[page >> 6] &= ~bit }
        }
    }

    private mutating func isFree(_ page: Int) -> Bool { freeBits[page >> 6] >> UInt64(page & 63) & 1 == 1 }
}
