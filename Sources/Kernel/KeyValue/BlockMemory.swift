import Interfaces

/// Memory that blocks are read into and written from. It starts on a cache line of 64 bytes, so that a driver can let its
/// device reach it.
///
/// Invariants, on which each `unsafe` below rests: `storage` was allocated by `init` with exactly `storage.count` bytes,
/// is initialised, is never replaced, and is freed by `deinit` alone; nothing that points into it outlives the call that
/// made it; ranges are checked by the slicing of `storage`.
@safe
final class BlockMemory {
    private let storage: UnsafeMutableRawBufferPointer

    /// Length in bytes.
    var count: Int { unsafe storage.count }

    /// `count` zero bytes.
    init(count: Int) {
        let allocated = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        unsafe allocated.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe storage = allocated
    }

    deinit { unsafe storage.deallocate() }

    /// Fills the bytes in `range` with blocks of `device` from `first` on.
    func fill(_ range: Range<Int>, from device: any BlockDevice, at first: UInt32) throws(BlockError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "BlockMemory: out of range")
        var span = unsafe MutableRawSpan(_unsafeBytes: UnsafeMutableRawBufferPointer(rebasing: storage[range]))
        try device.read(UInt64(first), into: &span)
    }

    /// Writes the bytes in `range` to blocks of `device` from `first` on.
    func write(_ range: Range<Int>, to device: any BlockDevice, at first: UInt32) throws(BlockError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "BlockMemory: out of range")
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: storage[range]))
        try device.write(UInt64(first), from: span)
    }

    /// Appends the bytes in `range` to `bytes`.
    func append(_ range: Range<Int>, to bytes: inout [UInt8]) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "BlockMemory: out of range")
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: storage[range]))
    }

    /// Copies the bytes of `source` in `range` to `offset`.
    func copy(_ source: [UInt8], _ range: Range<Int>, to offset: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= source.count, "BlockMemory: out of range")
        precondition(offset >= 0 && offset <= count - range.count, "BlockMemory: out of range")
        unsafe source.withUnsafeBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: storage[offset..<offset + range.count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    /// Makes the bytes in `range` zero.
    func clear(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "BlockMemory: out of range")
        for index in range { unsafe storage[index] = 0 }
    }
}
