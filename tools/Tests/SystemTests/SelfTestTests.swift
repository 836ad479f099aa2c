import ApusKit
import Foundation
import Testing

/// What the report of a board tells somebody who is not there, and how it gets to them.
@Suite(.onBoardEmulator) struct SelfTestTests {
    private static let file = "SELFTEST.TXT"
    private static let question = "Press s within 30 seconds to save this report on the card as \(file), or q to end."

    /// The text of a file on the card's first partition.
    private func text(_ name: String, on card: TestCard) throws -> String {
        try Command("mtype", ["-i", card.path + "@@1M", "::" + name]).check()
    }

    /// The report, judged as `apus report` does, which says nothing else.
    private func expectIntact(_ report: String, in directory: String) throws {
        let path = directory + "/report.txt"
        try Files.write(Array(report.utf8), to: path)
        let output = try ToolFixture.command("report", path).capture(mergingErrors: true)
        #expect(output.status.isSuccess && output.text.contains("as the board printed them"), "\(output.text)")
    }

    @Test func `a key saves the report on the card, in place of an older one`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try card.format()
            try card.add(Self.file, Data(repeating: 0x2E, count: 100_000))
            let machine = try BoardSession.start(Fixtures.selfTest, network: .frames) {
                $0.card = card.path
                $0.keepsWrites = true
            }
            let report = try machine.expect(Self.question, timeout: 120)
            for line in [
                "device tree: found — ", "firmware: voltages: found — core 1.036000 V, memory 1.100000 V",
                "ethernet: found — link up, 1000 Mb/s, full duplex",
                "ethernet phy: found — 0x600d84a2 at 1, +0x0 0x1000",
                "; shadow +0x3 0x0", "; 7.60 0x0000", "ethernet speed: found — ",
            ] { #expect(report.contains(line), "\(line)") }
            machine.type("xs")
            try machine.expect("saved: \(Self.file), ")
            #expect(try machine.exitStatus() == .exited(0))
            let saved = try text(Self.file, on: card)
            #expect(saved.hasPrefix("processor: found") && !saved.contains(".."))
            try expectIntact(saved, in: directory)
            // The frames went to the interface itself.
            let sent = try #require(machine.frames?.receive())
            #expect(
                Array(sent[0..<6]) == BoardSession.guest && Array(sent[6..<14]) == BoardSession.guest + [0x88, 0xB5])
            let part = directory + "/part"
            try Command("dd", ["if=" + card.path, "of=" + part, "bs=1M", "skip=1", "status=none"]).check()
            try Command("fsck.fat", ["-n", part]).check()
        }
    }

    @Test func `without a card, a cable and a tree the report says so, and the key as well`() throws {
        let machine = try Machine(
            Fixtures.board(Fixtures.selfTest) {
                $0.program = try Fixtures.emulator.get()
                $0.network = NetworkBackend.none
                $0.hasOneCore = true
            } handOver: {
                $0.treeAddress = 0
            })
        let report = try machine.expect(Self.question, timeout: 120)
        for line in [
            "card: absent — no card", "ethernet: absent — no link within 6000 ms", "ethernet phy: found",
            "device tree: absent — the loader passed none",
        ] { #expect(report.contains(line), "\(line): \(report)") }
        #expect(!report.contains("ethernet speed"))
        machine.type("s")
        try machine.expect("not saved: there is no card")
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test func `the shell puts the report into a file, and says when it cannot`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try card.format()
            let machine = try BoardSession.start(Fixtures.shell, network: .frames) {
                $0.card = card.path
                $0.keepsWrites = true
            }
            func run(_ command: String) throws -> String {
                machine.type(command + "\r")
                return try machine.expect("\n" + ShellSession.prompt, timeout: 120)
            }
            try machine.expect(ShellSession.prompt)
            #expect(try run("selftest report.txt").contains("ethernet: absent — nobody has opened it"))
            try expectIntact(run("cat report.txt"), in: directory)
            #expect(try run("selftest missing/report.txt").contains("no such"))
            #expect(try run("selftest a b").contains("usage: selftest"))
            machine.type("poweroff\r")
            #expect(try machine.exitStatus() == .exited(0))
            try expectIntact(text("report.txt", on: card), in: directory)
        }
    }
}
