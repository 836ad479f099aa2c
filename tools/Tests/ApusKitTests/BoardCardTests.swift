import FirmwareModel
import Testing

@testable import ApusKit

/// Cards for boards, judged by the model of the firmware.
@Suite struct BoardCardTests {
    /// A repository whose `.cache` holds these files of the firmware.
    private static func repository(
        in directory: String, firmware: [String: [UInt8]] = SampleFirmware.files
    ) throws -> Repository {
        let repository = Repository(root: directory)
        let place = Firmware(repository: repository).directory
        try Files.makeDirectory(place)
        for (name, bytes) in firmware { try Files.write(bytes, to: place + "/" + name) }
        return repository
    }

    private static func makeCard(
        in directory: String, firmware: [String: [UInt8]] = SampleFirmware.files
    ) throws -> CardImage.Result {
        let application = ApplicationPackage.Application(name: "X", module: "X", sources: directory + "/source")
        let built = BuiltImage(application: application, directory: directory + "/build")
        try Files.makeDirectory(built.directory)
        try Files.write(SampleFirmware.kernel(at: 0x80000), to: built.image)
        return try CardImage(firmware: Firmware(repository: repository(in: directory, firmware: firmware))).make(built)
    }

    /// A card as `apus flash` leaves it: made, written to a file that stands for the device, and read from there.
    private static let flashed = Result {
        try Files.withTemporaryDirectory { directory in
            let card = try makeCard(in: directory)
            let device = directory + "/device"
            try Files.write([UInt8](repeating: 0xff, count: 65 << 20), to: device)
            try FlashWriter(HeldDevice(path: device, isDevice: false)).write(CardImageFile(path: card.path)) { _, _ in }
            return CardContent(image: try Files.read(device))
        }
    }

    private func boot(_ card: CardContent, _ revision: UInt32 = 0xd03115) throws -> FirstInstruction {
        try FirmwareModel(board: BoardDescription(revision: revision), card: card).boot()
    }

    @Test(arguments: [0xd03115, 0xa03111, 0xb03112, 0xc03130, 0xd03140] as [UInt32])
    func `a card that was flashed starts each of the boards`(revision: UInt32) throws {
        let board = try boot(Self.flashed.get(), revision)
        #expect(board.faults.isEmpty && board.warnings.isEmpty && board.entry == 0x80000 && board.x0 != 0)
        #expect(board.devices.serialClock == 48_000_000 && board.memoryEnd == 960 << 20)
    }

    @Test func `without its tree the lines of config_txt stand in for it`() throws {
        let card = try Self.flashed.get().without("bcm2711-rpi-4-b.dtb")
        let board = try boot(card)
        #expect(board.faults.isEmpty && board.x0 == 0)
        #expect(try boot(card.withoutSetting("disable_commandline_tags")).faults == [.stubOverwrittenByTags(at: 0x100)])
        #expect(try boot(card.withoutSetting("enable_gic")).faults == [.noInterrupts])
    }

    @Test func `without the lines the tree stands in for them`() throws {
        let card = try Self.flashed.get().withoutSetting("disable_commandline_tags").withoutSetting("enable_gic")
        #expect(try boot(card).faults.isEmpty)
        #expect(try boot(card.without("bcm2711-rpi-4-b.dtb")).faults.count == 2)
    }

    @Test func `what else may be missing is told by its name`() throws {
        let card = try Self.flashed.get()
        #expect(throws: BootFailure.missingFirmware("start4.elf")) { try boot(card.without("start4.elf")) }
        #expect(throws: BootFailure.missingKernel("kernel8.img")) { try boot(card.without("kernel8.img")) }
        // The ARM has little memory then, but enough.
        let small = try boot(card.without("fixup4.dat"))
        #expect(small.faults.isEmpty && small.memoryEnd == 128 << 20)
        // Nothing but the defaults.
        #expect(try boot(card.without("config.txt")).faults.isEmpty)
        #expect(try boot(card.without("config.txt").without("bcm2711-rpi-4-b.dtb")).faults.count == 2)
    }

    /// The card that `apus image` and `apus flash` made before: two files of firmware, and a line that asks for ATAGs.
    @Test func `the card of old never reached the kernel`() throws {
        let lines =
            "arm_64bit=1\nkernel=kernel8.img\nkernel_address=0x80000\ndtoverlay=disable-bt\ndisable_commandline_tags=0\n"
        var card = try Self.flashed.get().replacing("config.txt", with: Array(lines.utf8))
        for tree in Firmware.deviceTrees { card = card.without(tree.card) }
        let board = try boot(card)
        #expect(board.faults == [.stubOverwrittenByTags(at: 0x100), .noInterrupts])
        #expect(board.x0 == 0 && board.bytes(0x100..<0x104) == [5, 0, 0, 0])
    }

    // MARK: Refusing

    @Test(arguments: Firmware.requiredFiles) func `without one of its files a card is for QEMU alone, and says so`(
        file: String
    ) throws {
        try Files.withTemporaryDirectory { directory in
            var files = SampleFirmware.files
            files[file] = nil
            let card = try Self.makeCard(in: directory, firmware: files)
            #expect(!card.bootsOnBoard && card.path.hasSuffix("card-qemu-only.img"))
            #expect(Firmware(repository: Repository(root: directory)).missing == [file])
            #expect(!(try BootFiles.missing(fromImage: card.path)).isEmpty)
        }
    }

    @Test func `a refusal names the files`() {
        let error = FlashError.lacksBootFiles("card.img", ["start4.elf", "bcm2711-rpi-4-b.dtb"])
        #expect(error.description.contains("card.img lacks start4.elf, bcm2711-rpi-4-b.dtb"))
    }

    // MARK: Where the files come from

    @Test func `newer firmware is preferred, and the machine's own release falls in`() {
        #expect(FirmwareDownload.releases(for: "bookworm") == ["trixie", "bookworm"])
        #expect(FirmwareDownload.releases(for: "trixie") == ["trixie"])
        #expect(FirmwareDownload.releases(for: "forky") == ["forky", "trixie"])
    }

    @Test func `what was fetched says its versions, its release and its day`() throws {
        try Files.withTemporaryDirectory { directory in
            let names = ["/a/raspi-firmware_1.20240424+ds-6_all.deb", "/a/linux-image-6.12_6.12.1-1_arm64.deb"]
            let notice = FirmwareDownload.notice(release: "trixie", packages: names, terms: "The terms.")
            var files = SampleFirmware.files
            files["NOTICE.txt"] = Array(notice.utf8)
            let marks = "\0VC_BUILD_ID_TIME: 17:27:09\0VC_BUILD_ID_VARIANT: start\0VC_BUILD_ID_TIME: Apr 17 2024\0"
            files["start4.elf"]? += Array(marks.utf8)
            let firmware = Firmware(repository: try Self.repository(in: directory, firmware: files))
            #expect(firmware.release == "trixie" && !FirmwareDownload.isOld(firmware))
            let expected =
                "raspi-firmware 1.20240424+ds-6, linux-image-6.12 6.12.1-1 (Debian trixie), built Apr 17 2024"
            #expect(firmware.description == expected)
            #expect(firmware.locate()?.map(\.card).contains("NOTICE.txt") == true)
        }
    }

    @Test func `files of nobody's writing are old`() throws {
        try Files.withTemporaryDirectory { directory in
            let firmware = Firmware(repository: try Self.repository(in: directory))
            #expect(firmware.missing.isEmpty && FirmwareDownload.isOld(firmware) && firmware.date == nil)
        }
    }
}
