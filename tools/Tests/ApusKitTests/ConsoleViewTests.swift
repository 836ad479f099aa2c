import Testing

@testable import ApusKit

/// Knows two addresses.
private final class KnownAddresses: AddressNaming {
    let build: String? = "00112233aabbccdd"
    func name(of address: UInt64) -> String? {
        switch address {
        case 0x81234: "explode (main.swift:7)"
        case 0x8fffc: "caller (main.swift:12)"
        default: nil
        }
    }
}

@Suite struct ConsoleViewTests {
    func shown(_ text: String, coloured: Bool = false, pieces: Int = 1) -> String {
        var view = ConsoleView(isColoured: coloured, symbols: KnownAddresses())
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            output += view.show(Array(bytes[start..<min(start + pieces, bytes.count)]))
        }
        output += view.flush()
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: [1, 2, 7, 1000]) func `plain output passes unchanged, however it arrives`(pieces: Int) {
        let text = "Apus\r\n$ ls\r\nreadme.txt  [x]\r\n\r\r\n[ 12] not a level\r\n[unfinished"
        #expect(shown(text, coloured: true, pieces: pieces) == text)
    }

    @Test(arguments: [1, 5, 1000]) func `a log line has its level's colour up to its end`(pieces: Int) {
        let line = "[    1.234567] error sdhci: no card"
        #expect(shown(line + "\r\n", coloured: true, pieces: pieces) == "\u{1b}[31m" + line + "\u{1b}[0m\r\n")
        #expect(shown(line + "\r\n", coloured: false, pieces: pieces) == line + "\r\n")
    }

    @Test func `addresses of a crash report get names, return addresses those of the call`() {
        let report = """
            === crash report ===
            build: 00112233aabbccdd
              pc  0x0000000000081234
              lr  0x0000000000090000
              x0  0x0000000000081234
              #0  0x0000000000081234
              #1  0x0000000000090000
              #2  0x0000000000000010
            === end of crash report ===
              pc  0x0000000000081234

            """
        let expected = """
            === crash report ===
            build: 00112233aabbccdd
              pc  0x0000000000081234 explode (main.swift:7)
              lr  0x0000000000090000 caller (main.swift:12)
              x0  0x0000000000081234
              #0  0x0000000000081234 explode (main.swift:7)
              #1  0x0000000000090000 caller (main.swift:12)
              #2  0x0000000000000010
            === end of crash report ===
              pc  0x0000000000081234

            """
        #expect(shown(report) == expected)
        #expect(shown(report.replacing("\n", with: "\r\n"), pieces: 3) == expected.replacing("\n", with: "\r\n"))
    }

    @Test func `a report of another build says that the names are wrong`() {
        let output = shown("=== crash report ===\nbuild: ffffffffffffffff\n=== end of crash report ===\n")
        #expect(output.contains("build: ffffffffffffffff  (not the ELF file's, which is 00112233aabbccdd"))
    }

    @Test func `a crash is remembered`() {
        var view = ConsoleView(isColoured: false)
        _ = view.show(Array("all well\n".utf8))
        #expect(!view.sawCrash)
        _ = view.show(Array("=== crash report ===\n".utf8))
        #expect(view.sawCrash)
    }

    @Test func `each line that begins has one timestamp`() {
        var view = ConsoleView(isColoured: false, timestamp: { "12:00" })
        let output = view.show(Array("one\ntwo\r\n$ ".utf8)) + view.flush() + view.show(Array("x\n".utf8))
        #expect(String(decoding: output, as: UTF8.self) == "12:00 one\n12:00 two\r\n12:00 $ x\n")
    }
}

@Suite struct LogLevelTests {
    @Test(arguments: LogLevel.allCases) func `every level is recognised`(level: LogLevel) {
        #expect(LogLevel.recognise(Array("[    0.000001] \(level.rawValue) x".utf8)) == .level(level))
    }

    @Test(arguments: ["x", "[x", "[ 1.0] fatal ", "[] error ", "[ 1.0]error", "[1111111111111111111111111111"])
    func `what is no log line is known at once`(text: String) {
        #expect(LogLevel.recognise(Array(text.utf8)) == .none)
    }

    @Test(arguments: ["", "[", "[   1.", "[ 1.0]", "[ 1.0] err", "[ 1.0] error"])
    func `what may become one is waited for`(text: String) {
        #expect(LogLevel.recognise(Array(text.utf8)) == .open)
    }
}

@Suite struct EscapeKeysTests {
    @Test func `keys pass through, Ctrl-A begins a command`() {
        var keys = EscapeKeys()
        #expect(keys.take(Array("ls\r".utf8)) == [.send(Array("ls\r".utf8))])
        #expect(keys.take([3]) == [.send([3])])
        #expect(keys.take([0x61, 1]) == [.send([0x61])])
        #expect(keys.take(Array("x".utf8)) == [.quit])
        #expect(keys.take([1, 0x68, 0x62]) == [.help, .send([0x62])])
        #expect(keys.take([1, 1]) == [.send([1])])
        #expect(keys.take([1, 0x7a]) == [.send([1, 0x7a])])
    }
}
