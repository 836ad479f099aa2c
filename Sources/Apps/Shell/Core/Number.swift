/// Numbers as a person types them.
public enum Number {
    /// The number `text` says, in decimal or, behind `0x`, in hexadecimal, with K, M or G behind it for 1024, its square and its cube.
    /// Nil for anything else and for what does not fit.
    public static func parse(_ text: [UInt8]) -> UInt64? {
        var digits = text[...]
        var base: UInt64 = 10
        if digits.count > 2, digits[0] == 0x30, ASCII.lowercased(digits[1]) == UInt8(ascii: "x") {
            digits = digits.dropFirst(2)
            base = 16
        }
        var unit: UInt64 = 1
        switch digits.last.map(ASCII.lowercased) {
        case UInt8(ascii: "k"): unit = 1 << 10
        case UInt8(ascii: "m"): unit = 1 << 20
        case UInt8(ascii: "g"): unit = 1 << 30
        default: break
        }
        if unit > 1 { digits = digits.dropLast() }
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = digit(byte), digit < base else { return nil }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: base)
            let (sum, isStillTooLarge) = product.addingReportingOverflow(digit)
            if isTooLarge || isStillTooLarge { return nil }
            value = sum
        }
        let (result, isTooLarge) = value.multipliedReportingOverflow(by: unit)
        return isTooLarge ? nil : result
    }

    /// The thousandths in a decimal number such as `2`, `0.25` or `.5`, digits behind the third left out; nil for anything else.
    public static func parseThousandths(_ text: [UInt8]) -> UInt64? {
        let point = text.firstIndex(of: 0x2e) ?? text.count
        let whole = text[..<point]
        let fraction = text[min(point + 1, text.count)...]
        guard !(whole.isEmpty && fraction.isEmpty), whole.count <= 12 else { return nil }
        var value: UInt64 = 0
        for byte in whole {
            guard let digit = digit(byte), digit < 10 else { return nil }
            value = value * 10 + digit
        }
        for place in 0..<max(3, fraction.count) {
            var digit: UInt64 = 0
            if place < fraction.count {
                guard let found = self.digit(fraction[fraction.startIndex + place]), found < 10 else { return nil }
                digit = found
            }
            if place < 3 { value = value * 10 + digit }
        }
        return value
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch ASCII.lowercased(byte) {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x61...0x66: UInt64(ASCII.lowercased(byte) - 0x57)
        default: nil
        }
    }
}
