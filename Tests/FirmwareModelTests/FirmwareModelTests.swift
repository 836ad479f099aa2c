import Testing

@testable import FirmwareModel

@Suite struct FirmwareModelTests {
    /// A card that starts a board, with these lines behind config.txt's first ones.
    private func card(_ lines: String..., kernel: UInt32 = 0x80000) -> CardContent {
        var files = SampleFirmware.files
        files["kernel8.img"] = SampleFirmware.kernel(at: kernel)
        let text = (["arm_64bit=1", "kernel=kernel8.img", "gpu_mem=64"] + lines).joined(separator: "\n")
        files["config.txt"] = Array(text.utf8)
        return CardContent(files: files)
    }

    private func boot(_ card: CardContent, _ board: BoardDescription = BoardDescription()) throws -> FirstInstruction {
        try FirmwareModel(board: board, card: card).boot()
    }

    private let tree = "bcm2711-rpi-4-b.dtb"

    @Test func `with a tree the kernel runs at the address of its header and finds tree and interrupts`() throws {
        let board = try boot(card())
        #expect(board.faults.isEmpty && board.entry == 0x80000 && board.devices.routesGIC)
        #expect(board.memoryEnd == 960 << 20 && board.x0 < 0x2f00_0000 && board.x0 > 0x2eff_0000 && board.x0 % 256 == 0)
        #expect(board.region("tags") == nil)
        // The stub's own words: no magic, the tree, the kernel.
        let words = try #require(board.bytes(0xf0..<0x100))
        #expect(words.little32(0) == 0 && words.little32(8) == Int(board.x0) && words.little32(12) == 0x80000)
        let tree = try #require(board.bytes(board.x0..<board.x0 + 4))
        #expect(tree == [0xd0, 0x0d, 0xfe, 0xed])
    }

    @Test func `the tree tells memory, address, DMA window and how the board was started`() throws {
        var description = BoardDescription()
        description.resetStatus = BoardDescription.resetStatus(partition: 1)
        let tree = try #require(try boot(card(), description).tree)
        let reg = try #require(tree.node("/memory@0")?["reg"])
        let words = (0..<reg.count / 4).compactMap { reg.big32(4 * $0) }
        let expected = [
            0, 0, 0x3c00_0000, 0, 0x4000_0000, 0xbc00_0000, 1, 0, 0x8000_0000, 1, 0x8000_0000, 0x8000_0000,
        ]
        #expect(words == expected)
        #expect(tree.node("/emmc2bus")?["dma-ranges"]?.big32(4) == 0)
        #expect(tree.node("/scb/ethernet@7d580000")?["local-mac-address"] == description.hardwareAddress)
        #expect(tree.node("/chosen/bootloader")?.cell("rsts") == 1)
        #expect(tree.node("/reserved-memory/nvram@0")?.strings("status") == ["okay"])
        description.hasFirstStepping = true
        let first = try #require(try boot(card(), description).tree)
        #expect(first.node("/emmc2bus")?["dma-ranges"]?.big32(4) == 0xc000_0000)
    }

    // MARK: Without a tree

    @Test func `without a tree ATAGs lie over the stub, and no interrupts arrive`() throws {
        let board = try boot(card().without(tree))
        #expect(board.x0 == 0 && board.faults == [.stubOverwrittenByTags(at: 0x100), .noInterrupts])
        // ATAG_CORE's length is what the core executes.
        #expect(board.bytes(0x100..<0x104) == [5, 0, 0, 0])
    }

    @Test func `each of the two lines helps against its own fault`() throws {
        let withoutTags = try boot(card("disable_commandline_tags=2").without(tree))
        #expect(withoutTags.faults == [.noInterrupts] && withoutTags.region("tags") == nil)
        let withGIC = try boot(card("enable_gic=1").without(tree))
        #expect(withGIC.faults == [.stubOverwrittenByTags(at: 0x100)])
        let both = try boot(card("enable_gic=1", "disable_commandline_tags=2").without(tree))
        #expect(both.faults.isEmpty && both.x0 == 0 && both.tree == nil)
    }

    @Test func `an empty device_tree, and a file that is none, are no tree`() throws {
        #expect(try boot(card("device_tree=")).x0 == 0)
        #expect(try boot(card().replacing(tree, with: [1, 2, 3])).x0 == 0)
        #expect(try boot(card("device_tree=other.dtb")).x0 == 0)
    }

    @Test func `a tree with another interrupt controller does not switch the GIC on`() throws {
        var other = try #require(FlattenedTree(SampleFirmware.tree))
        other.set("/soc/interrupt-controller@40041000", "compatible", Array("brcm,bcm2836-armctrl-ic\0".utf8))
        #expect(try boot(card().replacing(tree, with: other.serialized())).faults == [.noInterrupts])
    }

