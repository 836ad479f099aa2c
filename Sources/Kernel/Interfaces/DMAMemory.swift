/// Memory that the processor and a device both reach, while no cache keeps the two views equal.
///
/// No master on this board sees the processor's caches. Ownership of the bytes alternates, and whoever hands them over
/// says so: `clean` before the device reads, `invalidate` before the device writes (so that no dirty line is
/// evicted over its data) and again after it has written, before the processor reads (the processor prefetches
/// into cacheable memory at will). Tests run on memory that shows each side only what it would see on the board:
/// a forgotten or misplaced call fails a test.
///
/// Both calls work on whole cache lines of 64 bytes; a range that ends inside a line takes in the rest of it.
/// The memory starts on a line and owns its last line whole, so no neighbour is touched.
public protocol DMAMemory {
    /// The processor's view. Valid as long as the memory is; its owner frees it.
    var bytes: UnsafeMutableRawBufferPointer { get }

    /// Where the device finds byte 0: a physical address, before any translation that a bus of the board makes.
    var physicalAddress: UInt64 { get }

    /// Writes the processor's view of `range` back to memory, complete before any later access to a device
    /// register. Afterwards the device sees it.
    func clean(_ range: Range<Int>)

    /// Drops the processor's view of `range`: later loads see what lies in memory. Bytes the processor wrote and
    /// did not clean may be lost.
    func invalidate(_ range: Range<Int>)
}
