/// The upper half of the character set of the IBM PC, in which short names are written where no other is agreed.
enum CodePage437 {
    /// The UTF-16 unit for `byte`, which is 0x80 or above.
    static func unit(_ byte: UInt8) -> UInt16 {
        var left = byte & 0x7F
        for letter in letters.unicodeScalars {
            if left == 0 { return UInt16(truncatingIfNeeded: letter.value) }
            left -= 1
        }
        return 0xFFFD
    }

    /// The UTF-16 unit for `byte` in a label, U+FFFD for a control character.
    static func text(_ byte: UInt8) -> UInt16 {
        byte >= 0x80 ? unit(byte) : byte < 0x20 || byte == 0x7F ? 0xFFFD : UInt16(byte)
    }

    /// 0x80 to 0xFF. A literal, because an array would be filled at run time and guarded by a lock.
    private static var letters: String {
        """
        ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}
        """
    }
}
