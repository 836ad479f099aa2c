import ApusKit
import Foundation
import KeyValue
import Testing

/// Settings and the store they are kept in, on the card of a whole machine.
@Suite struct SettingsTests {
    /// Runs `body` with a card of the shell that keeps what is written to it.
    private func withCard(_ body: (String) throws -> Void) throws {
        try Files.withTemporaryDirectory { directory in
            let card = directory + "/card.img"
            try FileManager.default.copyItem(atPath: try Fixtures.shellCard.get(), toPath: card)
            try body(card)
        }
    }

    private func boot(_ card: String) throws -> ShellSession { try ShellSession(card: card) { $0.keepsWrites = true } }

    private func powerOff(_ shell: ShellSession) throws {
        shell.machine.type("poweroff\r")
        #expect(try shell.machine.exitStatus() == .exited(0))
    }

    /// What the store on the card says of `key`, to this machine.
    private func value(_ key: String, _ card: String) throws -> String? {
        try CardStore(path: card, isReadOnly: true).mount().value(for: key).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `what is set is there after the next start, on the board and for apus kv`() throws {
        try withCard { card in
            var shell = try boot(card)
            let fresh = try shell.run("settings")
            #expect(fresh.contains("system.hostname  apus") && !fresh.contains("apus.json"), "\(fresh)")
            #expect(try shell.run("get net.address").contains("not set"))
            #expect(try shell.run("set net.address 10.0.0.7").contains("with its prefix"))
            #expect(try shell.run("set nonsense 1").contains("no such setting"))
            #expect(try shell.run("set net.address 10.0.0.7/8") == "")
            #expect(try shell.run("set net.dns 9.9.9.9 1.1.1.1") == "")
            #expect(try shell.run("set log.console error") == "")
            #expect(try shell.run("unset log.console") == "")
            try powerOff(shell)
            #expect(try value("net.dns", card) == "9.9.9.9,1.1.1.1")

            _ = try ToolFixture.command("kv", "set", card, "system.hostname=cellar").check()
            shell = try boot(card)
            #expect(try shell.run("get net.address") == "10.0.0.7/8")
            #expect(try shell.run("get system.hostname") == "cellar")
            #expect(try shell.run("get log.console") == "notice")
            try powerOff(shell)
            #expect(try ToolFixture.command("kv", "check", card).check().contains("3 keys"))
        }
    }

    @Test func `a person's file wins, and its mistakes are named`() throws {
        try withCard { card in
            let file = card + ".json"
            try Files.write(
                "{\"system\": {\"hostname\": \"garage\"},\n \"net\": {\"dhcp\": 1},\n \"log\": {\"level\": \"debug\"}}",
                to: file)
            try Command("mcopy", ["-o", "-i", card + "@@1M", file, "::/apus.json"]).check()
            let shell = try boot(card)
            #expect(shell.machine.console.contains("apus.json, line 2, column 18: net.dhcp is true or false"))
            #expect(try shell.run("log level").contains("kept:       debug"))
            #expect(try shell.run("set system.hostname cellar").contains("says garage, and wins"))
            #expect(try shell.run("get system.hostname") == "garage")
            try powerOff(shell)
            #expect(try value("system.hostname", card) == "cellar")
        }
    }

    @Test func `without a card, and on one without a store, there are the defaults`() throws {
        let shell = try ShellSession(card: nil)
        #expect(try shell.run("get system.hostname") == "apus")
        #expect(try shell.run("set system.hostname x").contains("no store on the card"))
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try card.format()
            let shell = try ShellSession(card: card.path)
            #expect(try shell.run("set system.hostname x").contains("no store on the card"))
        }
    }

    @Test func `the log and the report of a crash are on the card afterwards`() throws {
        try withCard { card in
            var shell = try boot(card)
            #expect(try shell.run("log crash").contains("no crash was kept"))
            #expect(try shell.run("log saved").contains("--- start ---"))
            shell.machine.type("crash nil\r")
            try shell.machine.expect("Type `help`.")
            try shell.machine.expect(ShellSession.prompt)
            #expect(try shell.run("log crash").contains("Swift trap"))
            try powerOff(shell)
            shell = try boot(card)
            #expect(try shell.run("log crash").contains("Swift trap"))
            let saved = try shell.run("log saved")
            #expect(
                saved.components(separatedBy: "--- start ---").count == 4 && saved.contains("info card: 64 MiB"),
                "\(saved)")
            try powerOff(shell)
            func text(_ name: String) throws -> String {
                try Command("mtype", ["-i", card + "@@1M", "::log/" + name]).capture().text
            }
            #expect(try text("crash.txt").contains("task: command"))
            #expect(try text("apus.log").components(separatedBy: "--- start ---").count == 4)
        }
    }

    /// How often the machine is killed; `APUS_KILLS` for more.
    private static let kills = ProcessInfo.processInfo.environment["APUS_KILLS"].flatMap { Int($0) } ?? 4

    @Test func `a machine that is killed while it writes has every setting that it said it had`() throws {
        try withCard { card in
            var random = SystemRandomNumberGenerator()
            var last = 0
            for round in 0..<Self.kills {
                let shell = try boot(card)
                // A few are typed ahead, so that one write follows the other; a prompt says that the one before is durable.
                let (first, ahead) = (last + 1, 5)
                let wanted = Int.random(in: 1..<60, using: &random)
                func type(_ number: Int) { shell.machine.type("set system.hostname h\(number)\r") }
                for number in 0..<ahead { type(first + number) }
                for number in 0..<wanted {
                    let echo = try shell.machine.expect("\n" + ShellSession.prompt)
                    #expect(echo.split(whereSeparator: \.isNewline).count == 2, "\(echo)")
                    type(first + ahead + number)
                }
                usleep(UInt32.random(in: 0..<3000, using: &random))
                shell.machine.powerOff()
                let found = try #require(try value("system.hostname", card)?.dropFirst()).description
                last = try #require(Int(found))
                #expect((first + wanted - 1..<first + wanted + ahead).contains(last), "round \(round)")
            }
            let shell = try boot(card)
            #expect(try shell.run("get system.hostname") == "h\(last)")
        }
    }
}
