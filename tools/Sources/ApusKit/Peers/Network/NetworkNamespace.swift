import Foundation

/// A network of its own on this machine, gone with this value: one TAP interface, `tap0`.
final class NetworkNamespace {
    /// Why there can be none here; nil when there can.
    static func obstacle() -> String? {
        guard getuid() == 0 else { return "network namespaces need root" }
        guard Executable.find("ip") != nil else { return "there is no ip (Debian's iproute2)" }
        guard Files.exists("/dev/net/tun") else { return "there is no /dev/net/tun" }
        guard let trial = try? NetworkNamespace(hasTap: true) else { return "there are no network namespaces" }
        withExtendedLifetime(trial) {}
        return nil
    }

    let name: String
    /// This end of the cable, in a network of 24 bits.
    private let address: String
    private static let counter = NSLock()
    nonisolated(unsafe) private static var made = 0

    /// Makes it; without a TAP interface if something else is to bring one, see `adopt`.
    init(hasTap: Bool, address: String = "10.78.0.1") throws {
        self.address = address
        let number = Self.counter.withLock {
            Self.made += 1
            return Self.made
        }
        name = "apus-\(getpid())-\(number)"
        try Command("ip", ["netns", "add", name]).check()
        try ip("link set lo up")
        guard hasTap else { return }
        try ip("tuntap add tap0 mode tap")
        try configure()
    }

    deinit { _ = try? Command("ip", ["netns", "delete", name]).capture() }

    /// Moves an interface of this machine here, as `tap0`.
    func adopt(_ interface: String) throws {
        try Command("ip", ["link", "set", interface, "netns", name]).check()
        try ip("link set \(interface) name tap0")
        try configure()
    }

    /// A command that runs here.
    func command(_ program: String, _ arguments: [String]) -> Command {
        Command("ip", ["netns", "exec", name, program] + arguments)
    }

    private func configure() throws {
        try ip("addr add \(address)/24 dev tap0")
        try ip("link set tap0 txqueuelen 2000 up")
    }

    private func ip(_ words: String) throws {
        try Command("ip", ["-n", name] + words.split(separator: " ").map(String.init)).check()
    }
}
