/// The start of an arena: which of its pages are free, then their records.
struct ArenaHeader {
    /// The records begin this many records' sizes after the header: behind the bits, on a multiple of their stride.
    static let recordOffset = 2

    /// A bit for each page, set when it is free.
    private var freeBits: InlineArray<8, UInt64>

    /// Everything free.
    init() { freeBits = InlineArray(repeating: .max) }

    /// The first of `count` free pages in a row that begin on a multiple of `alignment`, or nil.
    func firstFree(_ count: Int, alignment: Int) -> Int? {
        if count == 1, alignment == 1 {
            for word in 0..<8 where freeBits[word] != 0 { return word * 64 + freeBits[word].trailingZeroBitCount }
            return nil
        }
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

    private func isFree(_ page: Int) -> Bool { freeBits[page >> 6] >> UInt64(page & 63) & 1 == 1 }
}
