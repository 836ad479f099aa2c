import ShellCore
import Testing

@Suite struct NumberTests {
    @Test(
        arguments: [
            ("0", 0), ("42", 42), ("0x10", 16), ("0XfF", 255), ("4K", 4096), ("1m", 1 << 20), ("0x2G", 2 << 30),
            ("18446744073709551615", .max),
        ] as [(String, UInt64)])
    func `numbers are read`(text: String, value: UInt64) {
        #expect(Number.parse(Array(text.utf8)) == value)
    }

    @Test(arguments: [
        "", "x", "0x", "K", "0xK", "1 ", "-1", "1.5", "12a", "18446744073709551616", "18446744073709551615K", "0xg",
    ])
    func `what is no number is refused`(text: String) {
        #expect(Number.parse(Array(text.utf8)) == nil)
    }

    @Test(
        arguments: [
            ("2", 2000), ("0.25", 250), (".5", 500), ("1.", 1000), ("0.0009", 0), ("1.2345", 1234),
            ("999999999999", 999_999_999_999_000),
        ] as [(String, UInt64)])
    func `thousandths are read`(text: String, value: UInt64) {
        #expect(Number.parseThousandths(Array(text.utf8)) == value)
    }

    @Test(arguments: ["", ".", "-1", "1.2.3", "a", "1e3", "9999999999999", "0.x"])
    func `what is no decimal number is refused`(text: String) {
        #expect(Number.parseThousandths(Array(text.utf8)) == nil)
    }
}
