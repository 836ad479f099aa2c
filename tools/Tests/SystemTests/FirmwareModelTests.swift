import ApusKit
import FirmwareModel
import Foundation
import Testing

/// The real images on real cards with the real firmware's files, judged by the model of the firmware.
@Suite(.enabled(if: Fixtures.reasonForNoFirmware == nil, "\(Fixtures.reasonForNoFirmware ?? "")"))
struct FirmwareModelTests {
    /// Model 4B with both steppings of the chip and all sizes of memory, Pi 400, Compute Module 4.
    private static let boards: [BoardDescription] = {
        let revisions: [UInt32] = [0xa03111, 0xb03112, 0xc03112, 0xb03115, 0xc03115, 0xd03115, 0xc03130, 0xd03140]
        return revisions.map { revision in
            var board = BoardDescription(revision: revision)
            board.hasFirstStepping = revision & 0xf < 4 && board.model == .model4B
            return board
        }
    }()

    private static func expectStarts(_ card: CardContent, _ name: String) throws {
        for board in boards {
            let result = try FirmwareModel(board: board, card: card).boot()
            let revision = String(board.revision, radix: 16)
            #expect(result.faults.isEmpty && result.warnings.isEmpty, "\(name) on \(revision): \(result.faults)")
            #expect(result.entry == 0x80000 && result.x0 > 0x2e00_0000, "\(name) on \(revision)")
            let chosen = try #require(result.tree?.node("/chosen/bootloader"))
            #expect(chosen.cell("partition") == 1)
            let window = result.tree?.node("/emmc2bus")?["dma-ranges"]
            #expect(window?[4] == (board.hasFirstStepping ? 0xc0 : 0), "\(name) on \(revision)")
            // Where the firmware would put its words, there is room for them.
            let ethernet = result.tree?.alias("ethernet0").flatMap { result.tree?.node($0) }
            #expect(ethernet?["local-mac-address"] == board.hardwareAddress)
        }
    }

    @Test(arguments: (try? Fixtures.repository.get().applications) ?? [])
    func `each application's card starts every board, with a tree and without`(name: String) throws {
        let built = try Fixtures.build(name).get()
        try Files.withTemporaryDirectory { directory in
            // In a folder of its own: others boot the card in the usual one.
            let copy = BuiltImage(application: built.application, directory: directory)
            try Files.write(try Files.read(built.image), to: copy.image)
            let card = try CardImage(firmware: Firmware(repository: Fixtures.repository.get())).make(copy)
            #expect(card.bootsOnBoard)
            let content = CardContent(image: try Files.read(card.path))
            try Self.expectStarts(content, name)
            let bare = try FirmwareModel(card: content.without("bcm2711-rpi-4-b.dtb")).boot()
            #expect(bare.faults.isEmpty && bare.x0 == 0, "\(name): \(bare.faults)")
        }
    }

    @Test func `flash writes a card that starts a board, and none that does not`() throws {
        try Files.withTemporaryDirectory { directory in
            let device = directory + "/device"
            try Files.write([UInt8](repeating: 0xff, count: 65 << 20), to: device)
            let output = try ToolFixture.command("flash", "Hello", device, "--pretend").capture(mergingErrors: true)
            #expect(output.status.isSuccess, "\(output.text)")
            try Self.expectStarts(CardContent(image: try Files.read(device)), "Hello")
            // The same card, one file poorer.
            try Command("mdel", ["-i", device + "@@1M", "::/bcm2711-rpi-4-b.dtb"]).check()
            let other = directory + "/other"
            try Files.write([0], to: other)
            let refusal = try ToolFixture.command("flash", device, other, "--pretend").capture(mergingErrors: true)
            #expect(refusal.text.contains("lacks bcm2711-rpi-4-b.dtb"), "\(refusal.text)")
            #expect(!refusal.status.isSuccess)
            #expect(try Files.read(other) == [0])
        }
    }

    /// Memory as the model says that the firmware leaves it: its own stub, the image, and Debian's tree with the firmware's words in it.
    @Test(arguments: [true, false]) func `what the firmware leaves in memory starts Hello`(hasTree: Bool) throws {
        try Files.withTemporaryDirectory { directory in
            let built = try Fixtures.hello.get()
            let copy = BuiltImage(application: built.application, directory: directory)
            try Files.write(try Files.read(built.image), to: copy.image)
            let made = try CardImage(firmware: Firmware(repository: Fixtures.repository.get())).make(copy)
            var card = CardContent(image: try Files.read(made.path))
            if !hasTree { card = card.without("bcm2711-rpi-4-b.dtb") }
            // A board with as much memory as QEMU's.
            let board = BoardDescription(revision: 0xb03115)
            let state = try FirmwareModel(board: board, card: card).boot()
            #expect((state.x0 != 0) == hasTree)
            let regions = state.memory.sorted { $0.address < $1.address }
            let blobs = try regions.map { region in
                let path = directory + "/" + region.name
                try Files.write(region.bytes, to: path)
                return MachineConfiguration.Blob(path: path, address: region.address)
            }
            var configuration = MachineConfiguration(boot: .loaded(blobs))
            configuration.extra = ["-global", "arm_gic.has-security-extensions=on"]
            let machine = try Machine(configuration)
            try machine.expect(BootTests.greeting)
            #expect(try machine.exitStatus() == .exited(0))
        }
    }
}
