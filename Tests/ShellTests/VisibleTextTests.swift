import ShellCore
import Testing

@Suite struct VisibleTextTests {
    @Test(
        arguments: [
            (Array("plain\ttext\n".utf8), "plain\ttext\n"), (Array("grüße 語 🐦".utf8), "grüße 語 🐦"),
            ([0x1b, 0x5b, 0x33, 0x31, 0x6d], "^[[31m"), ([0x07, 0x7f, 0x00], "^G^?^@"), ([0x41, 0x0d, 0x0a], "A\n"),
            ([0xff, 0x41], ".A"), ([0xc3, 0x41], ".A"), ([0xe2, 0x82], ".."), ([0xc2, 0x9b], ".."),
            ([0xed, 0xa0, 0x80], "..."),
            ([0xc0, 0xaf], ".."),
        ] as [([UInt8], String)])
    func `text is shown, everything else is made harmless`(bytes: [UInt8], shown: String) {
        #expect(String(decoding: VisibleText.bytes(bytes), as: UTF8.self) == shown)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `nothing that a terminal obeys comes out of random bytes, however they are cut`(seed: UInt64) {
        var random = SplitMix(state: seed)
        let bytes = (0..<2000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let whole = VisibleText.bytes(bytes)
        var filter = VisibleText()
        var pieces: [UInt8] = []
        for byte in bytes { filter.take(byte, into: &pieces) }
        filter.finish(into: &pieces)
        #expect(whole == pieces)
        let text = String(validating: whole, as: UTF8.self)
        #expect(text != nil)
        let isHarmless = text?.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x09, 0x0a: true
            case 0..<0x20, 0x7f..<0xa0: false
            default: true
            }
        }
        #expect(isHarmless == true)
    }
}
