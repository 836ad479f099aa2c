import Testing

@testable import FirmwareModel

@Suite struct ConfigFileTests {
    private func read(_ text: String, _ board: BoardDescription = BoardDescription()) -> ConfigFile {
        ConfigFile(Array(text.utf8), ConfigFile.Conditions(board: board))
    }

    /// What `x` is in a configuration, on a Model 4B that does not try.
    @Test(arguments: [
        ("x=1", "1"), ("x=1\nx=2", "2"), ("#x=1", nil), ("x=1 \r\n", "1"), (" x=1", nil),
        ("[pi4]\nx=1", "1"), ("[pi3]\nx=1", nil), ("[pi400]\nx=1", nil), ("[pi5]\nx=1", nil),
        ("[none]\nx=1", nil), ("[none]\nx=1\n[all]\nx=2", "2"), ("[none]\n[pi4]\nx=1", nil),
        ("[pi3]\n[pi4]\nx=1", "1"), ("[tryboot]\nx=1", nil), ("[tryboot]\n[pi4]\nx=1", nil),
        ("[board-type=0x11]\nx=1", "1"), ("[board-type=0x14]\nx=1", nil), ("[gpio4=1]\nx=1", "1"),
        ("[gpio4=0]\nx=1", nil), ("[0x12345678]\nx=1", "1"), ("[0x12345679]\nx=1", nil), ("[HDMI:1]\nx=1", "1"),
        ("[EDID=A-B]\nx=1", nil), ("[pi4\nx=1", "1"),
    ]) func `filters decide what counts, and the last value does`(text: String, value: String?) {
        #expect(read(text).value("x") == value)
    }

    @Test func `filters of other boards and of a try pass there`() {
        var board = BoardDescription(revision: 0xc03130)
        #expect(board.model == .pi400 && read("[pi400]\nx=1", board).value("x") == "1")
        #expect(read("[pi4]\nx=1", board).value("x") == "1")
        board.resetStatus = BoardDescription.resetStatus(partition: 0, tryboot: true)
        #expect(read("[tryboot]\nx=1", board).value("x") == "1")
    }

    @Test func `what is beyond the 98th character of a line is not seen`() {
        let line = "x=" + String(repeating: "a", count: 200)
        #expect(read(line).value("x")?.utf8.count == 96)
    }

    @Test func `numbers are decimal or hexadecimal`() {
        let file = read("a=0x80000\nb=12\nc=yes\ninitramfs one followkernel")
        #expect(file.number("a") == 0x80000 && file.number("b") == 12 && file.number("c") == nil)
        #expect(file.value("initramfs") == "one followkernel")
    }

    @Test func `a file that includes itself ends`() {
        let text = Array("include a.txt\nx=1".utf8)
        let file = ConfigFile(
            text, ConfigFile.Conditions(board: BoardDescription()), including: { $0 == "a.txt" ? text : nil })
        #expect(file.value("x") == "1" && file.settings.count == 5)
    }
}
