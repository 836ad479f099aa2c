/// Memory that blocks are read into and written from: starts on a cache line of 64 bytes, so that a driver can let its device write it.
///
/// Invariants, on which each `unsafe` below rests: `storage` was allocated by `init` with exactly `storage.count` bytes,
/// is initialised, is never replaced, and is freed by `deinit` alone; nothing that points into it outlives the call
/// that made it; offsets are checked before they are used.
@safe
final class BlockBuffer {
    private let storage: UnsafeMutableRawBufferPointer

    /// Length in bytes.
    var count: Int { unsafe storage.count }

    /// A buffer of `count` zero bytes.
    init(count: Int) {
        let allocated = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        unsafe allocated.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe storage = allocated
    }

    deinit { unsafe storage.deallocate() }

    /// Hands out the first `length` bytes to be written, for the time of the call.
    func withMutableBytes<E: Error>(_ length: Int, _ body: (inout MutableRawSpan) throws(E) -> Void) throws(E) {
        precondition(length >= 0 && length <= count, "BlockBuffer: longer than the buffer")
        var span = unsafe MutableRawSpan(_unsafeBytes: UnsafeMutableRawBufferPointer(rebasing: storage[..<length]))
        try body(&span)
    }

    /// Copies the bytes from `offset` on into the whole of `destination`.
    func copy(from offset: Int, into destination: inout MutableRawSpan) {
        let length = destination.byteCount
        precondition(offset >= 0 && offset <= count && length <= count - offset, "BlockBuffer: copy past its end")
        unsafe destination.withUnsafeMutableBytes { target in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[offset..<offset + length]))
        }
    }

    /// Hands out the bytes of `range` to be read, for the time of the call.
    func withBytes<E: Error>(_ range: Range<Int>, _ body: (RawSpan) throws(E) -> Void) throws(E) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "BlockBuffer: longer than the buffer")
        try body(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: storage[range])))
    }

    /// Copies the whole of `source` to the bytes from `offset` on.
    func store(_ source: RawSpan, at offset: Int) {
        let length = source.byteCount
        precondition(offset >= 0 && offset <= count && length <= count - offset, "BlockBuffer: copy past its end")
        unsafe source.withUnsafeBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: storage[offset..<offset + length]).copyMemory(from: bytes)
        }
    }

    /// The byte at `offset`.
    subscript(offset: Int) -> UInt8 {
        get {
            precondition(offset >= 0 && offset < count, "BlockBuffer: index out of range")
            return unsafe storage[offset]
        }
        set {
            precondition(offset >= 0 && offset < count, "BlockBuffer: index out of range")
            unsafe storage[offset] = newValue
        }
    }
}