    @Test func `a short stub is not hit by ATAGs`() throws {
        let files = card("armstub=short.bin", "enable_gic=1").without(tree)
        let stub = Array(try #require(BuiltInStub.find(in: SampleFirmware.start4)).prefix(0x100))
        #expect(try boot(files.replacing("short.bin", with: stub)).faults.isEmpty)
    }

    // MARK: Addresses

    @Test(arguments: [
        (UInt32(0x80000), UInt64(0x80000)), (0, 0x20_0000), (0x100, 0x20_0100), (0x200, 0x200), (0x48_0000, 0x48_0000),
    ]) func `the header's offset is the kernel's address, out of the stub's way`(offset: UInt32, entry: UInt64) throws {
        #expect(try boot(card("kernel_address=0x300000", kernel: offset)).entry == entry)
    }

    @Test func `a kernel without a header goes to kernel_address, or to 0x80000`() throws {
        let plain = [UInt8](repeating: 1, count: 100)
        #expect(try boot(card().replacing("kernel8.img", with: plain)).entry == 0x80000)
        #expect(try boot(card("kernel_address=0x300000").replacing("kernel8.img", with: plain)).entry == 0x30_0000)
    }

    @Test func `the tree goes where it is told, and into the kernel if that is there`() throws {
        let board = try boot(card("device_tree_address=0x3e0000", "device_tree_end=0x400000"))
        #expect(board.x0 == 0x3e_0000 && board.faults.isEmpty)
        let below = try boot(card("device_tree_end=0x400000"))
        #expect(below.x0 < 0x40_0000 && below.x0 > 0x3f_0000)
        #expect(try boot(card("device_tree_address=0x80000")).faults == [.overlap("kernel", "tree")])
        #expect(throws: BootFailure.self) { try boot(card("device_tree_address=0x3e0000", "device_tree_end=0x3e0100")) }
    }

    @Test func `the sizes of memory follow gpu_mem and fixup4_dat`() throws {
        let files = card().without("fixup4.dat")
        let board = try boot(files)
        #expect(board.memoryEnd == 128 << 20 && board.x0 < 128 << 20 && board.faults.isEmpty)
        #expect(try boot(card().withoutSetting("gpu_mem")).memoryEnd == 948 << 20)
        #expect(throws: BootFailure.missingFirmware("start4cd.elf")) { try boot(card("gpu_mem=16")) }
        #expect(try boot(card("total_mem=512")).memoryEnd == 448 << 20)
        let big = SampleFirmware.kernel(at: 0x80000, size: 200 << 20)
        #expect(throws: BootFailure.self) { try boot(files.replacing("kernel8.img", with: big)) }
    }

    @Test func `an initial file system ends where the tree would, and the tree lies below it`() throws {
        let files = card("initramfs first followkernel")
        let board = try boot(files.replacing("first", with: [UInt8](repeating: 7, count: 5000)))
        // As on a board: at the end of the memory that is used for loading.
        let region = try #require(board.region("initramfs"))
        #expect(region.address == 0x2eff_e000 && board.x0 < region.address && board.faults.isEmpty)
    }

    // MARK: What is missing

    @Test(arguments: [
        ("start4.elf", BootFailure.missingFirmware("start4.elf")), ("kernel8.img", .missingKernel("kernel8.img")),
    ]) func `a missing file is named`(file: String, failure: BootFailure) throws {
        #expect(throws: failure) { try boot(card().without(file)) }
    }

    @Test func `what is no firmware and no card is said to be so`() throws {
        #expect(throws: BootFailure.damagedFirmware("start4.elf")) {
            try boot(card().replacing("start4.elf", with: [1, 2, 3]))
        }
        #expect(throws: BootFailure.damagedFirmware("start4.elf")) {
            try boot(
                card().replacing("start4.elf", with: [0x7f, 0x45, 0x4c, 0x46] + [UInt8](repeating: 0, count: 2000)))
        }
        #expect(throws: BootFailure.noFileSystem) { try boot(CardContent(image: [])) }
        #expect(throws: BootFailure.entersAArch32) {
            try boot(card("kernel=kernel7l.img").replacing("kernel7l.img", with: [1]))
        }
        #expect(throws: BootFailure.recovery("recovery.elf")) { try boot(card().replacing("recovery.elf", with: [1])) }
    }

    @Test func `an overlay that is missing is only reported`() throws {
        let board = try boot(card("dtoverlay=disable-bt"))
        #expect(board.warnings == ["Failed to load overlay 'disable-bt'"] && board.faults.isEmpty)
        #expect(!board.devices.headerHasPL011)
        let with = try boot(card("dtoverlay=disable-bt").replacing("overlays/disable-bt.dtbo", with: [1]))
        #expect(with.warnings.isEmpty && with.devices.headerHasPL011)
    }

    @Test func `other boards look for their own trees`() throws {
        let revisions: [(UInt32, String)] = [(0xc03130, "bcm2711-rpi-400.dtb"), (0xd03141, "bcm2711-rpi-cm4.dtb")]
        for (revision, name) in revisions {
            let description = BoardDescription(revision: revision)
            #expect(try boot(card(), description).faults.isEmpty)
            #expect(try boot(card().without(name), description).x0 == 0)
        }
    }

    @Test func `files are asked for in the order of the stages`() throws {
        let paths = try boot(card()).requests.map(\.path)
        let expected = [
            "autoboot.txt", "config.txt", "pieeprom.upd", "recover4.elf", "recovery.elf", "start4.elf", "fixup4.dat",
            "config.txt", "dt-blob.bin", "bcm2711-rpi-4-b.dtb", "cmdline.txt", "kernel8.img",
        ]
        #expect(paths == expected)
    }

    @Test func `cmdline_txt stands behind the firmware's own words`() throws {
        let board = try boot(card().replacing("cmdline.txt", with: Array("mine=1\nnot this".utf8)))
        #expect(board.bootArguments.hasSuffix("  mine=1") && board.bootArguments.contains("DC:A6:32"))
        #expect(board.tree?.node("/chosen")?.strings("bootargs") == [board.bootArguments])
    }

    @Test func `a prefix counts only where kernel and tree are found by it`() throws {
        let files = card("os_prefix=b/").replacing("b/kernel8.img", with: SampleFirmware.kernel(at: 0x300000))
        #expect(try boot(files).entry == 0x80000)
        #expect(try boot(files.replacing("b/" + tree, with: SampleFirmware.tree)).entry == 0x30_0000)
    }
}
