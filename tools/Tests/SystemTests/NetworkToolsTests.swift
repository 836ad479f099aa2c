import ApusKit
import Foundation
import Testing

/// The network as a person at the shell sees it, and TCP measured by the iperf3 that everybody has.
@Suite struct NetworkToolsTests {
    /// Whether Debian's iperf3 is there.
    static let hasIperf = (try? Command("iperf3", ["--version"]).capture(mergingErrors: true).status.isSuccess) == true

    /// The shell on QEMU's user network, where a server lends 10.0.2.15.
    private func shell(_ way: Way) throws -> Machine {
        let machine = try BoardSession.start(
            Fixtures.shell, network: .user(hostPort: try BoardSession.freePort(), guestPort: 5201), way: way)
        try machine.expect(ShellSession.prompt)
        return machine
    }

    private func run(_ machine: Machine, _ command: String) throws -> String {
        machine.type(command + "\r")
        return try machine.expect("\n" + ShellSession.prompt)
    }

    @Test(arguments: Way.available) func `ping, ip, dns and netstat answer, and the Ethernet's commands beside them`(
        way: Way
    ) throws {
        let machine = try shell(way)
        let ping = try run(machine, "ping 10.0.2.2 3")
        #expect(ping.contains("icmp_seq=3") && ping.contains("3 packets transmitted, 3 received, 0% packet loss"))
        let addresses = try run(machine, "ip")
        #expect(addresses.contains("10.0.2.15/24") && addresses.contains("route 0.0.0.0/0 by 10.0.2.2 on \(way.name)"))
        #expect(addresses.contains("neighbour 10.0.2.2") && addresses.contains("name server 10.0.2.3:53"))
        #expect(try run(machine, "dns localhost").contains("localhost A 127.0.0.1"))
        #expect(try run(machine, "dns a..b").contains("not a name"))
        #expect(try run(machine, "ping 127.0.0.1 1").contains("1 received"))
        #expect(try run(machine, "netstat").contains("udp   0.0.0.0:68"))
        #expect(try run(machine, "netstat counters").contains("sent ICMP messages"))
        #expect(try run(machine, "link").contains("link up, \(way.speed)"))
        #expect(try run(machine, "mdio 2").contains(way == .ethernet ? "0x600d" : "there is none"))
        #expect(try run(machine, "iperf 10.0.2.15").contains("nobody listens there"))
    }

    @Test(arguments: Way.available) func `an address that is set is the address`(way: Way) throws {
        let machine = try shell(way)
        _ = try run(machine, "ping 10.0.2.2 1")
        #expect(try run(machine, "ip set 10.0.2.77").contains("no address with length"))
        #expect(try !run(machine, "ip set 10.0.2.77/24").contains("ip:"))
        let addresses = try run(machine, "ip")
        #expect(addresses.contains("10.0.2.77/24") && !addresses.contains("0.0.0.0/0"))
        #expect(try run(machine, "ping 10.0.2.2 1").contains("1 received"))
        #expect(try run(machine, "ping 192.0.2.1 1").contains("not to be reached"))
    }

    @Test(arguments: Way.available) func `Ping finds the gateway and ends`(way: Way) throws {
        let machine = try BoardSession.start(
            Fixtures.build("Ping"), network: .user(hostPort: try BoardSession.freePort(), guestPort: 5201), way: way)
        try machine.expect("4 packets transmitted, 4 received, 0% packet loss")
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test(.enabled(if: hasIperf, "iperf3 is not installed"), arguments: Way.available)
    func `iperf3 measures the board in both directions, and both ends agree`(way: Way) throws {
        let port = try BoardSession.freePort()
        let machine = try BoardSession.start(
            Fixtures.build("Iperf"), network: .user(hostPort: port, guestPort: 5201), way: way)
        try machine.expect("iperf: at 10.0.2.15")
        for options in [[], ["-R"], ["-P", "3"], ["-P", "2", "-R"]] {
            let output = try Command(
                "timeout", ["60", "iperf3", "-c", "127.0.0.1", "-p", "\(port)", "-n", "4M", "-J"] + options
            ).capture(mergingErrors: true)
            #expect(output.status.isSuccess, "\(output.text)")
            let json = try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any]
            let end = try #require(json?["end"] as? [String: Any])
            let sent = try #require((end["sum_sent"] as? [String: Any])?["bytes"] as? Int)
            let received = try #require((end["sum_received"] as? [String: Any])?["bytes"] as? Int)
            #expect(sent >= 4 << 20 && received >= 4 << 20 && received <= sent, "\(options)")
            try machine.expect(options.contains("-R") ? "bench iperf-send-rate" : "bench iperf-receive-rate")
        }
        let udp = try Command("timeout", ["60", "iperf3", "-c", "127.0.0.1", "-p", "\(port)", "-u"])
            .capture(mergingErrors: true)
        #expect(udp.text.contains("not implemented"), "\(udp.text)")
        #expect(!machine.console.contains("crash report"))
    }

    @Test(.enabled(if: hasIperf, "iperf3 is not installed"), arguments: Way.available)
    func `iperf3 ends when its time is over, in both directions and with many connections`(way: Way) throws {
        let port = try BoardSession.freePort()
        let machine = try BoardSession.start(
            Fixtures.build("Iperf"), network: .user(hostPort: port, guestPort: 5201), way: way)
        try machine.expect("iperf: at 10.0.2.15")
        for options in [["-R"], ["-R", "-P", "8"], [], ["-P", "8"], ["--bidir"]] {
            let output = try Command(
                "timeout", ["60", "iperf3", "-c", "127.0.0.1", "-p", "\(port)", "-t", "2"] + options
            )
            .capture(mergingErrors: true)
            #expect(output.status.isSuccess && output.text.contains("iperf Done."), "\(options): \(output.text)")
        }
        #expect(!machine.console.contains("crash report"))
    }
}
