import ApusKit
import Foundation
import Testing

/// A card that cannot read or write some of its blocks: QEMU's `blkdebug` between the card and its file.
@Suite(.onBoardEmulator) struct CardErrorTests {
    private static let contents = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ $0 >> 6) }

    /// A card with a file `GOOD.BIN` and one `BAD.BIN`, and the sector at which the latter's contents begin.
    private func makeCard(_ directory: String) throws -> (card: TestCard, sector: Int) {
        let card = try TestCard(directory)
        try card.format()
        try card.add("GOOD.BIN", Data(Self.contents))
        let mark = Data("this file lies on bad blocks".utf8)
        try card.add("BAD.BIN", mark + Data(repeating: 0x2E, count: 20_000))
        let image = try Data(contentsOf: URL(fileURLWithPath: card.path), options: .alwaysMapped)
        let place = try #require(image.range(of: mark)?.lowerBound)
        return (card, place / 512)
    }

    /// The shell on that card, with errors of `kind` (`read`, `write`) at `sector`.
    private func shell(
        _ card: TestCard, _ directory: String, _ kind: String, at sector: Int, isOnce: Bool
    ) throws -> ShellSession {
        let rules = """
            [inject-error]
            event = "none"
            iotype = "\(kind)"
            errno = "5"
            sector = "\(sector)"
            once = "\(isOnce ? "on" : "off")"

            """
        try Data(rules.utf8).write(to: URL(fileURLWithPath: directory + "/rules"))
        let emulator = try Fixtures.emulator.get()
        return try ShellSession(card: "blkdebug:\(directory)/rules:\(card.path)") {
            $0.program = emulator
            $0.network = NetworkBackend.none
            $0.keepsWrites = true
        }
    }

    @Test func `a block that cannot be read once is read again, and nobody notices`() throws {
        try Files.withTemporaryDirectory { directory in
            let (card, sector) = try makeCard(directory)
            let shell = try shell(card, directory, "read", at: sector + 3, isOnce: true)
            #expect(try shell.run("cat BAD.BIN").hasPrefix("this file lies on bad blocks...."))
            let devices = try shell.run("devices")
            #expect(devices.contains(" retries") && !devices.contains(" 0 retries"))
        }
    }

    @Test func `a block that can never be read is an error of that file, and of no other`() throws {
        try Files.withTemporaryDirectory { directory in
            let (card, sector) = try makeCard(directory)
            let shell = try shell(card, directory, "read", at: sector + 3, isOnce: false)
            let copied = try shell.run("cp BAD.BIN COPY.BIN")
            #expect(copied.contains("the device failed"))
            let last = try shell.run("hexdump GOOD.BIN 39984")
            for byte in Self.contents.suffix(16) { #expect(last.contains(String(format: "%02x", byte))) }
            let shown = try shell.run("cat BAD.BIN")
            #expect(shown.contains("the device failed"))
            #expect(try shell.run("cp GOOD.BIN MORE.BIN") == "")
        }
    }

    @Test func `a block that cannot be written is an error, and the files are whole`() throws {
        try Files.withTemporaryDirectory { directory in
            let (card, sector) = try makeCard(directory)
            // What is free behind the last file, where the next one goes.
            let shell = try shell(card, directory, "write", at: sector + 48, isOnce: false)
            let refused = try shell.run("cp GOOD.BIN COPY.BIN")
            #expect(refused.contains("the device failed"))
            #expect(try shell.run("write NOTE.TXT still works") == "")
            _ = try shell.run("sync")
            shell.machine.powerOff()
            _ = try shell.machine.exitStatus()
            try PlugTests.judge(card, directory + "/part")
            let good = try Command("mtype", ["-i", card.path + "@@1M", "::GOOD.BIN"]).capture().bytes
            #expect(good == Self.contents)
        }
    }
}
