import ApusKit
import Foundation
import Testing

/// What a board's firmware, or another loader, may hand over: trees here and there, images elsewhere, interrupts that never come.
@Suite struct HandOverTests {
    /// The heap's size as the shell says it, when the tree at `address` was handed over.
    private func heap(_ tree: [UInt8], at address: UInt32) throws -> String {
        try Files.withTemporaryDirectory { directory in
            try Files.write(tree, to: directory + "/tree.dtb")
            let shell = try ShellSession(
                card: nil, { $0.deviceTree = directory + "/tree.dtb" },
                handOver: {
                    $0.treeAddress = address
                    $0.fillsMemory = false
                })
            return try #require(try shell.run("memory").split(separator: "\n").first).description
        }
    }

    /// A tree with 2 MiB in the second gigabyte, where the firmware knows of a gigabyte.
    private func smallTree() throws -> [UInt8] {
        try Files.withTemporaryDirectory { directory in
            let source = BoardTree.source().replacingOccurrences(
                of: "0x40000000 0x40000000>", with: "0x40000000 0x200000>")
            return try Files.read(BoardTree.compile(source, in: directory))
        }
    }

    @Test(
        arguments: [
            (0x4000, "960 MiB"),  // below the image
            (0x20_0000, "958 MiB"),  // where the heap begins
            (0x3FF_FF00, "956 MiB"),  // over the end of what is mapped first
            (0x2EFF_1E00, "958 MiB"),  // where the firmware puts it
            (0x2F1F_FF00, "956 MiB"),  // over the end of a block
            (0x3BFF_FC00, "958 MiB"),  // at the end of the memory
        ] as [(UInt32, String)])
    func `a device tree is read wherever it lies, and only its own blocks are lost`(
        address: UInt32, heap: String
    ) throws {
        #expect(try self.heap(smallTree(), at: address).contains("heap:      \(heap)"))
    }

    @Test func `of a tree that is damaged, too long, cut off or in the image's way nothing is believed`() throws {
        let tree = try smallTree()
        var tooLong = tree
        tooLong[5] = 0x40
        var damaged = tree
        for offset in 80..<120 { damaged[offset] = 0xFF }
        let cut = tree.prefix(200) + [UInt8](repeating: 0, count: 100)
        for (bytes, address) in [
            (tooLong, 0x2EFF_0000), (damaged, 0x2EFF_0000), (Array(cut), 0x2EFF_0000), (tree, 0x1F_F000),
        ] as [([UInt8], UInt32)] { #expect(try heap(bytes, at: address).contains("GiB")) }
    }

    @Test(arguments: [0x1000, 0x4_0000, 0x7_8000, 0x8_1000, 0x10_0000, 0x20_0000, 0x200_0000] as [UInt32])
    func `an image that was loaded elsewhere moves to where it is linked, over itself if need be`(
        address: UInt32
    ) throws {
        let machine = try Machine(
            Fixtures.board(
                Fixtures.hello,
                handOver: {
                    $0.imageAddress = address
                    $0.fillsMemory = false
                }))
        try machine.expect(BootTests.greeting)
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test func `where no interrupt comes the console says so, and why`() throws {
        let stub = try BootStub.assemble(
            in: Fixtures.handOverDirectory.get(), toolchain: Fixtures.toolchain.get(), handsOverInterrupts: false)
        for image in [Fixtures.selfTest, Fixtures.shell] {
            let machine = try Machine(Fixtures.board(image, handOver: { $0.stub = stub }))
            try machine.expect(
                "apus: no interrupts: enable_gic=1 or a device tree is missing on the card (they are the secure side's)"
            )
        }
        // What does without them goes on as ever.
        let machine = try Machine(Fixtures.board(Fixtures.hello, handOver: { $0.stub = stub }))
        try machine.expect(BootTests.greeting)
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test func `what the firmware says about the start is told`() throws {
        try Files.withTemporaryDirectory { directory in
            let tree = try BoardTree.compile(
                BoardTree.source(
                    chosen: "bootloader { rsts = <0x20>; partition = <2>; tryboot = <1>; boot-mode = <1>; };"),
                in: directory)
            let shell = try ShellSession(card: nil) { $0.deviceTree = tree }
            let line = try shell.run("devices").split(separator: "\n").first { $0.contains("power management") }
            #expect(
                try #require(line).contains(
                    "last reset by watchdog (0x0020, as the firmware found it), booted from partition 2, boot mode 1, on trial"
                ))
        }
    }

    @Test func `the cores' work lies in lines of its own, in the image`() throws {
        let all = try Command("aarch64-linux-gnu-nm", ["-S", try Fixtures.selfTest.get().elf]).check()
        let line = try #require(all.split(separator: "\n").first { $0.hasSuffix(" apus_core_work") })
        let fields = line.split(separator: " ")
        let address = try #require(UInt64(fields[0], radix: 16))
        #expect(address % 64 == 0 && fields[fields.count - 2] == "D", "\(line)")
    }
}
