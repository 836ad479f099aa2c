import Boot
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

    /// Maps all memory that the firmware reports and gives it to the heap. Without an answer it stays at what `addFirst` gave.
    static func addRest() {
        guard
            let low = try? Board.askFirmware({ firmware throws(DeviceError) in try firmware.armMemory() }),
            low.lowerBound == 0, low.upperBound <= MemoryMap.gigabyte
        else { return }
        add(from: UInt64(MemoryMap.firstMemoryEnd), to: low.upperBound)
        let revision = try? Board.askFirmware { firmware throws(DeviceError) in try firmware.boardRevision() }
        guard let size = revision?.memorySize, size > MemoryMap.gigabyte else { return }
        add(from: MemoryMap.gigabyte, to: min(size, MemoryMap.devicesStart))
        if size > MemoryMap.devicesEnd { add(from: MemoryMap.devicesEnd, to: size) }
    }

    private static func add(from start: UInt64, to end: UInt64) {
        let end = end & ~UInt64(block - 1)
        guard start < end else { return }
        // What could not be mapped for want of pages for tables is not given away either.
        if unsafe apus_map(start, start, end - start, APUS_READ_WRITE, { unsafe Memory.clearedPage() }) {
            Memory.add(start: UInt(start), end: UInt(end))
        }
    }
}
