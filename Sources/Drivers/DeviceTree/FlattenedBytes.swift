/// The memory in which a flattened tree lies. Numbers are big-endian; words are read as words at multiples of four only,
/// because the tree may be read while memory is still of Device type.
///
/// Invariants behind each `unsafe`: `base` is a multiple of four; `base` to `base + count` is readable for as long as the
/// value or a copy is used, which the caller of `DeviceTree.init` promised; every access checks its offset against
/// `count` and answers zero outside.
@safe
struct FlattenedBytes: @unchecked Sendable {
    private let base: UnsafeRawPointer
    /// Length in bytes.
    let count: Int

    /// The bytes of `buffer`; nil when they do not begin at a multiple of four.
    init?(_ buffer: UnsafeRawBufferPointer) {
        guard let start = buffer.baseAddress, UInt(bitPattern: start) & 3 == 0 else { return nil }
        unsafe base = start
        count = buffer.count
    }

    /// The first `length` of `bytes`.
    init(_ bytes: FlattenedBytes, first length: Int) {
        unsafe base = bytes.base
        count = min(bytes.count, max(length, 0))
    }

    /// The word at `offset`, a multiple of four; zero outside.
    func word(_ offset: Int) -> UInt32 {
        guard offset >= 0, offset & 3 == 0, offset < count, count - offset >= 4 else { return 0 }
        return unsafe UInt32(bigEndian: base.load(fromByteOffset: offset, as: UInt32.self))
    }

    /// The byte at `offset`; zero outside.
    subscript(offset: Int) -> UInt8 {
        guard offset >= 0, offset < count else { return 0 }
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The number of bytes before the next zero from `offset` on, looking no further than `end`; nil when there is none.
    func length(from offset: Int, to end: Int) -> Int? {
        var position = offset
        while position < end {
            if self[position] == 0 { return position - offset }
            position += 1
        }
        return nil
    }

    /// True when `range` holds the bytes of `text`.
    func holds(_ text: some Collection<UInt8>, at range: Range<Int>) -> Bool {
        var position = range.lowerBound
        for byte in text {
            guard position < range.upperBound, self[position] == byte else { return false }
            position += 1
        }
        return position == range.upperBound
    }

    /// True when the bytes of `text` and a zero stand at `offset`.
    func holds(_ text: some Collection<UInt8>, terminatedAt offset: Int) -> Bool {
        var position = offset
        for byte in text {
            guard position < count, self[position] == byte else { return false }
            position += 1
        }
        return position < count && self[position] == 0
    }

    /// The bytes in `range`.
    func copy(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for offset in range { bytes.append(self[offset]) }
        return bytes
    }

    /// The bytes in `range` as text; what is no UTF-8 becomes U+FFFD.
    func text(_ range: Range<Int>) -> String { String(decoding: copy(range), as: UTF8.self) }
}
