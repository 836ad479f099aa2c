/// Where text goes byte by byte, without memory of its own: usable in a crash report and an interrupt handler.
public protocol TextSink {
    /// Takes one byte of UTF-8.
    mutating func put(_ byte: UInt8)
}

extension TextSink {
    /// Writes constant text.
    public mutating func put(_ text: StaticString) {
        unsafe put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes text that lies in memory.
    public mutating func put(_ text: UnsafeBufferPointer<UInt8>) {
        for index in 0..<text.count { unsafe put(text[index]) }
    }

    /// Writes a string. Its name differs so that a literal is never a string here, whose code is large.
    public mutating func put(string: String) {
        let text = string.utf8.span
        for index in text.indices { put(text[index]) }
    }

    /// Writes `value` with `digits` hexadecimal digits after `0x`.
    public mutating func putHexadecimal(_ value: UInt64, digits: Int = 16) {
        put("0x")
        var shift = UInt64(digits * 4)
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: value >> shift & 15)
            put(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    /// Writes `value` in decimal, at least `width` characters with `fill` in front.
    public mutating func putDecimal(_ value: UInt64, width: Int = 1, fill: UInt8 = 0x20) {
        var divisor: UInt64 = 1
        var digits = 1
        while value / divisor >= 10 {
            divisor *= 10
            digits += 1
        }
        for _ in 0..<max(0, width - digits) { put(fill) }
        while divisor > 0 {
            put(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
