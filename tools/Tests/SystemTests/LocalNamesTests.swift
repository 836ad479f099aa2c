import ApusKit
import Foundation
import Testing

/// Names without servers, as Avahi finds them over a TAP interface, with an address that dnsmasq lends. One after the other: of Avahi
/// there can be one on a machine.
@Suite(.serialized) struct LocalNamesTests {
    static let hasAvahi =
        ["avahi-daemon", "avahi-resolve", "avahi-browse", "dbus-daemon", "dnsmasq"].allSatisfy {
            Executable.find($0) != nil
        }
        && NetworkNamespace.isPossible

    private static let busConfiguration = """
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
        "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig><type>system</type><listen>unix:path=DIRECTORY/bus</listen><auth>EXTERNAL</auth>
        <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
        </busconfig>

        """

    @Test(
        .enabled(if: hasAvahi, "Avahi, D-Bus or dnsmasq is not installed, or there is no namespace for them"),
        arguments: Way.available)
    func `Avahi finds the board by name, by address, and by what it serves`(way: Way) throws {
        try Files.withTemporaryDirectory { directory in
            try NetworkNamespace.run { _ in
                let machine = try BoardSession.start(Fixtures.build("WebServer"), network: .tap("tap0"), way: way)
                try machine.waitUntilReady()
                for arguments in [
                    ["link", "set", "lo", "up"], ["link", "set", "tap0", "up"],
                    ["addr", "add", "10.0.2.2/24", "dev", "tap0"], ["route", "add", "224.0.0.0/4", "dev", "tap0"],
                ] { try Command("ip", arguments).check() }
                let processes = try start(directory)
                defer { for process in processes { process.terminate() } }
                try machine.expect("web: http://10.0.2.15/", timeout: 30)
                func ask(_ program: String, _ arguments: String...) throws -> String {
                    try Command(
                        "timeout", ["20", program] + arguments,
                        environment: ["DBUS_SYSTEM_BUS_ADDRESS": "unix:path=\(directory)/bus"]
                    ).capture(mergingErrors: true).text
                }
                var answer = ""
                // The name is claimed a second after the address has come.
                for _ in 0..<5 where !answer.contains("10.0.2.15") {
                    answer = try ask("avahi-resolve", "-4", "-n", "apus.local")
                }
                #expect(answer == "apus.local\t10.0.2.15\n")
                #expect(try ask("avahi-resolve", "-a", "10.0.2.15") == "10.0.2.15\tapus.local\n")
                let services = try ask("avahi-browse", "-rtp", "_http._tcp")
                #expect(services.contains(";Apus;Web Site;local;apus.local;10.0.2.15;80;\"path=/\""), "\(services)")
            }
        }
    }

    /// dnsmasq, and Avahi with a bus of its own.
    private func start(_ directory: String) throws -> [ChildProcess] {
        try Data(Self.busConfiguration.replacing("DIRECTORY", with: directory).utf8)
            .write(to: URL(fileURLWithPath: directory + "/bus.conf"))
        try Data("[server]\nhost-name=peer\nuse-ipv6=no\n".utf8).write(
            to: URL(fileURLWithPath: directory + "/avahi.conf"))
        func run(_ program: String, _ arguments: [String]) throws -> ChildProcess {
            try ChildProcess(
                try #require(Executable.find(program)), arguments,
                environment: ["DBUS_SYSTEM_BUS_ADDRESS": "unix:path=\(directory)/bus"], output: .null, errors: .null)
        }
        let lender = try run(
            "dnsmasq",
            [
                "--conf-file=/dev/null", "--keep-in-foreground", "--port=0", "--interface=tap0", "--bind-interfaces",
                "--user=root", "--pid-file=", "--dhcp-leasefile=/dev/null", "--leasefile-ro", "--no-ping",
                "--dhcp-range=10.0.2.15,10.0.2.15,255.255.255.0,2m",
            ])
        let bus = try run("dbus-daemon", ["--config-file=\(directory)/bus.conf", "--nofork", "--nopidfile"])
        for _ in 0..<100 where !Files.exists(directory + "/bus") { usleep(50_000) }
        let avahi = try run(
            "avahi-daemon", ["--no-drop-root", "--no-chroot", "--no-rlimits", "-f", directory + "/avahi.conf"])
        return [avahi, bus, lender]
    }
}
