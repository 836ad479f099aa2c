/// Dynamic memory: size classes for small objects, runs of pages for large ones.
///
/// Memory comes in arenas of 2 MiB, aligned to their size. The first pages of an arena hold a record for each of its
/// pages, so the record of any address is found by masking. Small objects share pages (slabs) of one size class, in
/// which a bitmap says what is free: giving back twice, or something that was never handed out, is noticed at once and
/// costs nothing. A run larger than an arena takes whole neighbours.
///
/// Invariants: `states` tells of each arena whether it is the heap's and how many of its pages are free; every slab with
/// a free object is in the list of its class; a page number counts from `origin`.
/// Not for interrupt handlers, and one core at a time.
@safe
struct Heap: ~Copyable {
    static let pageSize = 4096
    static let arenaSize = 2 << 20
    static let pagesPerArena = arenaSize / pageSize
    /// Arenas in the address space of the largest board's memory, 8 GiB.
    static let maximumArenas = 4096
    /// Pages of an arena that hold its map and its records.
    static let headerPages =
        (MemoryLayout<PageRecord>.stride * (ArenaHeader.recordOffset + pagesPerArena) + pageSize - 1) / pageSize
    /// Bytes in front of the address that devices of the old masters can reach: the first gigabyte.
    static let deviceReach: UInt = 1 << 30

    /// Where memory may come from.
    enum Zone {
        case any
        case reachableByDevices
    }

    /// What `states` says of an arena, besides a number of free pages.
    private enum ArenaState {
        static let foreign = UInt16.max
        static let untouched = UInt16.max - 1
    }

    /// The states of all arenas, then the heads of the slab lists: behind the header of the first arena that was added.
    private var states: UnsafeMutablePointer<UInt16>?
    private var partial: UnsafeMutablePointer<UInt32>?
    private let origin: UInt
    private var arenaLimit = 0
    /// The arena that last had a free page.
    private var hint = 0
    private(set) var statistics = HeapStatistics()

    /// An empty heap for memory from `origin` on, a multiple of the arena size.
    init(origin: UInt) { self.origin = origin }

    // MARK: - Giving memory to the heap

    /// Hands `start..<end` to the heap for good; it uses the whole arenas in it. Nothing is touched until it is used,
    /// except in the first arena ever added.
    mutating func add(start: UInt, end: UInt) {
        let mask = UInt(Heap.arenaSize - 1)
        var address = (start + mask) & ~mask
        while address + UInt(Heap.arenaSize) <= end {
            let index = Int(bitPattern: (address - origin) / UInt(Heap.arenaSize))
            guard index < Heap.maximumArenas else { return }
            if unsafe states == nil {
                prepareTables(in: address, index: index)
            } else if unsafe states![index] == ArenaState.foreign {
                unsafe states![index] = ArenaState.untouched
            } else {
                address += UInt(Heap.arenaSize)
                continue
            }
            statistics.capacity += UInt64(Heap.arenaSize)
            arenaLimit = max(arenaLimit, index + 1)
            address += UInt(Heap.arenaSize)
        }
    }

    private mutating func prepareTables(in arena: UInt, index: Int) {
        let tableSize = Heap.maximumArenas * MemoryLayout<UInt16>.size + SizeClass.count * MemoryLayout<UInt32>.size
        let tablePages = (tableSize + Heap.pageSize - 1) / Heap.pageSize
        let table = arena + UInt(Heap.headerPages * Heap.pageSize)
        let states = unsafe UnsafeMutablePointer<UInt16>(bitPattern: table)!
        unsafe states.initialize(repeating: ArenaState.foreign, count: Heap.maximumArenas)
        let partial = unsafe UnsafeMutableRawPointer(states + Heap.maximumArenas).bindMemory(
            to: UInt32.self, capacity: SizeClass.count)
        unsafe partial.initialize(repeating: 0, count: SizeClass.count)
        unsafe self.states = states
        unsafe self.partial = partial
        unsafe states[index] = ArenaState.untouched
        hint = index
        openArena(index)
        _ = unsafe takePages(tablePages, alignment: 1, in: index)
    }

    // MARK: - Pages

