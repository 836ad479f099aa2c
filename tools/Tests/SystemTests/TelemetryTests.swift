import ApusKit
import Foundation
import Testing

/// The MQTT client and a broker that others have written.
@Suite struct TelemetryTests {
    static let isPossible =
        ["mosquitto", "mosquitto_pub", "mosquitto_sub"].allSatisfy { Executable.find($0) != nil }
        && NetworkNamespace.isPossible

    private func startBroker(_ directory: String) throws -> ChildProcess {
        let configuration = "listener 1883 127.0.0.1\nallow_anonymous true\nuser root\n"
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/mosquitto.conf"))
        return try ChildProcess(
            try #require(Executable.find("mosquitto")), ["-c", directory + "/mosquitto.conf"], output: .null,
            errors: .null)
    }

    /// The next `count` messages under `topic`, within a minute.
    private func listen(_ topic: String, _ count: Int) throws -> [String] {
        let output = try Command(
            "mosquitto_sub", ["-V", "5", "-t", topic, "-q", "2", "-C", "\(count)", "-W", "60", "-F", "%t %p"]
        ).capture(mergingErrors: true)
        return output.text.split(separator: "\n").map(String.init)
    }

    @Test(
        .enabled(if: isPossible, "mosquitto is not installed, or there is no namespace for it"),
        arguments: Way.available)
    func `mosquitto gets values, gives orders, goes and comes back, and tells the board's last will`(way: Way) throws {
        try Files.withTemporaryDirectory { directory in
            try NetworkNamespace.run { _ in
                try Command("ip", ["link", "set", "lo", "up"]).check()
                let first = try startBroker(directory)
                defer { first.terminate() }
                let machine = try BoardSession.start(
                    Fixtures.build("Telemetry"), network: .user(hostPort: 8080, guestPort: 80), way: way)
                try machine.expect("telemetry: connected")
                #expect(try listen("apus/status", 1) == ["apus/status online"])
                try Command("mosquitto_pub", ["-V", "5", "-t", "apus/interval", "-q", "2", "-m", "1"]).check()
                try machine.expect("telemetry: every 1 s")
                let values = try listen("apus/uptime", 3).compactMap { Int($0.dropFirst("apus/uptime ".count)) }
                #expect(values.count == 3 && values == values.sorted() && Set(values).count == 3, "\(values)")
                #expect(try listen("apus/temperature", 1).first?.hasPrefix("apus/temperature ") == true)
                first.terminate()
                try machine.expect("telemetry: not connected")
                // A broker without a memory: the subscription and the status are made anew.
                let second = try startBroker(directory)
                defer { second.terminate() }
                try machine.expect("telemetry: connected")
                #expect(try listen("apus/status", 1) == ["apus/status online"])
                try Command("mosquitto_pub", ["-V", "5", "-t", "apus/interval", "-q", "1", "-m", "2"]).check()
                try machine.expect("telemetry: every 2 s")
                #expect(!machine.console.contains("crash report"))
                machine.powerOff()
                // The broker notices within moments that nobody has taken leave.
                var status: [String] = []
                for _ in 0..<20 where status != ["apus/status offline"] {
                    status = try listen("apus/status", 1)
                    Thread.sleep(forTimeInterval: 0.2)
                }
                #expect(status == ["apus/status offline"])
            }
        }
    }
}
