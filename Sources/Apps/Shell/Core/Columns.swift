/// How much of a line on the screen text takes.
///
/// Marks that combine take nothing, East Asian wide characters and pictures two columns (a coarse cut of Unicode's EastAsianWidth), all
/// others one.
public enum Columns {
    /// The columns that `text`, valid UTF-8, takes.
    public static func count(_ text: ArraySlice<UInt8>) -> Int {
        var columns = 0
        var position = text.startIndex
        while position < text.endIndex {
            let next = scalar(in: text, at: position)
            columns += next.columns
            position += next.length
        }
        return columns
    }

    /// Length in bytes and columns of the character of `text` that starts at `position`.
    static func scalar(in text: ArraySlice<UInt8>, at position: Int) -> (length: Int, columns: Int) {
        let first = text[position]
        let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        guard length > 1, position + length <= text.endIndex else { return (1, 1) }
        var value = UInt32(first) & (0x7f >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(text[position + offset] & 0x3f) }
        return (length, width(value))
    }

    static func scalar(in text: [UInt8], at position: Int) -> (length: Int, columns: Int) {
        scalar(in: text[...], at: position)
    }

    private static func width(_ scalar: UInt32) -> Int {
        switch scalar {
        case 0x300...0x36f, 0x200b...0x200f, 0x20d0...0x20ff, 0xfe00...0xfe0f: 0
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1faff, 0x2_0000...0x3_fffd:
            2
        default: 1
        }
    }
}
