import ApusKit
import Foundation
import Testing

/// A machine that runs the shell and has said that it is ready.
struct ShellSession {
    static let prompt = "apus> "
    let machine: Machine

    init(
        card: String?, _ change: (inout MachineConfiguration) -> Void = { _ in },
        handOver: (inout HandOver) -> Void = { _ in }
    ) throws {
        let configuration = try Fixtures.board(
            Fixtures.shell,
            {
                $0.card = card
                change(&$0)
            }, handOver: handOver)
        machine = try Machine(configuration)
        try machine.expect("Type `help`.")
        try machine.expect(Self.prompt)
    }

    /// Types `command` and returns what is printed up to the next prompt, without the echo of the command.
    func run(_ command: String) throws -> String {
        machine.type(command + "\r")
        let answer = try machine.expect("\n" + Self.prompt).replacingOccurrences(of: "\r\n", with: "\n")
        return answer.components(separatedBy: "\n").dropFirst().dropLast().joined(separator: "\n")
    }
}

@Suite struct ShellTests {
    @Test func `the commands of the readme answer with what lies on the card`() throws {
        let shell = try ShellSession(card: try Fixtures.shellCard.get())
        let names = try shell.run("ls")
        #expect(names.contains("kernel8.img") && names.contains("config.txt") && names.contains("poems/"))
        let readme = try String(contentsOfFile: Fixtures.file("Sources/Apps/Shell/files/readme.txt"), encoding: .utf8)
        #expect(try shell.run("cat readme.txt") + "\n" == readme)
        #expect(try shell.run("uptime").contains("idle"))
        let tasks = try shell.run("tasks")
        #expect(tasks.contains("main") && tasks.contains("switches"))
        #expect(try shell.run("ls poems").contains("Grüße aus der Luft.txt"))
        #expect(try shell.run("cat \"poems/Grüße aus der Luft.txt\"").count > 20)
    }

