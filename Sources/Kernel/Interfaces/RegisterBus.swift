/// A window onto the registers of one device: the only way a driver touches hardware.
///
/// On the board this is the device's memory-mapped block, in tests a model of the device. Every access is a single
/// aligned 32-bit load or store, in program order with the others through the same window; the compiler neither
/// merges nor drops one. Offsets are bytes from the start of the block and a multiple of four.
public protocol RegisterBus {
    /// Reads the register at `offset`. Reading may change the device (FIFOs, clear-on-read).
    func read(_ offset: Int) -> UInt32

    /// Writes `value` to the register at `offset`.
    func write(_ value: UInt32, at offset: Int)

    /// Reads the register at `offset`, or nil when nothing answers there. A device that is absent makes the bus
    /// abort the access; this read survives it. Slow: for the first touch of a device, once.
    func probe(_ offset: Int) -> UInt32?
}
