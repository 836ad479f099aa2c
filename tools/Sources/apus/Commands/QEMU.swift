import ApusKit
import ArgumentParser

/// `apus qemu`
struct QEMU: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The QEMU that has the board's own devices.", subcommands: [BuildQEMU.self])
}

/// `apus qemu build`
struct BuildQEMU: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build QEMU with the device models in tools/qemu.",
        discussion: """
            Takes Debian's source of QEMU, some minutes and 600 MB of .cache/ once; afterwards only what has changed \
            in tools/qemu. `apus run --board` does it by itself. Prints the path of the program.
            """)

    func run() throws {
        let repository = try Repository.find()
        try Installer(repository: repository).ensure([.emulator])
        print(try BoardEmulator(repository: repository) { Screen.note($0) }.build())
    }
}
