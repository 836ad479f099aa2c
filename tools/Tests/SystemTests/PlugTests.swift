import ApusKit
import Foundation
import Testing

/// The emulator is killed while the guest writes to its card. `APUS_LONG=1` in the environment does it a hundred times.
@Suite struct PlugTests {
    static let times = ProcessInfo.processInfo.environment["APUS_LONG"] != nil ? 100 : 3

    @Test func `a card whose plug is pulled in the middle of writing is whole and has what was flushed`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try card.format()
            for time in 0..<Self.times {
                let durable = try Self.writeAndPull(card, time)
                let part = directory + "/part"
                try Self.judge(card, part)
                try Self.compare(part, "p\(time)", durable)
            }
            let shell = try ShellSession(card: card.path)
            let check = try shell.run("check")
            #expect(check.contains("lost clusters") && check.contains("nothing is damaged"), "\(check)")
        }
    }

    /// Boots, lets the guest write, and kills the emulator some rounds later. Returns the last round that was said to be durable.
    private static func writeAndPull(_ card: TestCard, _ time: Int) throws -> Int {
        let shell = try ShellSession(card: card.path) { $0.keepsWrites = true }
        shell.machine.type("plugtest p\(time)\r")
        try shell.machine.expect("durable \(Int.random(in: 1...12))\r\n")
        // Somewhere in the next rounds; when exactly is what the test is not to know.
        Thread.sleep(forTimeInterval: Double.random(in: 0...0.2))
        shell.machine.powerOff()
        _ = try shell.machine.exitStatus()
        let said = shell.machine.console.components(separatedBy: "durable ").dropFirst()
        // The number that was being written when the machine ended may be cut short.
        let whole = said.compactMap { $0.contains("\r\n") ? Int($0.components(separatedBy: "\r\n")[0]) : nil }
        return try #require(whole.last)
    }

    /// Lets `fsck.fat` look at the card's partition, which is copied to `part`.
    static func judge(_ card: TestCard, _ part: String) throws {
        try Command("dd", ["if=" + card.path, "of=" + part, "bs=1M", "skip=1", "status=none"]).check()
        let report = try Command("sh", ["-c", "fsck.fat -n \"$0\"; true", part]).check()
        let troubles = ["share", "Contains a", "chain length is", "Duplicate", "Start", "Orphan", "Invalid"]
        for line in report.split(separator: "\n") where troubles.contains(where: { line.contains($0) }) {
            // Clusters behind the end of a file are lost ones.
            #expect(line.contains("chain length is > "), "\(report)")
        }
    }

    /// Compares what mtools reads in `directory` with what `plugtest` must have made durable by the end of `round`.
    private static func compare(_ part: String, _ directory: String, _ round: Int) throws {
        func read(_ name: String) throws -> [UInt8] {
            let target = part + ".file"
            try? FileManager.default.removeItem(atPath: target)
            try Command("mcopy", ["-i", part, "::\(directory)/\(name)", target]).check()
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: target)))
        }
        for number in max(1, round - 2)...round {
            let expected = (0..<number * 7919 % 60_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number &* 31) }
            #expect(try read("round number \(number).bin") == expected, "round \(number)")
        }
        let log = String(decoding: try read("log.txt"), as: UTF8.self)
        #expect(log.hasPrefix((1...round).map { "round \($0)\n" }.joined()))
        let state = String(decoding: try read("state.txt"), as: UTF8.self)
        #expect(state == "round \(round)\n" || state == "round \(round + 1)\n")
    }
}
