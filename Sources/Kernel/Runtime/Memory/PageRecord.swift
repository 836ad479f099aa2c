/// What the heap knows about one page of 4 KiB, kept apart from the page at the start of its arena.
struct PageRecord {
    enum Kind: UInt8 {
        case free, slab, run
    }

    var kind: Kind
    /// Of a slab: which size class its objects have.
    var sizeClass: UInt8
    /// Of a slab: how many of its objects are free.
    var freeCount: UInt16
    /// Of the first page of a run: how many pages it has. It may reach into further arenas.
    var runLength: UInt32
    /// Of a slab with free objects: its neighbours in the list of such slabs; numbers of pages, 0 for none.
    var next: UInt32
    var previous: UInt32
    /// Of a slab: a bit for each object, set when it is free.
    var freeBits: (UInt64, UInt64, UInt64, UInt64)

    static var unused: PageRecord {
        PageRecord(
            kind: .free, sizeClass: 0, freeCount: 0, runLength: 0, next: 0, previous: 0, freeBits: (0, 0, 0, 0))
    }

    /// Makes the page a slab of free objects.
    mutating func becomeSlab(_ sizeClass: Int) {
        let objects = Heap.pageSize / SizeClass.size(sizeClass)
        self = .unused
        kind = .slab
        self.sizeClass = UInt8(sizeClass)
        freeCount = UInt16(objects)
        freeBits = (ones(objects), ones(objects - 64), ones(objects - 128), ones(objects - 192))
    }

    private func ones(_ count: Int) -> UInt64 { count >= 64 ? .max : count <= 0 ? 0 : 1 << UInt64(count) - 1 }

    /// Takes the first free object and returns its number. There must be one.
    @inline(__always) mutating func takeObject() -> Int {
        freeCount -= 1
        if freeBits.0 != 0 { return PageRecord.takeBit(&freeBits.0) }
        if freeBits.1 != 0 { return 64 + PageRecord.takeBit(&freeBits.1) }
        if freeBits.2 != 0 { return 128 + PageRecord.takeBit(&freeBits.2) }
        return 192 + PageRecord.takeBit(&freeBits.3)
    }

    /// Marks `object` as free. False, and no change, when it already was.
    @inline(__always) mutating func putObject(_ object: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(object & 63)
        let done =
            switch object >> 6 {
            case 0: PageRecord.putBit(&freeBits.0, bit)
            case 1: PageRecord.putBit(&freeBits.1, bit)
            case 2: PageRecord.putBit(&freeBits.2, bit)
            default: PageRecord.putBit(&freeBits.3, bit)
            }
        if done { freeCount += 1 }
        return done
    }

    private static func takeBit(_ word: inout UInt64) -> Int {
        let bit = word.trailingZeroBitCount
        word &= word &- 1
        return bit
    }

    private static func putBit(_ word: inout UInt64, _ bit: UInt64) -> Bool {
        guard word & bit == 0 else { return false }
        word |= bit
        return true
    }
}
