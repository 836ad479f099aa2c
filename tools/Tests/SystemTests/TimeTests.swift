import ApusKit
import Foundation
import Testing

/// The time of day, from a server that others have written.
@Suite struct TimeTests {
    /// Whether Debian's chrony is there, and can be alone with a guest.
    static let hasChrony =
        (try? Command("chronyd", ["--version"]).capture(mergingErrors: true).status.isSuccess) == true
        && NetworkNamespace.isPossible

    /// Runs `body` with a chronyd of `stratum` at the address by which a guest finds this machine.
    private func withServer(_ body: @escaping (String) throws -> Void) throws {
        try Files.withTemporaryDirectory { directory in
            try NetworkNamespace.run { _ in
                try Command("ip", ["link", "set", "lo", "up"]).check()
                let configuration =
                    "local stratum 5\nallow all\ncmdport 0\nbindaddress 127.0.0.1\npidfile \(directory)/pid\n"
                try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/chrony.conf"))
                // It serves this machine's time and does not touch it.
                let server = try ChildProcess(
                    try #require(Executable.find("chronyd")),
                    ["-d", "-x", "-u", "root", "-f", directory + "/chrony.conf"], output: .null,
                    errors: .null)
                defer { server.terminate() }
                try body(directory)
            }
        }
    }

    @Test(.enabled(if: hasChrony, "chrony is not installed, or there is no namespace for it"), arguments: Way.available)
    func `the shell gets the time from chrony, and writes it beside files`(way: Way) throws {
        try withServer { directory in
            let card = try TestCard(directory)
            try card.format()
            let machine = try BoardSession.start(
                Fixtures.shell, network: .user(hostPort: 8080, guestPort: 80), way: way
            ) {
                $0.card = card.path
                $0.keepsWrites = true
            }
            try machine.expect(ShellSession.prompt)
            func run(_ command: String) throws -> String {
                machine.type(command + "\r")
                return try machine.expect("\n" + ShellSession.prompt)
            }
            #expect(try run("clock").contains("not known"))
            let answer = try run("clock sync 10.0.2.2")
            #expect(answer.contains("by 10.0.2.2: believed, stratum 5"), "\(answer)")
            let shown = try run("clock")
            let text = try #require(
                shown.firstMatch(of: /time of day: +([-0-9]+ [0-9:]+) UTC, give or take [0-9.]+ ms/)?.1)
            let formatter = DateFormatter()
            formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
            formatter.timeZone = TimeZone(identifier: "UTC")
            let time = try #require(formatter.date(from: String(text)))
            #expect(abs(time.timeIntervalSinceNow) < 3, "\(shown)")
            _ = try run("write DATED.TXT now")
            _ = try run("sync")
            let listing = try run("ls -l")
            #expect(listing.contains(String(text.prefix(10))), "\(listing)")
        }
    }

    @Test(.enabled(if: hasChrony, "chrony is not installed, or there is no namespace for it"), arguments: Way.available)
    func `TimeOfDay does without a server, and says so`(way: Way) throws {
        try NetworkNamespace.run { _ in
            try Command("ip", ["link", "set", "lo", "up"]).check()
            let machine = try BoardSession.start(
                Fixtures.build("TimeOfDay"), network: .user(hostPort: 8080, guestPort: 80), way: way)
            try machine.expect("time: not known yet")
            #expect(!machine.console.contains("crash report"))
        }
    }
}
