import Interfaces
import Models
import Testing
import USB
import USBKeyboard

/// Typing.
@Suite struct KeyboardTests {
    @Test(arguments: [
        (UInt8(0x04), UInt8(0), "a"), (0x04, 0x02, "A"), (0x1D, 0x20, "Z"), (0x1E, 0, "1"), (0x1E, 2, "!"),
        (0x27, 0, "0"),
        (0x27, 2, ")"), (0x28, 0, "\r"), (0x2A, 0, "\u{7F}"), (0x2B, 0, "\t"), (0x2C, 0, " "), (0x2D, 2, "_"),
        (0x31, 0, "\\"), (0x33, 0, ";"), (0x34, 2, "\""), (0x35, 0, "`"), (0x36, 2, "<"), (0x38, 0, "/"),
        (0x38, 2, "?"),
        (0x06, 0x01, "\u{03}"), (0x07, 0x10, "\u{04}"), (0x52, 0, "\u{1B}[A"), (0x4C, 0, "\u{1B}[3~"), (0x63, 0, "."),
        (0x58, 0, "\r"), (0x3A, 0, ""),
    ]) func `keys send what a terminal sends`(key: UInt8, modifiers: UInt8, expected: String) throws {
        let keyboard = KeyboardModel()
        let bench = try USBBench.started(keyboard)
        keyboard.press(key, modifiers: modifiers)
        bench.run(milliseconds: 100)
        #expect(bench.typed == Array(expected.utf8))
        #expect(bench.violations == [])
    }

    @Test func `a key that is held repeats, and no longer`() throws {
        let keyboard = KeyboardModel()
        let bench = try USBBench.started(keyboard)
        keyboard.reports.append([0, 0, 0x05, 0, 0, 0, 0, 0])
        bench.run(milliseconds: 400)
        #expect(bench.typed == [0x62])
        bench.run(milliseconds: 600)
        #expect((5...15).contains(bench.typed.count))
        keyboard.reports.append([0, 0, 0, 0, 0, 0, 0, 0])
        bench.run(milliseconds: 50)
        let count = bench.typed.count
        bench.run(milliseconds: 1000)
        #expect(bench.typed.count == count)
    }

    @Test func `keys that overlap are typed once each; too many at once are none`() throws {
        let keyboard = KeyboardModel()
        let bench = try USBBench.started(keyboard)
        keyboard.reports = [
            [0, 0, 0x04, 0, 0, 0, 0, 0], [0, 0, 0x04, 0x05, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1, 1],
            [0, 0, 0x05, 0x06, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
        ]
        bench.run(milliseconds: 200)
        #expect(bench.typed == Array("abc".utf8))
    }

    @Test func `caps lock makes capitals, and its lamp shows it`() throws {
        let keyboard = KeyboardModel()
        let bench = try USBBench.started(keyboard)
        keyboard.press(0x39)
        keyboard.press(0x04)
        keyboard.press(0x04, modifiers: 2)
        keyboard.press(0x1E)
        bench.run(milliseconds: 300)
        #expect(bench.typed == Array("Aa1".utf8))
        #expect(keyboard.lamps == 2)
    }

    @Test func `an empty packet is marked like any other, and costs no key`() throws {
        let keyboard = KeyboardModel()
        let bench = try USBBench.started(keyboard)
        for key in UInt8(0x04)...0x08 {
            keyboard.reports.append([])
            keyboard.press(key)
        }
        bench.run(milliseconds: 500)
        #expect(bench.typed == Array("abcde".utf8))
        #expect(bench.violations == [])
    }

    @Test func `reports of another length are ignored`() throws {
        let keyboard = KeyboardModel()
        let bench = try USBBench.started(keyboard)
        keyboard.reports = [[], [0], [0, 0, 4], [UInt8](repeating: 4, count: 7)]
        bench.run(milliseconds: 200)
        #expect(bench.typed.isEmpty)
    }
}
