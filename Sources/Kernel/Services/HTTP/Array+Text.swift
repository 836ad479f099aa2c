// What is put together for the wire: bytes of ASCII.
extension Array where Element == UInt8 {
    /// Appends constant text.
    @inline(never)
    package mutating func append(_ text: StaticString) {
        // A static string is its own memory for ever.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends `value` in decimal.
    @inline(never)
    package mutating func append(decimal value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends `value` in small hexadecimal digits, without zeros before it.
    @inline(never)
    package mutating func append(hexadecimal value: UInt64) {
        var shift = value == 0 ? 0 : (63 - value.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift) & 15)
            append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            shift -= 4
        }
    }

    /// Appends the large hexadecimal digit of `value`, which is below 16, as percent-encodings have it (RFC 3986, section 2.1).
    mutating func append(hexadecimalDigit value: UInt8) { append(value < 10 ? 0x30 + value : 0x37 + value) }

    /// Appends the bytes of `range` of `bytes`.
    @inline(never)
    package mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
        unsafe bytes.extracting(range).withUnsafeBytes { unsafe append(contentsOf: $0) }
    }
}
