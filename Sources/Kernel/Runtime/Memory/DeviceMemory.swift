import Boot
import Interfaces

/// Memory of the board that a device reaches: physical and virtual address are the same, the caches are kept out by
/// `clean` and `invalidate`.
@safe
public struct DeviceMemory: DMAMemory {
    /// The processor's view.
    public let bytes: UnsafeMutableRawBufferPointer

    init(bytes: UnsafeMutableRawBufferPointer) { unsafe self.bytes = unsafe bytes }

    /// The address of byte 0 on the memory bus.
    public var physicalAddress: UInt64 { unsafe UInt64(UInt(bitPattern: bytes.baseAddress)) }

    /// Writes `range` back to memory, ordered before every later access to a device.
    public func clean(_ range: Range<Int>) {
        check(range)
        unsafe apus_clean_cache(bytes.baseAddress! + range.lowerBound, range.count)
    }

    /// Drops the caches' view of `range`, ordered after every earlier access to a device and before every later load.
    public func invalidate(_ range: Range<Int>) {
        check(range)
        unsafe apus_invalidate_cache(bytes.baseAddress! + range.lowerBound, range.count)
    }

    /// What a driver maintains beyond its memory is somebody else's, whose bytes an invalidation loses. In images with `--checks`: it costs
    /// more than a tenth of what the driver of the Ethernet does for a frame.
    @inline(__always)
    private func check(_ range: Range<Int>) {
        #if DEBUG
            let isInside = unsafe range.lowerBound >= 0 && range.upperBound <= bytes.count
            precondition(isInside, "DeviceMemory: a range of another's memory")
        #endif
    }
}
