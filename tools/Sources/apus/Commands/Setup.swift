import ApusKit
import ArgumentParser

/// `apus setup`
struct Setup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Install what the commands need, from Debian's packages.",
        discussion: """
            Says what is missing and asks before it installs (not with --yes, and not where CI is set). On Debian 12 \
            QEMU comes from bookworm-backports. Raspberry Pi's firmware is unpacked into .cache/ and not installed.
            """)

    @Flag(name: .shortAndLong, help: "Install without asking.")
    var yes = false

    func run() throws {
        let installer = Installer(repository: try Repository.find(), assumesYes: yes)
        let didSomething = try installer.ensure([.build, .card, .machine, .debug, .test], firmware: .required)
        print(didSomething ? "Everything is in place now." : "Everything is in place.")
    }
}
