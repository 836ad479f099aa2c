import ApusKit
import Foundation
import Testing

@Suite struct CrashTests {
    /// What each way to crash is reported as: each memory right, each mistake of the language, each place to fail in.
    @Test(arguments: [
        ("nil", "Swift trap"), ("index", "Swift trap"), ("overflow", "Swift trap"),
        ("contract", "broken contract: the person at the console does not ask for a crash"),
        ("null", "data abort while reading 0x0000000000000008: nothing is mapped there (page zero"),
        ("null-write", "data abort while writing 0x0000000000000008: nothing is mapped there (page zero"),
        ("write-text", "the page does not allow it (the program's code)"),
        ("write-constants", "the page does not allow it (the program's constants)"),
        ("run-data", "instruction abort"), ("run-variables", "instruction abort"),
        ("run-constants", "instruction abort"), ("run-device", "instruction abort"),
        ("instruction", "undefined instruction"), ("stack", "stack overflow of task deep"),
        ("guard", "stack overflow of task"), ("device", "nothing answers there (device registers)"),
        ("unaligned", "misaligned address"),
        ("heap-double-free", "memory given back was handed out before, and only once"),
        ("interrupt", "in an interrupt handler: Swift trap"), ("crash", "crash in the crash report"),
        ("end", "crash in the crash report"),
    ]) func `every crash ends in a report that names its cause`(kind: String, cause: String) throws {
        let shell = try ShellSession(card: nil) { $0.endsOnReboot = true }
        shell.machine.type("crash \(kind)\r")
        try shell.machine.expect(cause)
        #expect(try shell.machine.exitStatus() == .exited(0))
        if kind != "crash" {
            #expect(shell.machine.console.contains("=== end of crash report ==="))
            #expect(shell.machine.console.contains("application: Shell"))
            #expect(shell.machine.console.contains("  #1  0x"))
        }
    }

    @Test func `an image built with checks notices a write behind a block, another does not`() throws {
        let plain = try ShellSession(card: nil)
        #expect(try plain.run("crash heap-overflow").contains("nothing stopped it"))
        let built = try Fixtures.builder(checksHeap: true).build("Shell")
        var configuration = try Fixtures.board(.success(built))
        configuration.endsOnReboot = true
        let checked = try Machine(configuration)
        try checked.expect(ShellSession.prompt)
        checked.type("crash heap-overflow\r")
        try checked.expect("broken contract: a program writes only into the memory it was given")
        #expect(try checked.exitStatus() == .exited(0))
    }

    @Test func `the report of a crash is shown once more after the reboot, and then forgotten`() throws {
        let shell = try ShellSession(card: nil)
        shell.machine.type("crash index\r")
        try shell.machine.expect("=== end of crash report ===")
        try shell.machine.expect("the run before this one ended so:")
        try shell.machine.expect("Swift trap")
        try shell.machine.expect("=== end of crash report ===")
        try shell.machine.expect(ShellSession.prompt)
        let marks = shell.machine.console.components(separatedBy: "the run before this one").count
        shell.machine.type("reboot\r")
        try shell.machine.expect(ShellSession.prompt)
        #expect(shell.machine.console.components(separatedBy: "the run before this one").count == marks)
    }

    @Test(.onBoardEmulator, arguments: [false, true], [1, 2])
    func `a report outlives a reset that flips bits of memory, and one that takes the supply for a moment`(
        losesMemory: Bool, seed: Int
    ) throws {
        let machine = try BoardSession.start(Fixtures.shell, network: .none) {
            $0.extra = ["-global", "apus-firmware.seed=\(seed)"]
            if losesMemory { $0.extra += ["-global", "apus-firmware.always-decays=on"] }
        }
        try machine.expect(ShellSession.prompt)
        machine.type("crash index\r")
        let first = try machine.expect("=== end of crash report ===")
        try machine.expect("the run before this one ended so:")
        let second = try machine.expect(ShellSession.prompt)
        func lines(_ text: String) -> [Substring] { text.split { $0.isNewline }.filter { $0.contains("0x") } }
        let expected = lines(first)
        let kept = lines(second).filter { expected.contains($0) }
        #expect(expected.count > 10)
        // With every tenth bit flipped some pieces are lost, and marked.
        #expect(losesMemory ? kept.count > expected.count / 3 : kept == expected, "\(second)")
        #expect(kept.count == expected.count || second.contains("[?"))
    }

    @Test(arguments: [
        ("index", "crashByIndexing()"), ("overflow", "crashByOverflow()"), ("null", "crashByReadingNull()"),
    ])
    func `run turns addresses into the function, file and line that crashed`(kind: String, function: String) throws {
        let source = try String(contentsOfFile: Fixtures.file("Sources/Apps/Shell/Crashes.swift"), encoding: .utf8)
        let lines = source.components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.contains("func \(function)") }) + 1
        let output = try ToolFixture.command("run", "Shell", "--no-card", "--timeout", "60").capture(
            input: "\r\rcrash \(kind)\rpoweroff\r", mergingErrors: true)
        let named = output.text.components(separatedBy: "\n").filter { $0.contains("Crashes.swift:") }
        let numbers = named.compactMap { line in
            line.components(separatedBy: "Crashes.swift:").last.flatMap { Int($0.prefix { $0.isNumber }) }
        }
        #expect(named.contains { $0.contains(function) }, "\(output.text)")
        #expect(numbers.contains { ($0 - start) >= 0 && $0 - start < 5 }, "\(output.text)")
    }
}
