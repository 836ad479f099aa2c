import Interfaces
import Runtime
import Testing

@Suite struct TextTests {
    private func string(_ text: Text) -> String { String(decoding: text.bytes, as: UTF8.self) }

    @Test func `constants, numbers and text are put together`() {
        #expect(
            string("a \(1) \(UInt64.max) \(-5) \("x" as StaticString) \([0x79]) \("ü" as Text)!")
                == "a 1 18446744073709551615 -5 x y ü!")
    }

    @Test func `columns count characters, not bytes`() {
        #expect(
            string("\("ü" as Text, left: 3)|\("7" as Text, right: 3)|\("toolong" as Text, left: 3)|")
                == "ü  |  7|toolong|")
    }

    @Test(
        arguments: [
            (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (67_108_864, "64 MiB"),
            (2_080_374_784, "1.9 GiB"), (1 << 40, "1 TiB"), (UInt64.max, "16777215.9 TiB"),
        ] as [(UInt64, String)])
    func `sizes have the unit that suits them`(bytes: UInt64, shown: String) {
        #expect(string("\(size: bytes)") == shown)
    }

    @Test(
        arguments: [
            (54_000_000, "54 MHz"), (62_500_000, "62.5 MHz"), (400_000, "400 kHz"), (999, "0.999 kHz"),
            (1_500_050_000, "1500.05 MHz"),
        ] as [(UInt64, String)])
    func `frequencies have the unit that suits them`(hertz: UInt64, shown: String) {
        #expect(string("\(frequency: hertz)") == shown)
    }

    @Test func `times, shares, decimals and hexadecimal numbers`() {
        #expect(string("\(seconds: 12)") == "00:00:12")
        #expect(string("\(seconds: 86_400 + 3_661)") == "1 day 01:01:01")
        #expect(string("\(seconds: 3 * 86_400)") == "3 days 00:00:00")
        #expect(string("\(1, percentOf: 3)") == "33.3 %")
        #expect(string("\(0, percentOf: 0)") == "0.0 %")
        #expect(string("\(UInt64.max, percentOf: .max)") == "100.0 %")
        #expect(string("\(decimal: 1_005, 3)") == "1.005")
        #expect(string("\(hexadecimal: 0x1234, digits: 2)") == "0x1234")
        #expect(string("\(hexadecimal: 0xa, digits: 4)") == "0x000a")
    }

    @Test func `errors say what was waited for`() {
        #expect(string("\(DeviceError.timeout("MBOX0"))") == "no answer in time: MBOX0")
        #expect(string("\(BlockError(.refused(status: 0x80)))") == "it refused, status 0x00000080")
    }
}
