/// Reaches memory that belongs neither to the driver nor to the device: the buffers of the driver's callers.
///
/// What `DMAMemory` says about caches and about whose turn it is holds here as well. The difference is the neighbours: a buffer may
/// share its first and its last cache line with other data of its owner. A line that is shared may be cleaned, but never
/// invalidated: what was written beside the buffer would be lost. And a device never writes to one: what the processor
/// writes beside the buffer meanwhile would be evicted over it.
public protocol DMAMapping {
    /// Where a device finds the `count` bytes at `address`, before any translation that a bus of the board makes: one run
    /// of physical memory. Nil when they are none, as on the stack of a task; then the driver copies.
    func physicalAddress(of address: UnsafeRawPointer, count: Int) -> UInt64?

    /// Writes the processor's view of the `count` bytes at `address` back to memory, complete before any later access to
    /// a device register. Lines at both ends are taken whole.
    func clean(_ address: UnsafeRawPointer, count: Int)

    /// Drops the processor's view of the `count` bytes at `address`: later loads see memory, and what the processor wrote and
    /// did not clean is lost. Both ends lie at the ends of cache lines.
    func invalidate(_ address: UnsafeRawPointer, count: Int)
}

/// What of physical memory the devices on a bus reach, and under which addresses.
@frozen
public struct DMAWindow: Equatable, Sendable {
    /// The physical addresses that are reached.
    public let physical: Range<UInt64>
    /// Where devices find the first of them.
    public let bus: UInt64

    /// A window onto `physical`, whose beginning is at `bus` for devices.
    public init(physical: Range<UInt64>, bus: UInt64) {
        self.physical = physical
        self.bus = bus
    }

    /// Where a device that knows 32 bits of addresses finds the `count` bytes at `address`; nil when it does not reach all of
    /// them.
    public func busAddress(of address: UInt64, count: Int) -> UInt32? {
        guard address >= physical.lowerBound, address <= physical.upperBound,
            UInt64(count) <= physical.upperBound - address
        else { return nil }
        let start = bus + (address - physical.lowerBound)
        return start + UInt64(count) <= 1 << 32 ? UInt32(truncatingIfNeeded: start) : nil
    }
}
