import ApusKit
import Foundation
import Testing

/// What is typed faster than it is taken, and what cannot be taken.
@Suite struct InputTests {
    @Test func `three hundred pasted lines are run, each once and whole`() throws {
        let shell = try ShellSession(card: nil)
        let lines = (1...300).map { "echo number \($0) of a long paste" }
        shell.machine.type(lines.joined(separator: "\r") + "\recho the end\r")
        try shell.machine.expect("\nthe end\r\n")
        let console = Self.text(of: shell)
        for number in 1...300 {
            let count = console.components(separatedBy: "\nnumber \(number) of a long paste\n").count - 1
            #expect(count == 1, "line \(number) was run \(count) times")
        }
        #expect(!console.contains("no such command") && !console.contains("were lost"))
    }

    /// The console as a terminal shows it, which takes XON and XOFF for nothing.
    private static func text(of shell: ShellSession) -> String {
        shell.machine.console.unicodeScalars.reduce(into: "") { text, scalar in
            if ![0x0d, 0x11, 0x13].contains(scalar.value) { text.unicodeScalars.append(scalar) }
        }
    }

    @Test func `a paste while a command runs waits for its end`() throws {
        let shell = try ShellSession(card: nil)
        shell.machine.type("sleep 1\r")
        let lines = (1...300).map { "echo number \($0) of a long paste" }
        shell.machine.type(lines.joined(separator: "\r") + "\recho the end\r")
        try shell.machine.expect("\nthe end\r\n")
        let ran = Self.text(of: shell).components(separatedBy: "\nnumber ").count - 1
        #expect(ran == 300)
    }

    @Test func `what is typed before the board has started is not cut off at its start`() throws {
        _ = try Fixtures.shell.get()
        let output = try ToolFixture.command("run", "Shell", "--no-card", "--usb", "none", "--timeout", "60").capture(
            input: "echo from the first byte on\rpoweroff\r", mergingErrors: true)
        #expect(output.text.contains("\nfrom the first byte on\r\n"), "\(output.text)")
        #expect(output.status == .exited(0))
    }

    @Test func `a line of which bytes were lost is not run`() throws {
        let shell = try ShellSession(card: nil)
        shell.machine.type(Array("ec".utf8) + [0xfe] + Array("o half\r".utf8))
        try shell.machine.expect("bytes of this line were lost on the way: it was not run")
        try shell.machine.expect(ShellSession.prompt)
        #expect(try shell.run("echo whole") == "whole")
    }

    @Test func `a name on the card changes nothing in the terminal`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try card.format()
            let name = "a\u{9b}31mred"
            try Files.makeDirectory(directory + "/" + name)
            try Command(
                "mcopy", ["-i", card.path + "@@1M", "-s", directory + "/" + name, "::/"],
                environment: ["LC_ALL": "C.UTF-8"]
            ).check()
            let shell = try ShellSession(card: card.path)
            for line in ["ls", "ls a\t", "cd a\t\r", "rm a\t\r"] { shell.machine.type(line + "\r") }
            shell.machine.type("echo done\r")
            try shell.machine.expect("\ndone\r\n")
            #expect(!shell.machine.console.unicodeScalars.contains { (0x80..<0xa0).contains($0.value) })
            #expect(shell.machine.console.contains("a..31mred/"))
        }
    }
}
