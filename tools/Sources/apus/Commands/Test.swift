import ApusKit
import ArgumentParser

/// `apus test`
struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything, on this machine and in QEMU.",
        discussion: """
            Format, applications without warnings, tests of the firmware's modules, of this command, of whole images \
            in QEMU and in a QEMU with the board's own devices, other people's drivers in that, a little fuzzing, and \
            that a build elsewhere makes the same bytes. What needs packages that are out of reach is skipped, and \
            says so. The last line counts.
            """)

    @Option(help: "Only tests whose name matches this regular expression; no other checks.")
    var filter: String?
    @Flag(help: "Only other people's drivers, in the QEMU that has the board's devices: Debian's U-Boot and Linux.")
    var peers = false
    @Flag(
        help:
            "Only the network against this machine's own: stack and guest, everything, which takes minutes. Needs root."
    )
    var network = false
    @Option(help: "Seconds for each fuzz target.")
    var fuzzSeconds = 10

    func run() throws {
        if peers { return try runPeers() }
        if network { return try runNetwork() }
        let workspace = try Workspace()
        try workspace.installer.ensure([.build, .card, .imager, .machine, .debug, .test], firmware: .wanted)
        let checks = CheckList(
            repository: workspace.repository, toolchain: workspace.toolchain, fuzzSeconds: fuzzSeconds)
        let tally = checks.run(filter: filter)
        print("\n\(tally)")
        guard tally.failed == 0 else { throw ExitCode(1) }
    }

    private func runPeers() throws {
        let repository = try Repository.find()
        try Installer(repository: repository).ensure([.emulator, .test])
        let tally = try PeersCheck(repository: repository).run { Screen.note($0) }
        print("\n\(tally)")
        guard tally.failed == 0 else { throw ExitCode(1) }
    }

    private func runNetwork() throws {
        let workspace = try Workspace()
        try workspace.installer.ensure([.build])
        let checks: [any Check] = [
            NetworkCheck(repository: workspace.repository, isLong: true),
            GuestNetworkCheck(repository: workspace.repository, builder: workspace.builder()),
        ]
        var tally = Tally()
        for check in checks {
            Screen.step("\n\(check.name)")
            tally = tally + (try check.run(filter: filter) { Screen.note($0) })
        }
        print("\n\(tally)")
        guard tally.failed == 0 else { throw ExitCode(1) }
    }
}