    /// `count` pages in a row, the first on a multiple of `alignment` pages (a power of two, at most an arena).
    mutating func allocatePages(_ count: Int, alignment: Int = 1, zone: Zone = .any) -> UnsafeMutableRawPointer? {
        guard unsafe states != nil, count > 0, alignment <= Heap.pagesPerArena / 2 else { return nil }
        if count > Heap.pagesPerArena - Heap.headerPages {
            return alignment == 1 ? unsafe allocateArenas(pages: count, zone: zone) : nil
        }
        if zone == .any, let pages = unsafe takePages(count, alignment: alignment, in: hint) { return unsafe pages }
        let limit = limit(of: zone)
        for step in 0..<limit {
            // Memory that every device reaches is scarce: whoever does not need it starts at the other end.
            let index = zone == .any ? limit - 1 - step : step
            if let pages = unsafe takePages(count, alignment: alignment, in: index) {
                if zone == .any { hint = index }
                return unsafe pages
            }
        }
        return unsafe failed()
    }

    private mutating func limit(of zone: Zone) -> Int {
        zone == .any ? arenaLimit : min(arenaLimit, Int((Heap.deviceReach) / UInt(Heap.arenaSize)))
    }

    private mutating func takePages(_ count: Int, alignment: Int, in index: Int) -> UnsafeMutableRawPointer? {
        let state = unsafe states![index]
        guard state != ArenaState.foreign, state == ArenaState.untouched || Int(state) >= count else { return nil }
        if state == ArenaState.untouched { openArena(index) }
        let header = unsafe header(index)
        guard let first = unsafe header.pointee.firstFree(count, alignment: alignment) else { return nil }
        unsafe header.pointee.mark(first, count, free: false)
        unsafe states![index] -= UInt16(count)
        let record = unsafe records(index) + first
        unsafe record.pointee = .unused
        unsafe record.pointee.kind = .run
        unsafe record.pointee.runLength = UInt32(count)
        statistics.committed += UInt64(count * Heap.pageSize)
        return unsafe UnsafeMutableRawPointer(bitPattern: address(of: index) + UInt(first * Heap.pageSize))
    }

    #if !hasFeature(Embedded)
        /// Called, by tests, where a function of the heap may touch a page of stack for the first time.
        nonisolated(unsafe) static var touch: (() -> Void)?
    #endif

    private mutating func openArena(_ index: Int) {
        #if !hasFeature(Embedded)
            unsafe Heap.touch?()
        #endif
        let header = unsafe header(index)
        unsafe header.pointee = ArenaHeader()
        unsafe header.pointee.mark(0, Heap.headerPages, free: false)
        unsafe records(index).initialize(repeating: .unused, count: Heap.pagesPerArena)
        unsafe states![index] = UInt16(Heap.pagesPerArena - Heap.headerPages)
        statistics.committed += UInt64(Heap.headerPages * Heap.pageSize)
    }

    private mutating func allocateArenas(pages count: Int, zone: Zone) -> UnsafeMutableRawPointer? {
        let needed = (count + Heap.headerPages + Heap.pagesPerArena - 1) / Heap.pagesPerArena
        var run = 0
        for index in 0..<(limit(of: zone)) {
            run = isEmpty(index) ? run + 1 : 0
            guard run == needed else { continue }
            let first = index + 1 - needed
            openArena(first)
            unsafe header(first).pointee.mark(0, Heap.pagesPerArena, free: false)
            for taken in first...index { unsafe states![taken] = 0 }
            let record = unsafe records(first) + Heap.headerPages
            unsafe record.pointee.kind = .run
            unsafe record.pointee.runLength = UInt32(needed * Heap.pagesPerArena - Heap.headerPages)
            statistics.committed += UInt64((needed * Heap.pagesPerArena - Heap.headerPages) * Heap.pageSize)
            return unsafe UnsafeMutableRawPointer(
                bitPattern: address(of: first) + UInt(Heap.headerPages * Heap.pageSize))
        }
        return unsafe failed()
    }

    private mutating func isEmpty(_ index: Int) -> Bool {
        let state = unsafe states![index]
        return state == ArenaState.untouched || Int(state) == Heap.pagesPerArena - Heap.headerPages
    }

