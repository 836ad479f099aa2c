import ApusKit
import ArgumentParser

/// `apus setup`
struct Setup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Install what the commands need, from Debian's packages.",
        discussion: """
            Says what is missing and asks before it installs (not with --yes, and not where CI is set). On Debian 12 \
            QEMU comes from bookworm-backports. What a board boots from, Raspberry Pi's firmware and the boards' device \
            trees, is taken out of Debian's packages into .cache/ and not installed; Debian 13's are preferred.
            """)

    @Flag(name: .shortAndLong, help: "Install without asking.")
    var yes = false

    func run() throws {
        let installer = Installer(repository: try Repository.find(), assumesYes: yes)
        let didSomething = try installer.ensure([.build, .card, .imager, .machine, .debug, .test], firmware: .newest)
        let firmware = Firmware(repository: try Repository.find())
        guard firmware.missing.isEmpty else {
            print("Everything is in place but what a board boots from: card images will boot in QEMU only.")
            print("That needs the network once; ./apus setup tries again.")
            return
        }
        print("Boot firmware: \(firmware.description)")
        print(didSomething ? "Everything is in place now." : "Everything is in place.")
    }
}
