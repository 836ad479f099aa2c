import Foundation

/// `Echo` in QEMU, over a TAP interface in a network namespace, with the address that dnsmasq lends.
package struct GuestNetworkCheck: Check {
    package let name = "A guest's network against this machine's"
    private let repository: Repository
    private let builder: Builder

    /// The check for this repository, with images by this builder.
    package init(repository: Repository, builder: Builder) {
        self.repository = repository
        self.builder = builder
    }

    package func run(filter: String?, report: (String) -> Void) throws -> Tally {
        let missing = Executable.find("dnsmasq") == nil ? "there is no dnsmasq" : nil
        if let obstacle = NetworkNamespace.obstacle() ?? missing {
            report("  left out: \(obstacle)")
            return Tally()
        }
        let trials: [(name: String, run: (TapGuest) throws -> Void)] = [
            ("an address by DHCP, and a stream there and back", stream), ("many connections", many),
            ("the link is pulled during a transfer, which resumes", pullLink),
            ("10,000 idle connections answer", idle),
            ("a lease ends without its server: connections end, and it comes back", loseLease),
        ]
        let guest = try boot()
        var tally = Tally()
        for trial in trials where filter.map({ trial.name.contains($0) }) ?? true {
            do {
                try trial.run(guest)
                report("  passed: \(trial.name)")
                tally.passed += 1
            } catch {
                report("  FAILED: \(trial.name)\n    \(error)")
                tally.failed += 1
            }
        }
        return tally
    }

    private func boot() throws -> TapGuest {
        try Installer(repository: repository).ensure([.emulator])
        var configuration = MachineConfiguration(boot: .image(try builder.build("Echo").image))
        configuration.program = try BoardEmulator(repository: repository) { Screen.note($0) }.build()
        configuration.hasOneCore = true
        let programs = try NetworkPrograms(repository: repository) { Screen.note($0) }
        let guest = try TapGuest(configuration, programs)
        try guest.machine.expect("echo: ready")
        try guest.startLending()
        try guest.machine.expect("echo: at 10.0.2.15")
        return guest
    }

    private func stream(_ guest: TapGuest) throws { _ = try guest.talk("echo --bytes 20000000") }

    private func many(_ guest: TapGuest) throws {
        _ = try guest.talk("echo --connections 200 --bytes 20000")
        _ = try guest.talk("echo --connections 500 --at-once 1 --bytes 100")
    }

    private func pullLink(_ guest: TapGuest) throws {
        let transfer = try guest.begin("echo --bytes 60000000 --timeout 100")
        Thread.sleep(forTimeInterval: 1)
        _ = try guest.machine.monitor("set_link net0 off")
        Thread.sleep(forTimeInterval: 4)
        guard transfer.poll() == nil else {
            throw NetworkPeersError.wrong("the transfer ended before the link was pulled")
        }
        _ = try guest.machine.monitor("set_link net0 on")
        guard transfer.wait().isSuccess else { throw NetworkPeersError.wrong("the transfer does not resume") }
    }

    private func idle(_ guest: TapGuest) throws {
        _ = try guest.talk("hold --connections 10000 --idle 5 --timeout 180")
    }

    /// dnsmasq lends for two minutes, its shortest.
    private func loseLease(_ guest: TapGuest) throws {
        let victim = try guest.begin("hold --connections 1 --idle 130 --timeout 170")
        guest.stopLending()
        try guest.machine.expect("echo: no address", timeout: 150)
        guard !victim.wait().isSuccess else { throw NetworkPeersError.wrong("a connection outlived its address") }
        try guest.startLending()
        try guest.machine.expect("echo: at 10.0.2.15", timeout: 150)
        try stream(guest)
    }
}