    /// Takes back the run of pages that begins at `start`.
    mutating func freePages(_ start: UnsafeMutableRawPointer) {
        let (index, page) = unsafe place(of: start)
        let record = unsafe records(index) + page
        contract(unsafe record.pointee.kind == .run, "memory given back was handed out before, and only once")
        let count = unsafe Int(record.pointee.runLength)
        unsafe record.pointee.kind = .free
        statistics.committed -= UInt64(count * Heap.pageSize)
        guard count > Heap.pagesPerArena - Heap.headerPages else {
            unsafe header(index).pointee.mark(page, count, free: true)
            unsafe states![index] += UInt16(count)
            return
        }
        let arenas = (count + Heap.headerPages) / Heap.pagesPerArena
        statistics.committed -= UInt64(Heap.headerPages * Heap.pageSize)
        for freed in index..<(index + arenas) { unsafe states![freed] = ArenaState.untouched }
    }

    // MARK: - Blocks

    /// Memory for `size` bytes on a multiple of `alignment` (a power of two), or nil when there is none.
    mutating func allocate(_ size: Int, alignment: Int, zone: Zone = .any) -> UnsafeMutableRawPointer? {
        guard size <= Int.max - Heap.arenaSize else { return unsafe failed() }
        let asked = max(size, 1)
        let size = asked + HeapChecks.trailer
        var block: UnsafeMutableRawPointer?
        var taken = 0
        if zone == .any, let index = SizeClass.index(size: size, alignment: alignment) {
            unsafe block = allocateObject(index)
            taken = SizeClass.size(index)
        } else {
            let pages = (size + Heap.pageSize - 1) / Heap.pageSize
            unsafe block = allocatePages(pages, alignment: max(1, alignment / Heap.pageSize), zone: zone)
            if let block = unsafe block { taken = unsafe usableSize(block) }
        }
        guard let block = unsafe block else { return nil }
        statistics.allocations += 1
        statistics.inUse += UInt64(taken)
        statistics.peak = max(statistics.peak, statistics.inUse)
        if HeapChecks.isOn { unsafe HeapChecks.seal(block, size: asked, usable: taken) }
        return unsafe block
    }

    private mutating func failed() -> UnsafeMutableRawPointer? {
        statistics.failures += 1
        return nil
    }

    /// Takes back what `allocate` handed out.
    mutating func free(_ block: UnsafeMutableRawPointer) {
        let (index, page) = unsafe place(of: block)
        let record = unsafe records(index) + page
        statistics.frees += 1
        if HeapChecks.isOn, unsafe record.pointee.kind != .free {
            unsafe HeapChecks.verify(block, usable: usableSize(block))
        }
        switch unsafe record.pointee.kind {
        case .slab: unsafe freeObject(block, record, number: index * Heap.pagesPerArena + page)
        case .run:
            unsafe statistics.inUse -= UInt64(record.pointee.runLength) * UInt64(Heap.pageSize)
            unsafe freePages(block)
        default: violated("memory given back was handed out before, and only once")
        }
    }

    /// The bytes that the block at `block` really has.
    mutating func usableSize(_ block: UnsafeMutableRawPointer) -> Int {
        let (index, page) = unsafe place(of: block)
        let record = unsafe records(index) + page
        return unsafe record.pointee.kind == .slab
            ? SizeClass.size(Int(record.pointee.sizeClass)) : Int(record.pointee.runLength) * Heap.pageSize
    }

    private mutating func allocateObject(_ sizeClass: Int) -> UnsafeMutableRawPointer? {
        if unsafe partial == nil { return nil }
        var number = unsafe Int(partial![sizeClass])
        if number == 0 {
            guard let page = unsafe allocatePages(1) else { return nil }
            let (index, first) = unsafe place(of: page)
            number = index * Heap.pagesPerArena + first
            unsafe record(number).pointee.becomeSlab(sizeClass)
            unsafe partial![sizeClass] = UInt32(number)
            if HeapChecks.isOn { unsafe HeapChecks.fillFree(page, Heap.pageSize) }
        }
        let record = unsafe record(number)
        let object = unsafe record.pointee.takeObject()
        if unsafe record.pointee.freeCount == 0 { unsafe unlink(record) }
        let block = unsafe UnsafeMutableRawPointer(
            bitPattern: origin &+ UInt(bitPattern: number &* Heap.pageSize &+ object &* SizeClass.size(sizeClass)))
        if HeapChecks.isOn { unsafe HeapChecks.verifyFree(block!, SizeClass.size(sizeClass)) }
        return unsafe block
    }

