import ApusKit
import Foundation
import Testing

/// The card where the board has it, on EMMC2 with ADMA2: in the QEMU that `./apus qemu build` has made, if it has.
@Suite(.enabled(if: Fixtures.reasonForNoEmulator == nil)) struct BoardCardTests {
    private func shell(_ card: TestCard, _ extra: [String] = [], tree: String? = nil) throws -> ShellSession {
        let emulator = try Fixtures.emulator.get()
        return try ShellSession(card: card.path) {
            $0.program = emulator
            $0.deviceTree = tree
            $0.network = NetworkBackend.none
            $0.extra = extra
        }
    }

    @Test(arguments: [[], ["-global", "generic-sdhci.transfer-delay=200000"]])
    func `a large file comes by ADMA2, at once or after an interrupt`(extra: [String]) throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
            try card.format()
            try card.add("LARGE.BIN", Data(bytes))
            let shell = try shell(card, extra)
            #expect(try shell.run("devices").contains("50 MHz, high speed, ADMA2"))
            let last = try shell.run("hexdump LARGE.BIN 299984")
            let expected = bytes.suffix(16).map { String(format: "%02x", $0) }
            for byte in expected { #expect(last.contains(byte)) }
            #expect(try shell.run("selftest").contains(" 0 failed"))
            // With no delay everything is there at the first look, and nobody has to be woken.
            let line = try #require(
                try shell.run("interrupts").components(separatedBy: "\n").first { $0.contains("card") })
            let interrupts = try #require(line.split(separator: " ").compactMap { Int($0) }.last)
            #expect((interrupts > 10) == !extra.isEmpty)
        }
    }

    @Test func `a device tree that has the old stepping's addresses is followed`() throws {
        try Files.withTemporaryDirectory { directory in
            let source = BoardTree.source().replacingOccurrences(
                of: "dma-ranges = <0 0 0 0 0xfc000000>", with: "dma-ranges = <0 0xc0000000 0 0 0x40000000>")
            let tree = try BoardTree.compile(source, in: directory)
            let card = try TestCard(directory)
            try card.format()
            let shell = try shell(card, tree: tree)
            let report = try shell.run("selftest")
            #expect(report.contains("ADMA2") && report.contains(" 0 failed"), "\(report)")
        }
    }

    // MARK: Signals at 1.8 V

    /// A card of high capacity: others do not know 1.8 V.
    private func largeCard(_ directory: String) throws -> TestCard {
        let card = try TestCard(directory, size: 4 << 30)
        try card.format()
        return card
    }

    @Test(arguments: [([], "50 MHz, DDR50"), (["-global", "sd-card.ddr50=off"], "100 MHz, SDR50")])
    func `a card that can runs at 1_8 V, reads and writes, and does so again after a reboot`(
        extra: [String], mode: String
    ) throws {
        try Files.withTemporaryDirectory { directory in
            let card = try largeCard(directory)
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 11 ^ $0 >> 7) }
            try card.add("FILE.BIN", Data(bytes))
            let emulator = try Fixtures.emulator.get()
            let shell = try ShellSession(card: card.path) {
                $0.program = emulator
                $0.network = NetworkBackend.none
                $0.keepsWrites = true
                $0.extra = extra + ["-d", "guest_errors", "-D", directory + "/errors"]
            }
            func isAt1V8() throws -> Bool {
                let lines = try shell.machine.monitor("qom-get /machine/videocore expander")
                return lines.split { !$0.isNumber }.compactMap { Int($0) }.last.map { $0 & 1 << 4 != 0 } ?? false
            }
            #expect(try shell.run("devices").contains(mode))
            #expect(try isAt1V8())
            #expect(try shell.run("cp FILE.BIN COPY.BIN") == "")
            shell.machine.type("reboot\r")
            try shell.machine.expect("Type `help`.")
            try shell.machine.expect(ShellSession.prompt)
            #expect(try shell.run("devices").contains(mode))
            #expect(try shell.run("selftest").contains(" 0 failed"))
            #expect(try shell.run("sync") == "")
            shell.machine.powerOff()
            _ = try shell.machine.exitStatus()
            let copy = try Command("mtype", ["-i", card.path + "@@1M", "::COPY.BIN"]).capture().bytes
            #expect(copy == bytes)
            // No mode or rate that the card has not agreed to.
            let errors = try String(contentsOfFile: directory + "/errors", encoding: .utf8)
            #expect(!errors.contains("card:"), "\(errors)")
        }
    }

    @Test func `a crash with the card at 1_8 V leaves it at 3_3 V, and keeps the report and the cause`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try largeCard(directory)
            let log = directory + "/errors"
            let shell = try shell(card, ["-d", "guest_errors", "-D", log])
            #expect(try shell.run("devices").contains("DDR50"))
            shell.machine.type("crash index\r")
            try shell.machine.expect("the run before this one ended so:")
            try shell.machine.expect("=== end of crash report ===")
            try shell.machine.expect(ShellSession.prompt)
            #expect(try shell.run("devices").contains("last reset by watchdog"))
            let errors = try String(contentsOfFile: log, encoding: .utf8)
            #expect(!errors.contains("1.8 V"), "\(errors)")
        }
    }

    @Test(arguments: [["sd-card.sticks=on"], ["sd-card.uhs=off"]])
    func `a card that fails at the switch, or does not know it, is used at 3_3 V`(globals: [String]) throws {
        try Files.withTemporaryDirectory { directory in
            let card = try largeCard(directory)
            try card.add("FILE.TXT", Data("still here".utf8))
            let shell = try shell(card, globals.flatMap { ["-global", $0] })
            #expect(try shell.run("devices").contains("50 MHz, high speed, ADMA2"))
            #expect(try shell.run("cat FILE.TXT") == "still here")
        }
    }
}
