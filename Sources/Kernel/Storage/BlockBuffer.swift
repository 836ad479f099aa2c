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

    /// Copies `length` bytes of `source` from `offset` on to the beginning.
    func copy(of source: BlockBuffer, from offset: Int, _ length: Int) {
        source.withBytes(offset..<offset + length) { store($0, at: 0) }
    }

    /// True when the first `length` bytes of both are the same.
    func isSame(as other: BlockBuffer, _ length: Int) -> Bool {
        precondition(length >= 0 && length <= count && length <= other.count, "BlockBuffer: longer than the buffer")
        var offset = 0
        while offset + 8 <= length {
            let one = unsafe storage.load(fromByteOffset: offset, as: UInt64.self)
            if unsafe one != other.storage.load(fromByteOffset: offset, as: UInt64.self) { return false }
            offset += 8
        }
        while offset < length {
            if unsafe storage[offset] != other.storage[offset] { return false }
            offset += 1
        }
        return true
    }

    /// True when all bytes in `range` are `byte`.
    func isFilled(_ range: Range<Int>, with byte: UInt8) -> Bool {
        for offset in range where self[offset] != byte { return false }
        return true
    }

    /// How many of the little-endian numbers of `width` bytes in `range`, which begins with a whole one, are zero. Width 2, or 4 of which the
    /// highest four bits do not count: the entries of a table.
    func zeros(_ range: Range<Int>, width: Int) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "BlockBuffer: longer than the buffer")
        precondition(range.lowerBound % width == 0 && (width == 2 || width == 4), "BlockBuffer: no entries")
        let mask: UInt64 = width == 2 ? .max : 0x0FFF_FFFF_0FFF_FFFF
        let single: UInt64 = width == 2 ? 0xFFFF : 0x0FFF_FFFF
        var (found, offset) = (0, range.lowerBound)
        while offset < range.upperBound {
            if offset & 7 == 0, offset + 8 <= range.upperBound {
                // Tables are mostly empty, or mostly not: eight bytes at once.
                var word = unsafe UInt64(littleEndian: storage.load(fromByteOffset: offset, as: UInt64.self)) & mask
                if word == 0 {
                    found += 8 / width
                } else {
                    for _ in 0..<8 / width {
                        if word & single == 0 { found += 1 }
                        word >>= UInt64(8 * width)
                    }
                }
                offset += 8
            } else {
                var isZero = true
                for index in 0..<width {
                    let byte = unsafe storage[offset + index]
                    if (width == 4 && index == 3 ? byte & 0x0F : byte) != 0 { isZero = false }
                }
                if isZero { found += 1 }
                offset += width
            }
        }
        return found
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
