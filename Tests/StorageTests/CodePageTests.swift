import Testing

@testable import Storage

@Suite struct CodePageTests {
    @Test(
        arguments: [
            (0x80, "Ç"), (0x81, "ü"), (0x9E, "₧"), (0xB0, "░"), (0xBF, "┐"), (0xC0, "└"), (0xE1, "ß"), (0xFE, "■"),
            (0xFF, "\u{A0}"),
        ] as [(UInt8, String)])
    func `the upper half of code page 437 is known`(_ byte: UInt8, _ letter: String) {
        #expect(string(utf16: [CodePage437.unit(byte)].span) == letter)
    }

    @Test(arguments: [("", 0), ("123456789", 0xCBF4_3926), ("a", 0xE8B7_BE43)] as [(String, UInt32)])
    func `the checksum is that of the standard`(_ text: String, _ value: UInt32) {
        var checksum = CRC32()
        for byte in text.utf8 { checksum.update(byte) }
        #expect(checksum.value == value)
    }
}