    @Test func `a large file read through the card is the file`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
            try card.format()
            try card.add("LARGE.BIN", Data(bytes))
            let shell = try ShellSession(card: card.path)
            let last = try shell.run("hexdump LARGE.BIN 299984")
            let expected = bytes.suffix(16).map { String(format: "%02x", $0) }
            for byte in expected { #expect(last.contains(byte)) }
        }
    }

    @Test func `files are written, copied, moved and removed, and other systems find what is left`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try card.format()
            let shell = try ShellSession(card: card.path) { $0.keepsWrites = true }
            for command in [
                "write hello.txt Grüße aus", "append hello.txt der Luft", "mkdir \"a directory\"",
                "cp hello.txt \"a directory\"", "mv hello.txt \"a directory/another name.txt\"", "touch empty",
                "write gone x", "rm gone", "mkdir inner", "mv inner \"a directory\"", "rmdir \"a directory/inner\"",
            ] {
                #expect(try shell.run(command) == "", "\(command)")
            }
            #expect(try shell.run("cat \"a directory/another name.txt\"") == "Grüße aus\nder Luft")
            #expect(try shell.run("rmdir \"a directory\"").contains("not empty"))
            #expect(try shell.run("rm nothing").contains("no such file"))
            #expect(try shell.run("df").contains("free of"))
            let check = try shell.run("check")
            #expect(check.contains("3 files, 1 directories\n0 lost clusters, 0 behind"), "\(check)")
            #expect(check.hasSuffix("\nnothing is damaged"), "\(check)")
            shell.machine.type("poweroff\r")
            #expect(try shell.machine.exitStatus() == .exited(0))
            let part = directory + "/part"
            try Command("dd", ["if=" + card.path, "of=" + part, "bs=1M", "skip=1", "status=none"]).check()
            // Nothing to say, not even of an interruption.
            try Command("fsck.fat", ["-n", part]).check()
            let text = try Command("mtype", ["-i", part, "::a directory/hello.txt"]).check()
            #expect(text == "Grüße aus\nder Luft\n")
            let names = try Command("mdir", ["-/", "-b", "-i", part, "::"]).check()
            #expect(names.contains("another name.txt") && names.contains("empty") && !names.contains("gone"))
        }
    }

    static let answers = [
        ("memory", "heap"), ("interrupts", "timer"), ("devices", "rng200: absent"), ("clock", "54 MHz"),
        ("temperature", "25"), ("version", "Shell"), ("help", "poweroff"), ("help ls", "ls"), ("pwd", "/"),
        ("nonsense", "no such command"), ("ls nothing", "nothing"), ("cat", "cat"), ("cat poems", "directory"),
        ("cat nothing.txt", "nothing.txt"), ("hexdump", "hexdump"), ("log level loud", "loud"),
        ("sleep x", "usage: sleep"),
        ("crash", "double-free"), ("crash nothing", "nothing"),
    ]

    @Test func `commands answer, wrong ones with a line that helps`() throws {
        let shell = try ShellSession(card: try Fixtures.shellCard.get())
        for (command, expected) in Self.answers {
            let answer = try shell.run(command)
            #expect(answer.contains(expected), "\(command)")
        }
        #expect(try shell.run("echo still here") == "still here")
    }

    @Test func `the line can be edited, completed and recalled`() throws {
        let shell = try ShellSession(card: try Fixtures.shellCard.get())
        shell.machine.type("echX\u{7f}o on\u{1b}[D\u{1b}[D_\u{1}")
        #expect(try shell.run("").contains("_on"))
        shell.machine.type("\u{1b}[A")
        #expect(try shell.run("").contains("_on"))
        shell.machine.type("cat rea\t")
        #expect(try shell.run("").contains("You are reading a file from the card"))
    }

    @Test func `garbage on the line harms nothing`() throws {
        let shell = try ShellSession(card: nil)
        shell.machine.type((0..<600).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 128) }.filter { $0 != 13 && $0 != 10 })
        shell.machine.type([3, 13])
        // The quotes keep the echo of what is typed from being taken for the answer.
        shell.machine.type("\u{15}echo al\"\"ive\r")
        try shell.machine.expect("\nalive")
    }

    @Test func `the selftest ends with a count, and nothing has failed`() throws {
        let shell = try ShellSession(card: try Fixtures.shellCard.get())
        let report = try shell.run("selftest")
        #expect(report.contains(" 0 failed"), "\(report)")
        #expect(report.contains("absent"))
    }

    @Test func `poweroff ends the machine, reboot starts it again`() throws {
        let shell = try ShellSession(card: nil)
        shell.machine.type("reboot\r")
        try shell.machine.expect("Type `help`.")
        try shell.machine.expect(ShellSession.prompt)
        shell.machine.type("poweroff\r")
        #expect(try shell.machine.exitStatus() == .exited(0))
    }

    @Test func `the mini UART carries a second session`() throws {
        let shell = try ShellSession(card: nil) { $0.usesMiniUART = true }
        #expect(try shell.run("echo here too") == "here too")
    }

    @Test func `an idle board costs its host nearly nothing and takes no periodic interrupt`() throws {
        let shell = try ShellSession(card: try Fixtures.shellCard.get())
        /// How often the timer has interrupted so far.
        func timerInterrupts() throws -> Int {
            let line = try #require(
                try shell.run("interrupts").components(separatedBy: "\n").first { $0.contains("timer") })
            return try #require(line.split(separator: " ").compactMap { Int($0) }.last)
        }
        // The free clusters are counted behind the prompt at first: this waits for the end of it.
        _ = try shell.run("df")
        let interrupts = try timerInterrupts()
        let before = try shell.machine.processorTime()
        // A stretch of time is what is measured here; it is the only thing in these tests that takes one.
        Thread.sleep(forTimeInterval: 5)
        let spent = try shell.machine.processorTime() - before
        #expect(spent < 0.02 * 5, "\(spent) s of processor time in 5 s")
        // What there is comes from typing the command and showing its answer.
        #expect(try timerInterrupts() - interrupts < 10)
    }

    @Test func `a device tree is read, and its memory used`() throws {
        try Files.withTemporaryDirectory { directory in
            let source = BoardTree.source().replacingOccurrences(
                of: "0x40000000 0x40000000>", with: "0x40000000 0x200000>")
            let tree = try BoardTree.compile(source, in: directory)
            let shell = try ShellSession(card: nil) { $0.deviceTree = tree }
            // The first gigabyte's 960 MiB without the image's 2 MiB and the tree's 2, and 2 MiB of the second.
            #expect(try shell.run("memory").contains("958 MiB"))
        }
    }
}
