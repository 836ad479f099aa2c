import Testing

@testable import Runtime

/// A heap over memory of its own.
final class TestMemory {
    let base: UnsafeMutableRawPointer
    var heap: Heap

    init(arenas: Int) {
        base = .allocate(byteCount: (arenas + 1) * Heap.arenaSize, alignment: Heap.arenaSize)
        let start = UInt(bitPattern: base)
        heap = Heap(origin: start)
        heap.add(start: start, end: start + UInt(arenas * Heap.arenaSize))
    }

    func allocate(_ size: Int, alignment: Int = 16, zone: Heap.Zone = .any) -> UnsafeMutableRawPointer? {
        heap.allocate(size, alignment: alignment, zone: zone)
    }

    deinit { base.deallocate() }
}

@Suite struct HeapTests {
    @Test func `runs of free pages are found where looking at one page after the other finds them`() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<400 {
            var header = ArenaHeader()
            var isFree = [Bool](repeating: true, count: Heap.pagesPerArena)
            // From almost empty to almost full.
            for page in 0..<Heap.pagesPerArena where Int.random(in: 0..<400, using: &random) < round {
                header.mark(page, 1, free: false)
                isFree[page] = false
            }
            for count in [1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 63, 64, 65, 100, 400] {
                for alignment in [1, 2, 4, 16, 32, 64, 128] {
                    let starts = stride(from: 0, through: Heap.pagesPerArena - count, by: alignment)
                    let expected = starts.first { start in isFree[start..<start + count].allSatisfy { $0 } }
                    let found = header.firstFree(count, alignment: alignment)
                    #expect(found == expected, "\(count) pages on multiples of \(alignment), round \(round)")
                }
            }
        }
    }

    @Test func `a heap without memory has nothing to give`() {
        var heap = Heap(origin: 0)
        let small = heap.allocate(16, alignment: 16)
        let large = heap.allocate(100_000, alignment: 16)
        #expect(small == nil)
        #expect(large == nil)
    }

    @Test(arguments: [1, 15, 16, 17, 100, 128, 129, 1000, 2047, 2048, 2049, 4096, 5000, 1 << 20, 3 << 20])
    func `a block holds its size, is aligned and can be given back`(size: Int) throws {
        let memory = TestMemory(arenas: 4)
        for alignment in [8, 16, 64, 256, 4096] where alignment <= 4096 && (alignment <= 16 || size < 1 << 20) {
            let block = try #require(memory.allocate(size, alignment: alignment))
            #expect(Int(bitPattern: block) % alignment == 0)
            #expect(memory.heap.usableSize(block) >= size)
            block.initializeMemory(as: UInt8.self, repeating: 0xa5, count: size)
            memory.heap.free(block)
        }
        #expect(memory.heap.statistics.inUse == 0)
        #expect(memory.heap.statistics.allocations == memory.heap.statistics.frees)
    }

    @Test func `every size has a class that wastes at most a quarter`() throws {
        for size in 1...SizeClass.largest {
            let index = try #require(SizeClass.index(size: size, alignment: 16))
            #expect(SizeClass.size(index) >= size)
            #expect(SizeClass.size(index) <= max(size + 15, size * 5 / 4 + 1))
        }
        #expect(SizeClass.size(SizeClass.count - 1) == SizeClass.largest)
    }

    @Test(arguments: 0..<8)
    func `random use never hands out the same byte twice`(seed: UInt64) {
        let memory = TestMemory(arenas: 8)
        var random = SplitMix(seed)
        var blocks: [(UnsafeMutableRawPointer, Int, UInt8)] = []
        for step in 0..<20_000 {
            if random.next() % 5 < 3 || blocks.isEmpty {
                let size = random.next() % 50 == 0 ? Int(random.next() % 300_000) : Int(random.next() % 1500) + 1
                guard let block = memory.allocate(size) else { continue }
                let mark = UInt8(truncatingIfNeeded: step)
                block.initializeMemory(as: UInt8.self, repeating: mark, count: size)
                blocks.append((block, size, mark))
            } else {
                let (block, size, mark) = blocks.remove(at: Int(random.next() % UInt64(blocks.count)))
                let bytes = UnsafeRawBufferPointer(start: block, count: size)
                #expect(bytes.first == mark && bytes.last == mark && bytes[size / 2] == mark)
                memory.heap.free(block)
            }
        }
        for (block, _, _) in blocks { memory.heap.free(block) }
        #expect(memory.heap.statistics.inUse == 0)
    }

    @Test func `everything given back can be taken again as one piece`() throws {
        let memory = TestMemory(arenas: 3)
        var blocks: [UnsafeMutableRawPointer] = []
        while let block = memory.allocate(48) { blocks.append(block) }
        #expect(blocks.count > 3 * 500 * 60)
        for block in blocks { memory.heap.free(block) }
        // One slab of the class stays; the other two arenas are whole again.
        let large = try #require(memory.allocate(2 * Heap.arenaSize - 8 * Heap.pageSize))
        memory.heap.free(large)
    }

    @Test func `exhaustion is an answer, is counted, and passes`() throws {
        let memory = TestMemory(arenas: 2)
        let all = try #require(
            memory.allocate(2 * Heap.arenaSize - 8 * Heap.pageSize) ?? memory.allocate(Heap.arenaSize / 2))
        #expect(memory.allocate(4 * Heap.arenaSize) == nil)
        #expect(memory.heap.statistics.failures >= 1)
        memory.heap.free(all)
        #expect(memory.allocate(Heap.arenaSize / 2) != nil)
    }

    @Test func `memory for devices lies in the first gigabyte`() throws {
        let memory = TestMemory(arenas: 600)
        let block = try #require(memory.allocate(100, alignment: 64, zone: .reachableByDevices))
        #expect(UInt(bitPattern: block) - UInt(bitPattern: memory.base) < Heap.deviceReach)
        let other = try #require(memory.allocate(1 << 20, alignment: 4096))
        #expect(UInt(bitPattern: other) > UInt(bitPattern: block))
    }

    @Test func `giving a small block back twice is caught`() async {
        await #expect(processExitsWith: .failure) {
            let memory = TestMemory(arenas: 2)
            let block = memory.allocate(64)!
            _ = memory.allocate(64)
            memory.heap.free(block)
            memory.heap.free(block)
        }
    }

    @Test func `giving back what lies inside a block is caught`() async {
        await #expect(processExitsWith: .failure) {
            let memory = TestMemory(arenas: 2)
            memory.heap.free(memory.allocate(64)! + 8)
        }
    }

    @Test func `giving back foreign memory is caught`() async {
        await #expect(processExitsWith: .failure) {
            let memory = TestMemory(arenas: 2)
            memory.heap.free(UnsafeMutableRawPointer(bitPattern: 0x1000)!)
        }
    }

    @Test func `in debug builds a write behind a block is caught when it is given back`() async {
        await #expect(processExitsWith: .failure) {
            let memory = TestMemory(arenas: 2)
            let block = memory.allocate(20)!
            block.storeBytes(of: 1, toByteOffset: 20, as: UInt8.self)
            memory.heap.free(block)
        }
    }

    @Test func `in debug builds a write into a free block is caught when it is handed out again`() async {
        await #expect(processExitsWith: .failure) {
            let memory = TestMemory(arenas: 2)
            let block = memory.allocate(20)!
            memory.heap.free(block)
            block.storeBytes(of: 1, toByteOffset: 3, as: UInt8.self)
            for _ in 0..<200 { _ = memory.allocate(20) }
        }
    }
}

/// Random numbers that are the same for the same seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
