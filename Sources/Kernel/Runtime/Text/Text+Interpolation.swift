import Interfaces

extension Text {
    /// What can stand between `\(` and `)`.
    public struct Interpolation: StringInterpolationProtocol {
        /// The constant parts are not strings either.
        public typealias StringLiteralType = StaticString
        var text = Text()

        /// Nothing gathered yet; the sizes are hints, which are not needed.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// The constant parts.
        public mutating func appendLiteral(_ literal: StaticString) { text.put(literal) }

        /// Text.
        public mutating func appendInterpolation(_ value: Text) { text.append(value) }
        /// Text, and blanks behind it up to `width` characters.
        public mutating func appendInterpolation(_ value: Text, left width: Int) { text.append(value, left: width) }
        /// Text, and blanks before it up to `width` characters.
        public mutating func appendInterpolation(_ value: Text, right width: Int) { text.append(value, right: width) }
        /// Constant text.
        public mutating func appendInterpolation(_ value: StaticString) { text.put(value) }
        /// A string.
        @inline(never)
        public mutating func appendInterpolation(_ value: String) { text.put(string: value) }
        /// Bytes of UTF-8.
        @inline(never)
        public mutating func appendInterpolation(_ value: [UInt8]) { text.append(Text(value)) }

        /// A number in decimal.
        @inline(never)
        public mutating func appendInterpolation(_ value: UInt64) { text.putDecimal(value) }
        /// A number in decimal.
        public mutating func appendInterpolation(_ value: UInt32) { appendInterpolation(UInt64(value)) }
        /// A number in decimal.
        public mutating func appendInterpolation(_ value: UInt8) { appendInterpolation(UInt64(value)) }
        /// A number in decimal.
        public mutating func appendInterpolation(_ value: Int) {
            if value < 0 { text.put(0x2d) }
            appendInterpolation(UInt64(value.magnitude))
        }

        /// `0x` and `digits` hexadecimal digits, or as many more as `value` needs.
        @inline(never)
        public mutating func appendInterpolation(hexadecimal value: UInt64, digits: Int = 1) {
            var needed = digits
            while needed < 16, value >> UInt64(4 * needed) != 0 { needed += 1 }
            text.putHexadecimal(value, digits: needed)
        }

        /// A number with `digits` digits behind the point, in units of the last of them: 1234 with 3 is "1.234".
        @inline(never)
        public mutating func appendInterpolation(decimal value: UInt64, _ digits: Int) {
            var unit: UInt64 = 1
            for _ in 0..<digits { unit *= 10 }
            text.putDecimal(value / unit)
            text.put(0x2e)
            text.putDecimal(value % unit, width: digits, fill: 0x30)
        }

        /// A number of bytes in the unit that suits it: "512 bytes", "3.9 MiB".
        @inline(never)
        public mutating func appendInterpolation(size bytes: UInt64) {
            guard bytes >= 1024 else { return appendInterpolation("\(bytes) bytes" as Text) }
            var unit: UInt64 = 1
            while unit < 4, bytes >> (10 * (unit + 1)) > 0 { unit += 1 }
            let tenths = ((bytes >> (10 * unit - 10)) * 10) >> 10
            if tenths % 10 == 0 { text.putDecimal(tenths / 10) } else { appendInterpolation(decimal: tenths, 1) }
            text.put(0x20)
            text.put(unit == 1 ? "KiB" : unit == 2 ? "MiB" : unit == 3 ? "GiB" : "TiB")
        }

        /// A frequency in the unit that suits it: "54 MHz", "62.5 MHz".
        @inline(never)
        public mutating func appendInterpolation(frequency hertz: UInt64) {
            let isMega = hertz >= 1_000_000
            let thousandths = isMega ? hertz / 1_000 : hertz
            text.putDecimal(thousandths / 1000)
            var rest = thousandths % 1000
            var width = 3
            while rest > 0, rest % 10 == 0 {
                rest /= 10
                width -= 1
            }
            if rest > 0 {
                text.put(0x2e)
                text.putDecimal(rest, width: width, fill: 0x30)
            }
            text.put(isMega ? " MHz" : " kHz")
        }

        /// A length of time in seconds: "3 days 02:03:04", "00:00:12".
        @inline(never)
        public mutating func appendInterpolation(seconds: UInt64) {
            let days = seconds / 86_400
            if days > 0 { appendInterpolation(days == 1 ? "1 day " : "\(days) days " as Text) }
            text.putDecimal(seconds / 3600 % 24, width: 2, fill: 0x30)
            text.put(0x3a)
            text.putDecimal(seconds / 60 % 60, width: 2, fill: 0x30)
            text.put(0x3a)
            text.putDecimal(seconds % 60, width: 2, fill: 0x30)
        }

        /// `part` of `whole` in per cent, with one digit behind the point, rounded down.
        @inline(never)
        public mutating func appendInterpolation(_ part: UInt64, percentOf whole: UInt64) {
            // Without overflow for every pair of times.
            let tenths = part < 1 << 50 ? part * 1000 / max(1, whole) : part / max(1, whole / 1000)
            appendInterpolation(decimal: tenths, 1)
            text.put(" %")
        }
    }
}
