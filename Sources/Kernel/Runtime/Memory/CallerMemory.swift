import Boot
import Interfaces

/// The way of devices to the memory of whoever calls their driver: physical and virtual address are the same, except on the
/// stacks of tasks, which lie at addresses of their own.
public struct CallerMemory: DMAMapping, Sendable {
    /// The way.
    public init() {}

    /// The address itself, below the stacks.
    public func physicalAddress(of address: UnsafeRawPointer, count: Int) -> UInt64? {
        let start = UInt64(UInt(bitPattern: address))
        let stacks = apus_stack_arena()
        let end = stacks + StackArena.slotSize * UInt64(StackArena.slotCount)
        return start + UInt64(count) <= stacks || start >= end ? start : nil
    }

    /// Writes the bytes back to memory, ordered before every later access to a device.
    public func clean(_ address: UnsafeRawPointer, count: Int) { unsafe apus_clean_cache(address, count) }

    /// Drops the caches' view of the bytes, ordered after every earlier access to a device and before every later load.
    public func invalidate(_ address: UnsafeRawPointer, count: Int) { unsafe apus_invalidate_cache(address, count) }
}
