import ApusKit
import Testing

@Suite struct BootTests {
    static let greeting = "Hello from a board with nothing underneath."

    @Test func `Hello starts at EL2 from the raw image and switches the power off`() throws {
        let built = try Fixtures.hello.get()
        let machine = try Machine(MachineConfiguration(boot: .image(built.image)))
        try machine.expect(Self.greeting)
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test func `Hello starts at EL3 from the ELF file, where all cores begin at once`() throws {
        let built = try Fixtures.hello.get()
        let machine = try Machine(MachineConfiguration(boot: .elf(built.elf)))
        try machine.expect(Self.greeting)
        #expect(try machine.exitStatus() == .exited(0))
        #expect(machine.console.components(separatedBy: Self.greeting).count == 2)
    }

    @Test func `Hello starts at EL1 from firmware that keeps the higher levels`() throws {
        let built = try Fixtures.hello.get()
        try Files.withTemporaryDirectory { directory in
            let stub = try ExceptionLevelStub.assemble(in: directory, toolchain: Fixtures.toolchain.get())
            let blobs = [
                MachineConfiguration.Blob(path: stub, address: ExceptionLevelStub.address),
                MachineConfiguration.Blob(path: built.image, address: 0x80000),
            ]
            let machine = try Machine(MachineConfiguration(boot: .loaded(blobs)))
            try machine.expect(Self.greeting)
            #expect(try machine.exitStatus() == .exited(0))
        }
    }

    @Test func `Hello starts through the firmware's stub, with a tree, without one, with only one core`() throws {
        for (tree, hasOneCore) in [(BootStub.treeAddress, false), (0, false), (0, true)] as [(UInt32, Bool)] {
            let machine = try Machine(
                Fixtures.board(Fixtures.hello, { $0.hasOneCore = hasOneCore }, handOver: { $0.treeAddress = tree }))
            try machine.expect(Self.greeting)
            #expect(try machine.exitStatus() == .exited(0))
        }
    }

    @Test func `the header note can be read out of the image and fits it`() throws {
        let built = try Fixtures.hello.get()
        let image = try Files.read(built.image)
        let note = try #require(HeaderNote(image: image))
        #expect(note.application == "Hello")
        #expect(note.version == apusVersion)
        #expect(note.devices.contains("PL011"))
        #expect(HeaderNote.isIntact(image))
    }

    @Test func `every core keeps its instructions from being fetched too early, as its erratum wants`() throws {
        let code = try Command("aarch64-linux-gnu-objdump", ["-d", try Fixtures.hello.get().elf]).check()
        // CPUACTLR_EL1, written before the translation of addresses is on: the first of both writes.
        let write = try #require(code.range(of: "msr\ts3_1_c15_c2_0"))
        let start = try #require(code.range(of: "msr\tttbr0_el1"))
        #expect(write.lowerBound < start.lowerBound)
    }

    @Test func `Hello holds no storage, no task and no interrupt code`() throws {
        let all = try Command("aarch64-linux-gnu-nm", [try Fixtures.hello.get().elf]).check()
        let symbols = all.split(separator: "\n").filter { $0.contains(" T ") || $0.contains(" t ") }.joined()
        #expect(symbols.contains("7Runtime5CrashO"), "the names are as expected")
        for name in [
            "7Storage", "5SDHCI", "6GIC400", "9SchedulerO3run", "4TaskV5spawn", "8WaitQueueC", "13SerialConsoleC",
        ] {
            #expect(!symbols.contains(name), "\(name)")
        }
    }
}
