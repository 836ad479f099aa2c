import ShellCore
import Testing

@Suite struct HexLineTests {
    @Test func `a full line shows offset, numbers and characters`() {
        let line = HexLine.text(Array("0123456789abcde\n".utf8)[...], at: 0x20)
        #expect(
            String(decoding: line, as: UTF8.self)
                == "00000020  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 0a  |0123456789abcde.|")
    }

    @Test func `a short line keeps its columns`() {
        let line = HexLine.text([0x41][...], at: 0x1_0000_0000)
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.hasPrefix("0000000100000000  41 "))
        #expect(text.hasSuffix("  |A|"))
        #expect(text.utf8.firstIndex(of: 0x7c) == text.utf8.index(text.startIndex, offsetBy: 68))
    }
}
