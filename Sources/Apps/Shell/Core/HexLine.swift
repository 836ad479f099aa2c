/// A line of a hexadecimal dump: where, sixteen bytes as numbers, the same as characters.
public enum HexLine {
    /// Bytes in a full line.
    public static var width: Int { 16 }

    /// The line for `bytes`, at most sixteen, the first of which lies at `offset`.
    public static func text(_ bytes: ArraySlice<UInt8>, at offset: UInt64) -> [UInt8] {
        var line = hexadecimal(offset, digits: offset >> 32 == 0 ? 8 : 16) + [ASCII.space]
        for position in 0..<width {
            if position % 8 == 0 { line.append(ASCII.space) }
            line +=
                position < bytes.count
                ? hexadecimal(UInt64(bytes[bytes.startIndex + position]), digits: 2) : [ASCII.space, ASCII.space]
            line.append(ASCII.space)
        }
        line += [ASCII.space, 0x7c]
        for byte in bytes { line.append(byte >= 0x20 && byte < 0x7f ? byte : 0x2e) }
        return line + [0x7c]
    }

    /// `value` in `digits` hexadecimal digits.
    public static func hexadecimal(_ value: UInt64, digits: Int) -> [UInt8] {
        var text: [UInt8] = []
        for place in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * place) & 15)
            text.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        return text
    }
}
