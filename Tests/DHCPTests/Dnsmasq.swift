import Foundation

/// The DHCP server that most small networks have, alone in a network namespace with the other end of a cable.
final class Dnsmasq {
    /// The reason for which it cannot run here; nil when it can.
    static let obstacle: String? = {
        guard program("dnsmasq") != nil, program("ip") != nil else { return "no dnsmasq or no ip" }
        guard geteuid() == 0 else { return "network namespaces need root" }
        let probe = "apus-probe-\(getpid())"
        guard (try? ip(["netns", "add", probe])) == true else { return "no network namespaces" }
        _ = try? ip(["netns", "delete", probe])
        return nil
    }()

    let namespace = "apus-dhcp-\(getpid())"
    private let leases = NSTemporaryDirectory() + "apus-dhcp-\(getpid()).leases"
    private var process: Process?

    /// Lays the cable: the server's end is 10.77.0.1.
    init() throws {
        for words in [
            "netns add \(namespace)", "-n \(namespace) link add server type veth peer name client",
            "-n \(namespace) addr add 10.77.0.1/24 dev server", "-n \(namespace) link set server up",
            "-n \(namespace) link set client up",
        ] { guard try Self.ip(words.split(separator: " ").map { String($0) }) else { throw POSIXError(.ENETDOWN) } }
    }

    deinit {
        stop()
        _ = try? Self.ip(["netns", "delete", namespace])
        unlink(leases)
    }

    /// What the server noted.
    var leaseFile: String { (try? String(contentsOfFile: leases, encoding: .utf8)) ?? "" }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program("ip")!)
        process.arguments =
            ["netns", "exec", namespace, Self.program("dnsmasq")!]
            + [
                "--conf-file=/dev/null", "--keep-in-foreground", "--port=0", "--interface=server", "--bind-interfaces",
                "--except-interface=lo", "--user=root", "--pid-file=", "--dhcp-leasefile=\(leases)", "--no-ping",
                "--dhcp-authoritative", "--dhcp-range=10.77.0.100,10.77.0.150,255.255.255.0,1h",
                "--dhcp-option=option:dns-server,10.77.0.2,10.77.0.3", "--dhcp-option=option:ntp-server,10.77.0.4",
                "--dhcp-option=option:domain-search,a.example.org,b.example.org", "--dhcp-option=option:mtu,1400",
                "--dhcp-option=option:classless-static-route,10.5.0.0/16,10.77.0.9,0.0.0.0/0,10.77.0.1",
                "--domain=example.org",
            ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
    }

    func stop() {
        guard let process else { return }
        // The test runner's threads block signals, and what they start does too.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    static func program(_ name: String) -> String? {
        ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"].map { $0 + name }.first { access($0, X_OK) == 0 }
    }

    private static func ip(_ arguments: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program("ip")!)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
