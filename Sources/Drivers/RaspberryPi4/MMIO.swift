import Boot
import Interfaces

/// The registers of a device at their place in memory.
public struct MMIO: RegisterBus, Sendable {
    /// The physical address of the block.
    public let base: UInt

    /// The block that begins at physical address `base`, which the page tables map as device memory.
    public init(_ base: UInt) { self.base = base }

    /// Reads the register at `offset`.
    public func read(_ offset: Int) -> UInt32 { apus_load_register(base + UInt(offset)) }

    /// Writes the register at `offset`.
    public func write(_ value: UInt32, at offset: Int) { apus_store_register(base + UInt(offset), value) }

    /// Reads the register at `offset`, or nil when the bus aborts. From tasks only.
    public func probe(_ offset: Int) -> UInt32? {
        var value: UInt32 = 0
        return unsafe apus_probe_load(base + UInt(offset), &value) ? value : nil
    }
}
