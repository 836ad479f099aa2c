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
}
