import Boot
import DeviceTree
import Interfaces
import Mailbox
import Runtime

/// The board's memory: finding it, mapping it, giving it to the heap.
enum PhysicalMemory {
    /// Blocks of the page tables: what the device tree lies in is kept as a whole.
    private static let block: UInt = 2 << 20

    /// Gives the heap what the boot code has mapped, except the device tree.
    static func addFirst() {
        let tree = UInt(apus_device_tree_address()) & ~(block - 1)
        if tree == 0 || tree >= MemoryMap.firstMemoryEnd {
            return Memory.add(start: MemoryMap.heapStart, end: MemoryMap.firstMemoryEnd)
        }
        // At most a megabyte (boot protocol), so at most two blocks.
        Memory.add(start: MemoryMap.heapStart, end: tree)
        Memory.add(start: tree + 2 * block, end: MemoryMap.firstMemoryEnd)
    }

    /// Maps the rest of the memory and gives it to the heap: what the device tree says, or the firmware when the loader passed
    /// no tree. Without either it stays at what `addFirst` gave.
    static func addRest() {
        if let tree = deviceTree() {
            for region in tree.usableMemory(blockSize: UInt64(block)) { add(from: region.start, to: region.end) }
            return
        }
        guard
            let low = try? Board.askFirmware({ firmware throws(DeviceError) in try firmware.armMemory() }),
            low.lowerBound == 0, low.upperBound <= MemoryMap.gigabyte
        else { return }
        add(from: 0, to: low.upperBound)
        // The firmware's answer ends with the first gigabyte; the board's revision knows the whole.
        let revision = try? Board.askFirmware { firmware throws(DeviceError) in try firmware.boardRevision() }
        if let size = revision?.memorySize, size > MemoryMap.gigabyte { add(from: MemoryMap.gigabyte, to: size) }
    }

    /// The device tree that the loader passed, or nil without one that can be read.
    static func deviceTree() -> DeviceTree? {
        let address = UInt(apus_device_tree_address())
        guard address != 0 else { return nil }
        let mapped = 2 * block - address % block
        return unsafe try? DeviceTree(
            UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: Int(mapped)))
    }

    private static func add(from start: UInt64, to end: UInt64) {
        guard start < end else { return }
        for piece in pieces(of: start..<end, deviceTree: apus_device_tree_address()) {
            let size = piece.upperBound - piece.lowerBound
            // What could not be mapped for want of pages for tables is not given away either.
            if unsafe apus_map(
                piece.lowerBound, piece.lowerBound, size, APUS_READ_WRITE, { unsafe Memory.clearedPage() })
            {
                Memory.add(start: UInt(piece.lowerBound), end: UInt(piece.upperBound))
            }
        }
    }

    /// What of `range` becomes the heap's besides what it had from the first moment on: whole blocks, without the devices'
    /// addresses and without the two blocks that the device tree at `deviceTree` (0 for none) may lie in.
    static func pieces(of range: Range<UInt64>, deviceTree: UInt64) -> [Range<UInt64>] {
        let block = UInt64(block)
        let tree = deviceTree & ~(block - 1)
        let holes = [
            0..<UInt64(MemoryMap.firstMemoryEnd),
            tree..<(tree + (deviceTree == 0 ? 0 : 2 * block)),
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
