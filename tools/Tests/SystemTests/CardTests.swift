import ApusKit
import Foundation
import Testing

/// A card image made by sfdisk, mkfs.vfat and mcopy, for one test.
struct TestCard {
    let path: String
    static let size = 64 << 20
    static let start = 1 << 20

    init(_ directory: String, size: Int = Self.size) throws {
        path = directory + "/card.img"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: UInt64(size))
        try startNoBoard()
    }

    /// Writes a partition table with one FAT32 partition, and makes its file system.
    func format() throws {
        try partition()
        try Command("mkfs.vfat", ["-F", "32", "-s", "1", "-n", "TEST", "--offset", "2048", path, "64512"]).check()
    }

    /// Writes a partition table with one partition of nothing.
    func partition() throws {
        try Command("sfdisk", ["--quiet", path]).check(input: "start=2048, type=c, bootable\n")
    }

    func add(_ name: String, _ contents: Data) throws {
        let file = path + ".file"
        try contents.write(to: URL(fileURLWithPath: file))
        try Command("mcopy", ["-i", path + "@@1M", file, "::" + name]).check()
    }

    /// Says on the card that it starts no board. Whoever makes another first block says it again.
    func startNoBoard() throws { try overwrite(at: CardJudgement.place, with: CardJudgement.excuse) }

    func overwrite(at offset: Int, with bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(bytes))
    }
}

@Suite struct CardTests {
    /// Starts the shell with a card that `prepare` made, and checks that it says `message` and works otherwise.
    private func expect(_ message: String, with prepare: (TestCard) throws -> Void) throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try prepare(card)
            let shell = try ShellSession(card: card.path)
            #expect(shell.machine.console.contains(message), "\(shell.machine.console)")
            #expect(try shell.run("echo still here") == "still here")
            #expect(try !shell.run("ls").isEmpty)
        }
    }

    @Test func `an empty slot is said to be empty`() throws {
        let shell = try ShellSession(card: nil)
        #expect(shell.machine.console.contains("card:   none"))
        #expect(try shell.run("ls").contains("card"))
    }

    @Test func `an empty card has no partition table`() throws {
        try expect("no partition") { _ in }
    }

    @Test func `a partition without a file system is named`() throws {
        try expect("partition 1") { try $0.partition() }
    }

    @Test func `a file system that is longer than the card is refused`() throws {
        try expect("partition") { card in
            try card.format()
            // The partition's length in the table: as if the image had been cut.
            try card.overwrite(at: 446 + 12, with: [0xff, 0xff, 0xff, 0x7f])
        }
    }

    @Test func `a damaged boot sector is refused by the name of its field`() throws {
        try expect("FAT") { card in
            try card.format()
            try card.overwrite(at: TestCard.start + 13, with: [3])
        }
    }

    @Test func `a card without a partition table, one file system from block 0 on, is read`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try Command("mkfs.vfat", ["-F", "32", "-s", "1", "-n", "SUPER", card.path]).check()
            try card.startNoBoard()
            let file = directory + "/hello"
            try Data("hello from block 0\n".utf8).write(to: URL(fileURLWithPath: file))
            try Command("mcopy", ["-i", card.path, file, "::hello.txt"]).check()
            let shell = try ShellSession(card: card.path)
            #expect(try shell.run("cat hello.txt") == "hello from block 0")
        }
    }
}