    private mutating func freeObject(
        _ block: UnsafeMutableRawPointer, _ record: UnsafeMutablePointer<PageRecord>, number: Int
    ) {
        let sizeClass = unsafe Int(record.pointee.sizeClass)
        let size = SizeClass.size(sizeClass)
        let offset = Int(bitPattern: block) & (Heap.pageSize - 1)
        let object = offset / size
        contract(
            unsafe object * size == offset && record.pointee.putObject(object),
            "memory given back was handed out before, and only once")
        statistics.inUse -= UInt64(size)
        if HeapChecks.isOn { unsafe HeapChecks.fillFree(block, size) }
        if unsafe record.pointee.freeCount == 1 {
            unsafe link(record, number)
        } else if unsafe Int(record.pointee.freeCount) == Heap.pageSize / size,
            unsafe record.pointee.next != 0 || record.pointee.previous != 0
        {
            // The last object of a slab that is not the only one of its class: the page goes back.
            unsafe unlink(record)
            unsafe record.pointee.kind = .run
            unsafe record.pointee.runLength = 1
            unsafe freePages(UnsafeMutableRawPointer(bitPattern: origin + UInt(number * Heap.pageSize))!)
        }
    }

    // MARK: - The lists of slabs with free objects

    private mutating func link(_ record: UnsafeMutablePointer<PageRecord>, _ number: Int) {
        let sizeClass = unsafe Int(record.pointee.sizeClass)
        let head = unsafe partial![sizeClass]
        unsafe record.pointee.next = head
        unsafe record.pointee.previous = 0
        if head != 0 { unsafe self.record(Int(head)).pointee.previous = UInt32(number) }
        unsafe partial![sizeClass] = UInt32(number)
    }

    private mutating func unlink(_ record: UnsafeMutablePointer<PageRecord>) {
        let next = unsafe record.pointee.next
        let previous = unsafe record.pointee.previous
        if next != 0 { unsafe self.record(Int(next)).pointee.previous = previous }
        if previous != 0 {
            unsafe self.record(Int(previous)).pointee.next = next
        } else {
            unsafe partial![Int(record.pointee.sizeClass)] = next
        }
        unsafe record.pointee.next = 0
        unsafe record.pointee.previous = 0
    }

    // MARK: - Where things lie

    @inline(__always) private mutating func address(of index: Int) -> UInt { origin + UInt(index * Heap.arenaSize) }

    @inline(__always) private mutating func header(_ index: Int) -> UnsafeMutablePointer<ArenaHeader> {
        unsafe UnsafeMutablePointer(bitPattern: address(of: index))!
    }

    @inline(__always) private mutating func records(_ index: Int) -> UnsafeMutablePointer<PageRecord> {
        unsafe UnsafeMutablePointer(
            bitPattern: address(of: index) &+ UInt(MemoryLayout<PageRecord>.stride * ArenaHeader.recordOffset))!
    }

    @inline(__always) private mutating func record(_ number: Int) -> UnsafeMutablePointer<PageRecord> {
        unsafe records(number >> Heap.pagesPerArena.trailingZeroBitCount) + number & (Heap.pagesPerArena - 1)
    }

    /// Arena and page in it of an address that should be the heap's.
    @inline(__always) private mutating func place(of block: UnsafeMutableRawPointer) -> (arena: Int, page: Int) {
        let address = UInt(bitPattern: block)
        let offset = address &- origin
        let index = Int(bitPattern: offset / UInt(Heap.arenaSize))
        contract(
            unsafe address >= origin && index < arenaLimit && states != nil && states![index] < ArenaState.untouched,
            "memory given back was handed out before, and only once")
        return (index, Int(offset % UInt(Heap.arenaSize)) / Heap.pageSize)
    }
}
