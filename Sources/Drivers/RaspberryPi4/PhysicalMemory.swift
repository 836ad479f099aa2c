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

    /// Adds what of `start..<end` was not there from the first moment on and is not where the devices lie.
    private static func add(from start: UInt64, to end: UInt64) {
        let start = max(start, UInt64(MemoryMap.firstMemoryEnd))
        if start < MemoryMap.devicesStart {
            map(start, min(end, MemoryMap.devicesStart))
            if end > MemoryMap.devicesEnd { map(MemoryMap.devicesEnd, end) }
        } else {
            map(max(start, MemoryMap.devicesEnd), end)
        }
    }

    private static func map(_ start: UInt64, _ end: UInt64) {
        let tree = apus_device_tree_address() & ~UInt64(block - 1)
        // The tree stays what it is; the boot code has mapped it, read-only.
        if tree >= UInt64(MemoryMap.firstMemoryEnd), start <= tree, tree < end {
            mapWhole(start, tree)
            return mapWhole(tree + 2 * UInt64(block), end)
        }
        mapWhole(start, end)
    }

    private static func mapWhole(_ start: UInt64, _ end: UInt64) {
        let end = end & ~UInt64(block - 1)
        guard start < end else { return }
        // What could not be mapped for want of pages for tables is not given away either.
        if unsafe apus_map(start, start, end - start, APUS_READ_WRITE, { unsafe Memory.clearedPage() }) {
            Memory.add(start: UInt(start), end: UInt(end))
        }
    }
}
