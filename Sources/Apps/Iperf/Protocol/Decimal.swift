/// A number with six digits behind the point, as JSON carries times, shares and counts: exact for every count below 9.2 * 10^18.
public struct Decimal: Equatable, Sendable {
    /// The part before the point, its sign that of the number.
    public var whole: Int64
    /// The part behind it, in millionths, 0 to 999,999.
    public var millionths: UInt32
    /// Whether the number is below zero. `whole` does not tell where it is 0.
    public var isNegative: Bool

    /// A whole number.
    public init(_ whole: Int64) {
        self.whole = whole
        millionths = 0
        isNegative = whole < 0
    }

    /// `count`; the largest number there is when it does not fit.
    public init(_ count: UInt64) { self.init(Int64(clamping: count)) }

    /// `millionths` of one.
    public init(millionths count: UInt64) {
        whole = Int64(clamping: count / 1_000_000)
        millionths = UInt32(count % 1_000_000)
        isNegative = false
    }

    /// A count; 0 where the number is negative.
    public var count: UInt64 { isNegative ? 0 : UInt64(whole) }

    /// The whole number in millionths; saturates, and is 0 where the number is negative.
    public var inMillionths: UInt64 {
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isStillTooLarge) = product.addingReportingOverflow(UInt64(millionths))
        return isTooLarge || isStillTooLarge ? .max : isNegative ? 0 : sum
    }

    /// Reads a number as JSON writes it (RFC 8259 section 6); digits behind the sixth are left out, and what is too large becomes the
    /// largest there is. Moves `position` past it; nil where none stands.
    init?(_ text: [UInt8], at position: inout Int) {
        var reader = DigitReader(text, position)
        guard let number = reader.number() else { return nil }
        position = reader.position
        self = number
    }

    private init(whole: Int64, millionths: UInt32, isNegative: Bool) {
        self.whole = whole
        self.millionths = millionths
        self.isNegative = isNegative
    }

    /// Appends the number as JSON, without zeros at its end.
    func append(to text: inout [UInt8]) {
        if isNegative, whole == 0, millionths > 0 { text.append(0x2D) }
        text += Array(whole.description.utf8)
        guard millionths > 0 else { return }
        text.append(0x2E)
        var (rest, unit) = (millionths, UInt32(100_000))
        while rest > 0 {
            text.append(0x30 + UInt8(rest / unit))
            (rest, unit) = (rest % unit, unit / 10)
        }
    }

    /// Reads the digits of one number.
    private struct DigitReader {
        let text: [UInt8]
        var position: Int

        init(_ text: [UInt8], _ position: Int) {
            self.text = text
            self.position = position
        }

        private var byte: UInt8 { position < text.count ? text[position] : 0 }
        private var isDigit: Bool { byte >= 0x30 && byte <= 0x39 }

        mutating func number() -> Decimal? {
            let isNegative = byte == 0x2D
            if isNegative { position += 1 }
            // The digits, and how many of them stand before the point.
            var digits: [UInt8] = []
            guard isDigit else { return nil }
            takeDigits(&digits)
            var point = digits.count
            if byte == 0x2E {
                position += 1
                guard isDigit else { return nil }
                takeDigits(&digits)
            }
            if byte | 0x20 == 0x65 {
                guard let exponent = exponent() else { return nil }
                point += exponent
            }
            return Self.value(digits, point, isNegative: isNegative)
        }

        private mutating func takeDigits(_ digits: inout [UInt8]) {
            while isDigit {
                // More than these make no difference, but for how large the number is.
                if digits.count < 400 { digits.append(byte - 0x30) }
                position += 1
            }
        }

        private mutating func exponent() -> Int? {
            position += 1
            let isNegative = byte == 0x2D
            if byte == 0x2D || byte == 0x2B { position += 1 }
            guard isDigit else { return nil }
            var exponent = 0
            while isDigit {
                exponent = min(exponent * 10 + Int(byte - 0x30), 10000)
                position += 1
            }
            return isNegative ? -exponent : exponent
        }

        private static func value(_ digits: [UInt8], _ point: Int, isNegative: Bool) -> Decimal {
            var whole: UInt64 = 0
            var place = 0
            while place < point {
                let digit = place < digits.count ? UInt64(digits[place]) : 0
                let (product, isTooLarge) = whole.multipliedReportingOverflow(by: 10)
                whole = isTooLarge ? .max : product.addingReportingOverflow(digit).overflow ? .max : product + digit
                if whole > UInt64(Int64.max) || (whole == 0 && place > digits.count) { break }
                place += 1
            }
            var millionths: UInt32 = 0
            for offset in 0..<6 {
                let index = point + offset
                millionths = millionths * 10 + (index >= 0 && index < digits.count ? UInt32(digits[index]) : 0)
            }
            let size = Int64(clamping: whole)
            return Decimal(
                whole: isNegative ? -size : size, millionths: millionths,
                isNegative: isNegative && (size > 0 || millionths > 0))
        }
    }
}
