import Interfaces
import Network

/// Dates as fields carry them (RFC 9110, section 5.6.7).
public enum HTTPDate {
    private static func day(_ index: Int) -> StaticString {
        switch index {
        case 0: "Sun"
        case 1: "Mon"
        case 2: "Tue"
        case 3: "Wed"
        case 4: "Thu"
        case 5: "Fri"
        default: "Sat"
        }
    }

    private static func month(_ index: Int) -> StaticString {
        switch index {
        case 1: "Jan"
        case 2: "Feb"
        case 3: "Mar"
        case 4: "Apr"
        case 5: "May"
        case 6: "Jun"
        case 7: "Jul"
        case 8: "Aug"
        case 9: "Sep"
        case 10: "Oct"
        case 11: "Nov"
        default: "Dec"
        }
    }

    /// Appends `time` as "Sun, 06 Nov 1994 08:49:37 GMT".
    public static func append(_ time: CivilTime, to text: inout [UInt8]) {
        text.append(day(time.weekday))
        text.append(", ")
        append(time.day, after: nil, to: &text)
        text.append(0x20)
        text.append(month(time.month))
        text.append(0x20)
        text.append(decimal: UInt64(time.year))
        append(time.hour, after: 0x20, to: &text)
        append(time.minute, after: 0x3A, to: &text)
        append(time.second, after: 0x3A, to: &text)
        text.append(" GMT")
    }

    private static func append(_ number: Int, after separator: UInt8?, to text: inout [UInt8]) {
        if let separator { text.append(separator) }
        text.append(0x30 + UInt8(truncatingIfNeeded: number / 10 % 10))
        text.append(0x30 + UInt8(truncatingIfNeeded: number % 10))
    }

    /// The date in `range`, in any of the three forms that have ever been used, in seconds since 1970; nil for none, and for what was before.
    public static func parse(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64? {
        var reader = DateReader(bytes: bytes, position: range.lowerBound, end: range.upperBound)
        return reader.date()?.secondsSince1970
    }

    /// Reads the parts of a date from left to right.
    private struct DateReader: ~Escapable {
        let bytes: RawSpan
        var position: Int
        let end: Int

        @_lifetime(copy bytes)
        init(bytes: RawSpan, position: Int, end: Int) {
            self.bytes = bytes
            self.position = position
            self.end = end
        }

        mutating func date() -> CivilTime? {
            let start = position
            while position < end, bytes.byte(position).isLetter { position += 1 }
            let nameLength = position - start
            guard nameLength >= 3 else { return nil }
            if skip(0x2C) { return nameLength == 3 ? fixed() : obsolete() }
            return asctime()
        }

        /// "06 Nov 1994 08:49:37 GMT"
        private mutating func fixed() -> CivilTime? {
            guard skip(0x20), let day = digits(2), skip(0x20), let month = month(), skip(0x20), let year = digits(4),
                skip(0x20), var time = time(), isZone()
            else { return nil }
            (time.year, time.month, time.day) = (year, month, day)
            return time
        }

        /// "06-Nov-94 08:49:37 GMT": RFC 850, with two digits of the year.
        private mutating func obsolete() -> CivilTime? {
            guard skip(0x20), let day = digits(2), skip(0x2D), let month = month(), skip(0x2D), let year = digits(2),
                skip(0x20), var time = time(), isZone()
            else { return nil }
            (time.year, time.month, time.day) = (year < 70 ? 2000 + year : 1900 + year, month, day)
            return time
        }

        /// " Nov  6 08:49:37 1994"
        private mutating func asctime() -> CivilTime? {
            guard skip(0x20), let month = month(), skip(0x20) else { return nil }
            let isShort = skip(0x20)
            guard let day = digits(isShort ? 1 : 2), skip(0x20), var time = time(), skip(0x20), let year = digits(4),
                position == end
            else { return nil }
            (time.year, time.month, time.day) = (year, month, day)
            return time
        }

        private mutating func time() -> CivilTime? {
            guard let hour = digits(2), skip(0x3A), let minute = digits(2), skip(0x3A), let second = digits(2) else {
                return nil
            }
            // A leap second counts as the one before it.
            return CivilTime(year: 0, month: 0, day: 0, hour: hour, minute: minute, second: min(second, 59))
        }

        private mutating func isZone() -> Bool {
            skip(0x20) && end - position == 3 && bytes.equals(position..<end, "GMT")
        }

        private mutating func month() -> Int? {
            guard end - position >= 3 else { return nil }
            defer { position += 3 }
            return (1...12).first { bytes.equals(position..<position + 3, HTTPDate.month($0)) }
        }

        private mutating func digits(_ count: Int) -> Int? {
            guard end - position >= count, let value = bytes.decimal(position..<position + count) else { return nil }
            position += count
            return Int(value)
        }

        private mutating func skip(_ byte: UInt8) -> Bool {
            guard position < end, bytes.byte(position) == byte else { return false }
            position += 1
            return true
        }
    }
}

extension UInt8 {
    /// Whether it is a letter.
    var isLetter: Bool { self | 0x20 >= 0x61 && self | 0x20 <= 0x7A }
}
