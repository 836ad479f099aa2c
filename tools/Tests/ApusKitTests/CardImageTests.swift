import FirmwareModel
import Testing

@testable import ApusKit

@Suite struct CardLayoutTests {
    @Test(arguments: [0, 1 << 20, 50 << 20, 60 << 20, 200 << 20, 3 << 30])
    func `a card is a power of two that holds its files`(content: Int) {
        let layout = CardLayout(contentSize: content, files: 10)
        #expect(layout.size.nonzeroBitCount == 1)
        #expect(layout.size > content + CardLayout.partitionStart)
        #expect(layout.size >= CardLayout.minimumSize)
    }

    @Test(arguments: 26...36) func `at every size the file system has enough clusters for FAT32`(bits: Int) {
        let layout = CardLayout(contentSize: 0, files: 0, minimum: 1 << bits)
        let blocks = layout.fileSystemSize / CardLayout.blockSize
        #expect(layout.size == 1 << bits)
        #expect(blocks / layout.blocksPerCluster > 65525 + 2048)
    }
}

@Suite struct CardImageTests {
    func makeCard(in directory: String, files: [String: String]) throws -> CardImage.Result {
        let application = ApplicationPackage.Application(name: "X", module: "X", sources: directory + "/source")
        let built = BuiltImage(application: application, directory: directory + "/build")
        try Files.makeDirectory(built.directory)
        try Files.write([UInt8](repeating: 0x5a, count: 50_000), to: built.image)
        for (name, text) in files {
            let path = directory + "/source/files/" + name
            try Files.makeDirectory(path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 })
            try Files.write(text, to: path)
        }
        return try CardImage(firmware: Firmware(repository: Repository(root: directory))).make(built)
    }

    @Test func `a card that is kept is made once, and is what the last run left`() throws {
        try Files.withTemporaryDirectory { directory in
            let application = ApplicationPackage.Application(name: "X", module: "X", sources: directory + "/source")
            let built = BuiltImage(application: application, directory: directory + "/build")
            try Files.makeDirectory(built.directory)
            try Files.write([UInt8](repeating: 0x5a, count: 50_000), to: built.image)
            let maker = CardImage(firmware: Firmware(repository: Repository(root: directory)))
            let first = try maker.keep(built)
            #expect(!first.isOld)
            let note = directory + "/note"
            try Files.write("kept", to: note)
            try Command("mcopy", ["-i", first.path + "@@1M", note, "::note.txt"]).check()
            // What other runs do meanwhile.
            _ = try maker.make(built)
            let second = try maker.keep(built)
            #expect(second.isOld && second.path == first.path)
            #expect(try Command("mcopy", ["-i", second.path + "@@1M", "::note.txt", "-"]).check() == "kept")
        }
    }

    @Test func `the files of an application's own package lie beside its sources, or in the package`() throws {
        try Files.withTemporaryDirectory { directory in
            let application = ApplicationPackage.Application(
                name: "X", module: "X", sources: directory + "/Sources/X", package: directory)
            #expect(application.filesDirectory == directory + "/files")
            try Files.makeDirectory(directory + "/Sources/X/files")
            #expect(application.filesDirectory == directory + "/Sources/X/files")
        }
    }

    @Test func `a card holds image, config.txt and the application's files, and other tools find it sound`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try makeCard(
                in: directory, files: ["readme.txt": "hello\n", "deep/er/A long näme.text": "x", "empty": ""])
            #expect(card.path.hasSuffix("card-qemu-only.img") && !card.bootsOnBoard)
            let image = try Files.read(card.path)
            #expect(CardImage.isCardImage(image, size: image.count))
            #expect(throws: BootFailure.missingFirmware("start4.elf")) {
                try FirmwareModel(card: CardContent(image: image)).boot()
            }
            #expect(try BootFiles.missing(fromImage: card.path) == ["start4.elf", "fixup4.dat", "bcm2711-rpi-4-b.dtb"])

            let table = try Command("sfdisk", ["--dump", card.path]).check()
            #expect(table.contains("start=        2048") && table.contains("type=c, bootable"))
            #expect(table.contains("start=      129024, size=        2048, type=da"))
            let partition = directory + "/partition"
            try Command("dd", ["if=\(card.path)", "of=\(partition)", "bs=1M", "skip=1", "count=62", "status=none"])
                .check()
            let report = try Command("fsck.vfat", ["-n", "-v", partition]).check()
            #expect(report.contains("2 FATs, 32 bit entries"))
            func content(_ name: String) throws -> String {
                try Command("mcopy", ["-i", partition, "::" + name, "-"], environment: ["LC_ALL": "C.UTF-8"]).check()
            }
            #expect(try content("/config.txt") == BoardConfiguration.text)
            #expect(try content("/readme.txt") == "hello\n")
            #expect(try content("/apus.json").contains("\"hostname\": null"))
            #expect(try CardStore(path: card.path, isReadOnly: true).mount().count == 0)
            #expect(try content("/deep/er/A long näme.text") == "x")
            #expect(try content("/kernel8.img").count == 50_000)
        }
    }

    @Test func `the same content makes the same card`() throws {
        let cards = try (0..<2).map { _ in
            try Files.withTemporaryDirectory { directory in
                try Files.read(try makeCard(in: directory, files: ["a/b": "c"]).path)
            }
        }
        let isSame = cards[0] == cards[1]
        #expect(isSame)
    }

    @Test func `an application's own settings are put on the card`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try makeCard(in: directory, files: ["apus.json": "{\"net.dhcp\": false}"])
            let text = try Command("mcopy", ["-i", card.path + "@@1M", "::/apus.json", "-"]).check()
            #expect(text == "{\"net.dhcp\": false}")
        }
    }

    @Test func `an application's file cannot take the place of the image`() throws {
        try Files.withTemporaryDirectory { directory in
            _ = #expect(throws: CardError.self) { try makeCard(in: directory, files: ["kernel8.img": "mine"]) }
        }
    }
}
