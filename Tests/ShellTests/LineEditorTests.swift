import ShellCore
import Testing

@Suite struct LineEditorTests {
    @Test(arguments: [
        ("hello", "hello", 5),
        ("helo\u{1b}[Dl", "hello", 4),
        ("hello\u{7f}\u{8}", "hel", 3),
        ("hello\u{1}X", "Xhello", 1),
        ("hello\u{1}\u{4}", "ello", 0),
        ("hello\u{1}\u{6}\u{6}\u{b}", "he", 2),
        ("hello\u{2}\u{2}\u{15}", "lo", 0),
        ("one two \u{17}", "one ", 4),
        ("one two\u{1b}\u{7f}", "one ", 4),
        ("abc\u{1b}[H\u{1b}[3~", "bc", 0),
        ("abc\u{1b}[1~X\u{1b}[4~Y", "XabcY", 5),
        ("abc\u{1b}OHX\u{1b}OFY", "XabcY", 5),
        ("abc\u{1b}[D\u{1b}[D\u{1b}[CX", "abXc", 3),
        ("one two\u{1b}[1;5D\u{1b}[1;5DX\u{1b}[1;5CY", "XoneY two", 5),
        ("one two\u{1b}bX\u{1b}f\u{1b}fY", "one XtwoY", 9),
        ("grüß\u{7f}", "grü", 4),
        ("grüß\u{2}\u{2}\u{4}", "grß", 2),
        ("e\u{301}x\u{2}\u{2}\u{4}", "x", 0),
        ("日本語\u{7f}", "日本", 6),
        ("a\u{7f}\u{7f}\u{7f}b", "b", 1),
        ("\u{1b}[A\u{1b}[Bx", "x", 1),
    ])
    func `keys edit the line and the screen shows it`(typed: String, line: String, cursor: Int) {
        var typist = Typist()
        typist.type(typed)
        #expect(typist.line == line)
        #expect(typist.editor.line.cursor == cursor)
        #expect(typist.terminal.text == "apus> " + line)
        let before = typist.editor.line.bytes[..<cursor]
        #expect(typist.terminal.column == 6 + Columns.count(before))
        #expect(typist.terminal.complaint == nil)
    }

    @Test(arguments: ["a\rb\r", "a\nb\n", "a\r\nb\r\n"])
    func `CR, LF and CRLF end a line once`(typed: String) {
        var typist = Typist()
        typist.type(typed)
        #expect(typist.lines == ["a", "b"])
    }

    @Test func `empty lines are lines`() {
        var typist = Typist()
        typist.type("\r\r\n\n")
        #expect(typist.lines == ["", "", ""])
    }

    @Test func `up and down walk through the history and back to what was typed`() {
        var typist = Typist()
        typist.type("one\rtwo\rdraft\u{1b}[A")
        #expect(typist.line == "two")
        typist.type("\u{1b}[A")
        #expect(typist.line == "one")
        typist.type("\u{1b}[A\u{1b}[B")
        #expect(typist.line == "two")
        typist.type("\u{1b}[B")
        #expect(typist.line == "draft")
        typist.type("\u{1b}[B")
        #expect(typist.line == "draft")
        #expect(typist.terminal.bells == 2)
    }

    @Test func `the history is bounded and leaves out blank lines and repetitions`() {
        var typist = Typist(historyLimit: 3)
        typist.type("a\r  \rb\rb\rc\rd\r")
        #expect(typist.editor.history.count == 3)
        typist.type("\u{10}\u{10}\u{10}\u{10}")
        #expect(typist.line == "b")
    }

    @Test func `control-C gives the line up and says so`() {
        var typist = Typist()
        typist.type("rm everything\u{3}")
        #expect(typist.events == [.interrupt])
        #expect(typist.line == "")
        #expect(typist.terminal.finished.first == "apus> rm everything^C")
    }

    @Test func `control-D ends the input on an empty line only`() {
        var typist = Typist()
        typist.type("x\u{4}")
        #expect(typist.events.isEmpty)
        typist.type("\u{7f}\u{4}")
        #expect(typist.events == [.endOfInput])
    }

    @Test func `control-L clears the screen and draws the line again`() {
        var typist = Typist()
        typist.type("half a li\u{c}")
        #expect(typist.terminal.text == "apus> half a li")
        #expect(typist.terminal.complaint == nil)
    }

    @Test func `a line takes no more than its bound, in whole characters`() {
        var typist = Typist(maximumLength: 10)
        typist.type("123456789ß0x")
        #expect(typist.line == "123456789\u{fffd}")
        #expect(typist.terminal.bells == 3)
        #expect(typist.terminal.complaint == nil)
        typist.type("\u{8}0\r")
        #expect(typist.lines == ["1234567890"])
    }

