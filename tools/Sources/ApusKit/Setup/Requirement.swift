/// A program that some of the commands need, and the Debian package it comes in.
package struct Requirement: Equatable, Sendable {
    /// What something is needed for.
    package enum Purpose: Sendable {
        case build, card, machine, debug, test
    }

    /// The Debian package.
    package let package: String
    /// The program that shows whether it is there.
    package let program: String
    /// What it is needed for.
    package let purposes: Set<Purpose>
    /// What it does here, for the person who is asked.
    package let reason: String
    /// The least version, or nil if any will do.
    package var minimumVersion: Version?

    /// Everything there is.
    package static let all = [
        Requirement(
            package: "gcc-aarch64-linux-gnu", program: "aarch64-linux-gnu-gcc", purposes: [.build],
            reason: "the compiler's built-in functions (libgcc)"),
        Requirement(
            package: "qemu-system-arm", program: Machine.program, purposes: [.machine],
            reason: "the emulated Raspberry Pi 4 (raspi4b, from QEMU 9 on)", minimumVersion: Version(9, 0)),
        Requirement(package: "fdisk", program: "sfdisk", purposes: [.card], reason: "partition tables"),
        Requirement(package: "dosfstools", program: "mkfs.vfat", purposes: [.card], reason: "FAT file systems"),
        Requirement(package: "mtools", program: "mcopy", purposes: [.card], reason: "files onto card images"),
        Requirement(package: "gdb-multiarch", program: "gdb-multiarch", purposes: [.debug], reason: "the debugger"),
        Requirement(
            package: "device-tree-compiler", program: "dtc", purposes: [.test], reason: "device trees for the tests"),
    ]

    /// How a program stands on this machine.
    package enum State: Equatable, Sendable {
        case present(version: Version?)
        case missing
        case tooOld(Version)

        /// Whether it serves.
        package var isFine: Bool {
            if case .present = self { true } else { false }
        }
    }

    /// Looks for the program.
    package func state() -> State {
        guard Executable.find(program) != nil else { return .missing }
        let output = try? Command(program, ["--version"]).capture(mergingErrors: true)
        let version = output.flatMap { Version(in: $0.text) }
        if let minimumVersion, let version, version < minimumVersion { return .tooOld(version) }
        return .present(version: version)
    }

    /// The requirements for `purposes` that this machine does not meet.
    package static func missing(for purposes: Set<Purpose>) -> [Requirement] {
        all.filter { !$0.purposes.isDisjoint(with: purposes) && !$0.state().isFine }
    }
}
