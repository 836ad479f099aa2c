import Boot
import DeviceTree
import Interfaces
import Mailbox
import Runtime

/// The board's memory: finding it, mapping it, giving it to the heap.
enum PhysicalMemory {
    /// Blocks of the page tables: what the device tree lies in is kept as a whole.
    private static let block: UInt64 = 2 << 20
    /// What the firmware leaves the processor when it has lost its `fixup4.dat`: the rest is its own, whatever the board has.
    private static let unadjusted: UInt64 = 128 << 20

    /// Where the device tree lies that the loader passed; empty without one.
    static var tree: Range<UInt64> {
        let start = apus_device_tree_address()
        return start..<(start + apus_device_tree_size())
    }

    /// Gives the heap what the boot code has mapped, except the device tree.
    static func addFirst() {
        let end = UInt64(MemoryMap.firstMemoryEnd)
        let start = UInt64(MemoryMap.heapStart)
        let kept = blocks(of: tree)
        if kept.isEmpty || kept.lowerBound >= end || kept.upperBound <= start { return give(start, end) }
        give(start, kept.lowerBound)
        give(kept.upperBound, end)
    }

    private static func give(_ start: UInt64, _ end: UInt64) {
        if start < end { Memory.add(start: UInt(start), end: UInt(end)) }
    }

    /// The blocks that `range` lies in.
    private static func blocks(of range: Range<UInt64>) -> Range<UInt64> {
        (range.lowerBound & ~(block - 1))..<((range.upperBound + block - 1) & ~(block - 1))
    }

    /// Maps the rest of the memory and gives it to the heap: what the device tree says, or the firmware when the loader passed
    /// no tree, or one that says nothing of memory. Without either it stays at what `addFirst` gave.
    static func addRest() {
        if let regions = deviceTree()?.usableMemory(blockSize: block), !regions.isEmpty {
            for region in regions { add(region.start..<region.end) }
            return
        }
        guard let low = try? Board.askFirmware({ firmware throws(DeviceError) in try firmware.armMemory() }) else {
            return
        }
        let revision = try? Board.askFirmware { firmware throws(DeviceError) in try firmware.boardRevision() }
        for region in regions(armMemory: low, boardMemory: revision?.memorySize) { add(region) }
    }

    /// The memory there is by the firmware's answers: its part of the first gigabyte, where its answer ends, and what the board's
    /// revision knows beyond. Nothing where the answer makes no sense.
    static func regions(armMemory: Range<UInt64>, boardMemory: UInt64?) -> [Range<UInt64>] {
        guard armMemory.lowerBound == 0, armMemory.upperBound <= MemoryMap.gigabyte else { return [] }
        guard armMemory.upperBound > unadjusted, let size = boardMemory, size > MemoryMap.gigabyte else {
            return [armMemory]
        }
        return [armMemory, MemoryMap.gigabyte..<size]
    }

    /// The device tree that the loader passed, or nil without one that can be read.
    static func deviceTree() -> DeviceTree? {
        let tree = tree
        guard !tree.isEmpty else { return nil }
        return unsafe try? DeviceTree(
            UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(tree.lowerBound)), count: tree.count))
    }

    private static func add(_ range: Range<UInt64>) {
        for piece in pieces(of: range, deviceTree: tree) {
            let size = piece.upperBound - piece.lowerBound
            // What could not be mapped for want of pages for tables is not given away either.
            if unsafe apus_map(
                piece.lowerBound, piece.lowerBound, size, APUS_READ_WRITE, { unsafe Memory.clearedPage() })
            {
                give(piece.lowerBound, piece.upperBound)
            }
        }
    }

    /// What of `range` becomes the heap's besides what it had from the first moment on: whole blocks, without the devices'
    /// addresses and without the blocks that the device tree lies in.
    static func pieces(of range: Range<UInt64>, deviceTree: Range<UInt64>) -> [Range<UInt64>] {
        let holes = [
            0..<UInt64(MemoryMap.firstMemoryEnd),
            blocks(of: deviceTree),
            MemoryMap.devicesStart..<MemoryMap.devicesEnd,
        ]
        var pieces: [Range<UInt64>] = []
        var start = (range.lowerBound + block - 1) & ~(block - 1)
        let end = range.upperBound & ~(block - 1)
        while start < end {
            if let hole = holes.first(where: { $0.contains(start) }) {
                start = hole.upperBound
                continue
            }
            let next = holes.reduce(end) { $1.lowerBound > start ? min($0, $1.lowerBound) : $0 }
            pieces.append(start..<next)
            start = next
        }
        return pieces
    }
}