    @Test func `a line of which bytes were lost shows where, and is whole again when that is removed`() {
        var typist = Typist()
        typist.type(Array("ec".utf8) + [0xfe] + Array("o\r".utf8))
        #expect(typist.lines == ["ec\u{fffd}o"])
        #expect(LineEditor.isIncomplete(Array(typist.lines[0].utf8)))
        typist.type("\u{10}\u{2}\u{8}h\r")
        #expect(typist.lines.last == "echo")
        #expect(!LineEditor.isIncomplete(Array("echo ü".utf8)))
        #expect(typist.terminal.complaint == nil)
    }

    @Test(arguments: [[0xc3], [0x1b], [0x1b, 0x5b], [0xe2, 0x82], [0x0d]] as [[UInt8]])
    func `nor is a loss overlooked within a key`(_ start: [UInt8]) {
        var typist = Typist()
        typist.type(start + [0xfe])
        #expect(LineEditor.isIncomplete(typist.editor.line.bytes))
    }

    @Test func `a line longer than the screen scrolls and never wraps`() {
        var typist = Typist(columns: 40)
        let long = String(repeating: "0123456789", count: 20)
        typist.type(long)
        #expect(typist.line == long)
        #expect(typist.terminal.complaint == nil)
        #expect(typist.terminal.text.hasSuffix("789"))
        typist.type("\u{1}")
        #expect(typist.terminal.text == "apus> " + long.prefix(33))
        #expect(typist.terminal.column == 6)
        typist.type("\u{5}\r")
        #expect(typist.lines == [long])
    }

    @Test(arguments: [
        "\u{1b}[99999999999999999999m", "\u{1b}[1;2;3;4;5;6;7R", "\u{1b}[?25h", "\u{1b}]0;title\u{7}", "\u{1b}\u{1b}[Z",
        "\u{0}\u{e}\u{f}\u{11}\u{1a}\u{1c}", "\u{80}\u{9b}", "\u{1b}O1", "\u{1b}[200~",
    ])
    func `what is no key changes nothing but what it spells`(garbage: String) {
        var typist = Typist()
        typist.type("ab")
        typist.type(garbage)
        typist.type("cd")
        #expect(typist.line.hasPrefix("ab") && typist.line.hasSuffix("cd"))
        #expect(typist.terminal.complaint == nil)
    }

    @Test(
        arguments: [
            [0xff, 0xff], [0xc0, 0x80], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
            [0x80, 0xbf],
            [0xf0, 0x80, 0x80, 0x80], [0xc3, 0x1b, 0x5b, 0x44, 0x1b, 0x5b, 0x43],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 leave no trace`(bytes: [UInt8]) {
        var typist = Typist()
        typist.type("a")
        typist.type(bytes)
        typist.type("b")
        #expect(typist.line == "ab")
    }

    @Test func `a control character ends a broken escape sequence and counts`() {
        var typist = Typist()
        typist.type("ls\u{1b}[1\r")
        #expect(typist.lines == ["ls"])
    }

    /// Any bytes at all: the line stays valid and bounded, the cursor between characters, and the screen shows what the
    /// editor holds.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `random bytes never confuse editor or screen`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var typist = Typist(maximumLength: 100, historyLimit: 5, columns: seed % 2 == 0 ? 30 : 80)
        for _ in 0..<4000 {
            typist.type(random.keys())
            let line = typist.editor.line
            #expect(String(validating: line.bytes, as: UTF8.self) != nil)
            // And a mark of what had no room.
            #expect(line.bytes.count <= 103)
            #expect(String(validating: line.bytes[..<line.cursor], as: UTF8.self) != nil)
            #expect(typist.editor.history.count <= 5)
            guard typist.terminal.complaint == nil, typist.terminal.text.utf8.starts(with: "apus> ".utf8) else {
                Issue.record("\(typist.terminal.complaint ?? typist.terminal.text)")
                return
            }
            // The part on the screen: the cursor stands in it where it stands in the line.
            let shown = Array(typist.terminal.text.utf8.dropFirst(6))
            let text = line.bytes
            let isPart = shown.isEmpty || text.firstRange(of: shown) != nil
            #expect(isPart, "\(typist.terminal.text) is no part of \(typist.line)")
            if Columns.count(text[...]) < (seed % 2 == 0 ? 20 : 70) {
                #expect(typist.terminal.text == "apus> " + typist.line)
                #expect(typist.terminal.column == 6 + Columns.count(text[..<line.cursor]))
            }
        }
    }
}
