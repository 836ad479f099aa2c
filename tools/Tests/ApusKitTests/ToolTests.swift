import Testing

@testable import ApusKit

@Suite struct DeviceListTests {
    func symbol(_ name: String) -> ELFImage.Symbol {
        .init(name: name, address: 0, size: 4, kind: .function, section: 1)
    }

    @Test func `a driver counts where its module is mentioned, and nowhere else`() {
        let symbols = [
            "$s5PL011AAV5writeyyF", "$e12RaspberryPi45BoardO7mailbox7MailboxAEVyAA4MMIOVGSgvpZ",
            "$s6Module14GPIOABCDEFGHIJV",
            "apus_6GIC400", "$s10DeviceTree0A0V",
        ].map(symbol)
        let modules = ["PL011", "Mailbox", "GPIO", "GIC400", "DeviceTree", "RaspberryPi4"]
        #expect(DeviceList.devices(in: symbols, among: modules) == ["Mailbox", "PL011"])
    }
}

@Suite struct VersionTests {
    @Test func `versions are found in what programs print, and ordered by number`() throws {
        let qemu = try #require(Version(in: "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)"))
        #expect(qemu.description == "10.0.2")
        #expect(qemu > Version(9, 0) && !(qemu < Version(10, 0, 2)) && Version(7, 2) < Version(7, 2, 1))
        #expect(Version(10, 0) == Version(10, 0, 0))
        #expect(Version(in: "no number") == nil)
    }
}

@Suite struct DebianTests {
    @Test func `the mirror in use is taken again`() {
        let targets = """
            http://deb.debian.org/debian bookworm-backports http://deb.debian.org/debian/
            http://mirror.example/debian bookworm http://mirror.example/debian/
            """
        #expect(Debian.mirror(of: "bookworm", in: targets) == "http://mirror.example/debian")
        #expect(Debian.mirror(of: "trixie", in: targets) == nil)
    }
}

@Suite struct TallyTests {
    @Test func `tests that failed are not counted as passed`() {
        let output = """
            ✘ Test "a full ring refuses the frame" recorded an issue at RingTests.swift:3:5: Expectation failed
            ✘ Test "a full ring refuses the frame" failed after 0.001 seconds with 1 issue.
            ✘ Test case passing 1 argument x → 1 to "cases" failed after 0.001 seconds with 1 issue.
            ✘ Test "cases" with 3 test cases failed after 0.001 seconds with 1 issue.
            ✘ Suite RingTests failed after 0.002 seconds with 2 issues.
            ✘ Test run with 12 tests in 4 suites failed after 0.9 seconds with 2 issues.
            """.split(separator: "\n")
        #expect(Tally(swiftTest: output) == Tally(passed: 10, failed: 2))
    }

    @Test func `a run that passed counts all`() {
        #expect(Tally(swiftTest: ["✔ Test run with 7 tests in 1 suite passed after 1 seconds."]) == Tally(passed: 7))
    }

    @Test func `a run that ended without its closing line is a failure`() {
        #expect(Tally(swiftTest: ["◇ Test \"x\" started.", "error: Exited with signal code 11"]) == Tally(failed: 1))
    }
}

@Suite struct ELFImageTests {
    @Test func `what is cut off or altered is refused, never read beyond its end`() throws {
        let path = try #require(Executable.find("true"))
        let bytes = try Files.read(path)
        let whole = try ELFImage(bytes: bytes)
        #expect(whole.section(named: ".text") != nil)
        for length in [0, 1, 63, 64, 100, bytes.count / 2, bytes.count - 1] {
            #expect(throws: ELFError.malformed) { try ELFImage(bytes: Array(bytes.prefix(length))) }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var altered = bytes
            altered[Int.random(in: 16..<64, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            _ = try? ELFImage(bytes: altered)
        }
    }
}

@Suite struct CommandTests {
    @Test func `output, status and input of a program come through`() throws {
        #expect(try Command("cat").check(input: "through") == "through")
        #expect(try Command("sh", ["-c", "exit 3"]).capture().status == .exited(3))
        #expect(try Command("sh", ["-c", "kill -9 $$"]).capture().status == .signalled(9))
        #expect(try Command("pwd", directory: "/tmp").check() == "/tmp\n")
        #expect(throws: ProcessError.notFound("no-such-program")) { try Command("no-such-program").check() }
        let failure = ProcessError.failed("sh -c echo why >&2; exit 1", output: "why\n")
        #expect(throws: failure) { try Command("sh", ["-c", "echo why >&2; exit 1"]).check() }
    }

    @Test func `much input and much output do not wait for each other`() throws {
        let text = String(repeating: "0123456789abcde\n", count: 100_000)
        #expect(try Command("cat").check(input: text) == text)
    }
}

@Suite struct MachineConfigurationTests {
    @Test func `options become QEMU's arguments`() {
        var configuration = MachineConfiguration(boot: .image("a/kernel8.img"))
        configuration.card = "a,b.img"
        configuration.hasOneCore = true
        configuration.countsInstructions = true
        let arguments = configuration.arguments.joined(separator: " ")
        #expect(arguments.contains("-kernel a/kernel8.img"))
        #expect(arguments.contains("if=sd,format=raw,file=a,,b.img,snapshot=on"))
        #expect(arguments.contains("-icount shift=0,sleep=off") && arguments.contains("bcm2838.enabled-cpus=1"))
    }

    @Test func `what the firmware hands over is one file with all of it`() throws {
        try Files.withTemporaryDirectory { directory in
            try Files.write([1, 2, 3, 4], to: directory + "/kernel8.img")
            try Files.write([5, 6, 7], to: directory + "/board.dtb")
            var handOver = HandOver(stub: BootStub(code: [9]), image: directory + "/kernel8.img")
            handOver.fillsMemory = false
            var configuration = MachineConfiguration(boot: .handedOver(handOver))
            configuration.deviceTree = directory + "/board.dtb"
            let arguments = configuration.arguments.joined(separator: " ")
            #expect(arguments.contains("-global arm_gic.has-security-extensions=on -kernel \(handOver.file)"))
            #expect(!arguments.contains("-dtb"))
            try handOver.write(deviceTree: configuration.deviceTree)
            defer { Files.remove(handOver.file) }
            let elf = try Files.read(handOver.file)
            // The headers, three parts of memory, their contents in the same order.
            #expect(elf.count == 64 + 3 * 56 + BootStub.size + 4 + 3)
            #expect(Array(elf[(64 + 56 + 16)..<(64 + 56 + 20)]) == [0, 0, 8, 0])
            #expect(Array(elf.suffix(7)) == [1, 2, 3, 4, 5, 6, 7])
            #expect(Array(elf[(64 + 3 * 56 + 0xF8)..<(64 + 3 * 56 + 0x100)]) == [0, 0, 0xFF, 0x2E, 0, 0, 8, 0])
        }
    }
}
