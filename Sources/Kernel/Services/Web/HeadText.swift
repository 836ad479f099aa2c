/// Bytes that are put together for the wire, in memory that is kept for the next time.
///
/// Invariants behind each `unsafe`: `memory` has `capacity` bytes, of which the first `count` are initialised; only this value refers to
/// it, and `deinit` frees it.
@safe
struct HeadText: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var capacity = 512
    private(set) var count = 0

    init() { unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16) }

    deinit { unsafe memory.deallocate() }

    /// Forgets what it holds.
    mutating func clear() { count = 0 }

    /// Appends constant text.
    mutating func append(_ text: StaticString) {
        unsafe append(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    /// Appends bytes.
    mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { unsafe append(start, bytes.count) }
        }
    }

    private mutating func append(_ bytes: UnsafeRawPointer, _ length: Int) {
        if capacity - count < length { grow(by: length) }
        unsafe (memory + count).copyMemory(from: bytes, byteCount: length)
        count += length
    }

    /// Appends a byte.
    mutating func append(_ byte: UInt8) {
        if capacity == count { grow(by: 1) }
        unsafe memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Appends `value` in decimal.
    mutating func append(decimal value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends `value` in small hexadecimal digits.
    mutating func append(hexadecimal value: UInt64) {
        var shift = value == 0 ? 0 : (63 - value.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift) & 15)
            append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            shift -= 4
        }
    }

    @inline(never)
    private mutating func grow(by length: Int) {
        var larger = capacity
        while larger - count < length { larger *= 2 }
        let new = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        unsafe new.copyMemory(from: memory, byteCount: count)
        unsafe memory.deallocate()
        unsafe memory = unsafe new
        capacity = larger
    }

    /// Calls `body` with what it holds.
    func withBytes<Result, E: Error>(_ body: (RawSpan) throws(E) -> Result) throws(E) -> Result {
        try body(unsafe RawSpan(_unsafeStart: UnsafeRawPointer(memory), byteCount: count))
    }
}
