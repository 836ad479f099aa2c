import ApusKit
import Foundation
import Testing

/// Images started as the board's firmware starts them: through the stub that lies in its `start4.elf`, where that was fetched, and through
/// ours.
@Suite struct FirmwareStubTests {
    /// Whose stub it is.
    enum Maker: String, CaseIterable, Sendable {
        case firmware
        case ours

        static let available: [Maker] = FirmwareStubTests.firmware == nil ? [.ours] : [.firmware, .ours]
    }

    /// The firmware's own.
    static let firmware: BootStub? = {
        guard let files = try? Firmware(repository: Fixtures.repository.get()).locate(),
            let file = files.first(where: { $0.card == "start4.elf" })
        else { return nil }
        return (try? Files.read(file.source)).flatMap { BootStub(firmware: $0) }
    }()

    private func start(
        _ application: String, _ maker: Maker, _ change: (inout MachineConfiguration) throws -> Void = { _ in }
    ) throws -> Machine {
        let stub = try maker == .firmware ? #require(Self.firmware) : Fixtures.stub.get()
        return try Machine(Fixtures.board(Fixtures.build(application), change, handOver: { $0.stub = stub }))
    }

    @Test(arguments: Maker.available) func `Hello says what it has to say`(maker: Maker) throws {
        let machine = try start("Hello", maker)
        try machine.expect(BootTests.greeting)
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test(arguments: Maker.available)
    func `the selftest finds interrupts, cores and clocks as they should be`(maker: Maker) throws {
        let machine = try start("SelfTest", maker)
        try machine.expect(" 0 failed", timeout: 120)
        for line in [
            "clocks: found", "timer interrupt: found", "software interrupt: found", "cores: found — 1, 2 and 3 woken",
        ] { #expect(machine.console.contains(line), "\(line)") }
    }

    @Test(arguments: Maker.available) func `the shell reads the card and starts again`(maker: Maker) throws {
        let card = try Fixtures.shellCard.get()
        let machine = try start("Shell", maker) { $0.card = card }
        for command in ["reboot", "cat readme.txt"] {
            try machine.expect("Type `help`.")
            try machine.expect(ShellSession.prompt)
            machine.type(command + "\r")
        }
        try machine.expect(
            String(contentsOfFile: Fixtures.file("Sources/Apps/Shell/files/readme.txt"), encoding: .utf8).prefix(20)
                .description)
    }

    @Test(arguments: Maker.available) func `the web server serves`(maker: Maker) throws {
        let port = try BoardSession.freePort()
        let machine = try start("WebServer", maker) { $0.adapter = .user(hostPort: port, guestPort: 80) }
        try machine.expect("web: http://10.0.2.15/")
        let output = try Command("curl", ["-sS", "--max-time", "60", "http://127.0.0.1:\(port)/status"]).capture()
        #expect(output.text.hasSuffix("</html>\n"))
    }

    @Test(.enabled(if: firmware != nil, "the firmware has not been fetched"))
    func `our stub and the firmware's have their words at the same places`() throws {
        let theirs = try #require(Self.firmware).memory(tree: 0x1122_3344, image: 0x5566_7788)
        let ours = try Fixtures.stub.get().memory(tree: 0x1122_3344, image: 0x5566_7788)
        // The slots of the spin table and what follows.
        #expect(ours[0xD8..<0x100] == theirs[0xD8..<0x100])
    }
}
