import Foundation
import Settings

/// Makes card images with the tools everyone uses: sfdisk, mkfs.vfat, mtools.
package struct CardImage: Sendable {
    private let firmware: Firmware

    /// A maker that puts this firmware on its cards.
    package init(firmware: Firmware) {
        self.firmware = firmware
    }

    /// Whether a file of `size` bytes, whose first ones are `bytes`, begins with a partition table, as everything that belongs on a card does.
    package static func isCardImage(_ bytes: [UInt8], size: Int) -> Bool {
        size > CardLayout.partitionStart && bytes.count >= 512 && bytes[510] == 0x55 && bytes[511] == 0xaa
    }

    /// What was made.
    package struct Result: Sendable {
        /// The image's path.
        package let path: String
        /// Whether a board boots it; otherwise only QEMU does, for want of the firmware.
        package let bootsOnBoard: Bool
        /// Bytes.
        package let size: Int
    }

    // The same content makes the same image: nothing in it comes from a clock or a random number.
    private static let identifier = "41505553"
    private static let time = "315532800"

    /// Makes the card image of a built application, at least `minimumSize` bytes large.
    package func make(_ built: BuiltImage, minimumSize: Int = CardLayout.minimumSize) throws -> Result {
        let firmwareFiles = firmware.locate()
        let path = firmwareFiles == nil ? built.qemuCard : built.card
        return try Files.withTemporaryDirectory { staging in
            try stage(built, firmware: firmwareFiles ?? [], in: staging)
            let contents = try Self.contents(of: staging)
            let layout = CardLayout(
                contentSize: contents.map(\.size).reduce(0, +), files: contents.count, minimum: minimumSize)
            let partial = path + ".partial"
            Files.remove(partial)
            defer { Files.remove(partial) }
            try format(partial, layout: layout)
            try CardStore(path: partial, isReadOnly: false).format(force: false)
            try copy(contents.map(\.name).filter { !$0.contains("/") }, from: staging, to: partial)
            guard rename(partial, path) == 0 else { throw FileError.unwritable(path: path) }
            // Whichever image is there is the one that is right.
            Files.remove(firmwareFiles == nil ? built.card : built.qemuCard)
            return Result(path: path, bootsOnBoard: firmwareFiles != nil, size: layout.size)
        }
    }

    /// The card image of a built application that keeps what guests write, with whether it was there before: as `make` makes it at first, and never
    /// made again. What is newer of the application's files is not on it; QEMU takes the image itself from elsewhere.
    package func keep(_ built: BuiltImage) throws -> (path: String, isOld: Bool) {
        if Files.exists(built.keptCard) { return (built.keptCard, true) }
        let made = try make(built)
        let partial = built.keptCard + ".partial"
        Files.remove(partial)
        try Self.copy(made.path, to: partial)
        guard rename(partial, built.keptCard) == 0 else { throw FileError.unwritable(path: built.keptCard) }
        return (built.keptCard, false)
    }

    /// Gathers everything that goes on the card in a directory that looks as the card will.
    private func stage(_ built: BuiltImage, firmware: [(card: String, source: String)], in directory: String) throws {
        try Files.write(BoardConfiguration.text, to: directory + "/config.txt")
        try Self.copy(built.image, to: directory + "/kernel8.img")
        for file in firmware {
            try Self.copy(file.source, to: directory + "/" + file.card)
        }
        let files = built.application.filesDirectory
        if !Files.exists(files + "/" + Settings.fileName) {
            try Files.write(Settings.exampleFile, to: directory + "/" + Settings.fileName)
        }
        guard Files.isDirectory(files) else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: files).sorted() {
            guard !Files.exists(directory + "/" + name) else { throw CardError.reservedName(name, directory: files) }
            try Self.copy(files + "/" + name, to: directory + "/" + name)
        }
    }

    private static func copy(_ source: String, to target: String) throws {
        do {
            try FileManager.default.copyItem(atPath: source, toPath: target)
        } catch {
            throw FileError.unreadable(path: source)
        }
    }

    /// Everything below `directory`, each with its size; directories count nothing.
    private static func contents(of directory: String) throws -> [(name: String, size: Int)] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
        return try names.map { name in
            let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + name)
            let isFile = attributes[.type] as? FileAttributeType == .typeRegular
            return (name, isFile ? (attributes[.size] as? Int ?? 0) : 0)
        }
    }

    private func format(_ path: String, layout: CardLayout) throws {
        try Command("truncate", ["--size=\(layout.size)", path]).check()
        let start = CardLayout.partitionStart / CardLayout.blockSize
        let blocks = layout.fileSystemSize / CardLayout.blockSize
        try Command("sfdisk", ["--quiet", "--no-reread", "--no-tell-kernel", path]).check(
            input: """
                label: dos
                label-id: 0x\(Self.identifier)
                unit: sectors
                start=\(start), size=\(blocks), type=c, bootable
                start=\(layout.storeStart / CardLayout.blockSize), type=\(CardLayout.storeType)

                """)
        // mkfs.vfat counts in KiB and knows where to begin by --offset, in blocks.
        try Command(
            "mkfs.vfat",
            [
                "--invariant", "-F", "32", "-s", "\(layout.blocksPerCluster)", "-n", "APUS", "-i", Self.identifier,
                "-h", "\(start)", "--offset", "\(start)", path, "\(blocks / 2)",
            ]
        ).check()
    }

    private func copy(_ names: [String], from directory: String, to path: String) throws {
        let sources = names.map { directory + "/" + $0 }
        try Command(
            "mcopy", ["-i", "\(path)@@\(CardLayout.partitionStart)", "-s", "-Q"] + sources + ["::/"],
            environment: ["SOURCE_DATE_EPOCH": Self.time, "TZ": "UTC", "LC_ALL": "C.UTF-8"]
        ).check()
    }
}

/// A card image that cannot be made.
package enum CardError: UserError, Equatable {
    case reservedName(String, directory: String)

    package var description: String {
        switch self {
        case .reservedName(let name, let directory):
            "\(directory)/\(name) has the name of a file that the board boots from; rename it"
        }
    }
}
