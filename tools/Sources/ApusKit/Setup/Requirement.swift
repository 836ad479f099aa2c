/// A program that some of the commands need, and the Debian package it comes in.
package struct Requirement: Equatable, Sendable {
    /// What something is needed for.
    package enum Purpose: Sendable {
        case build, card, imager, machine, debug, test, emulator
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
    /// Arguments with which the program succeeds if it is there, where its name alone says too little.
    package var probe: [String]?

    /// Everything there is.
    package static let all =
        [
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
                package: "device-tree-compiler", program: "dtc", purposes: [.test], reason: "device trees for the tests"
            ),
            Requirement(package: "curl", program: "curl", purposes: [.test], reason: "a client for the tests of HTTP"),
            Requirement(
                package: "apache2-utils", program: "ab", purposes: [.test], reason: "many requests at once (ab)"),
            Requirement(package: "iperf3", program: "iperf3", purposes: [.test], reason: "TCP measured by others"),
            Requirement(
                package: "mosquitto", program: "mosquitto", purposes: [.test], reason: "an MQTT broker for the tests"),
            Requirement(
                package: "mosquitto-clients", program: "mosquitto_sub", purposes: [.test],
                reason: "MQTT clients for the tests"),
            Requirement(
                package: "chrony", program: "chronyd", purposes: [.test], reason: "a time server for the tests"),
            Requirement(
                package: "dnsmasq-base", program: "dnsmasq", purposes: [.test], reason: "DHCP and DNS for the tests"),
        ] + emulator

    /// What building QEMU takes.
    private static let emulator = [
        Requirement(package: "gcc", program: "gcc", purposes: [.emulator], reason: "the compiler for QEMU"),
        Requirement(package: "patch", program: "patch", purposes: [.emulator], reason: "our change to QEMU"),
        Requirement(
            package: "xz-utils", program: "xz", purposes: [.emulator, .imager],
            reason: "QEMU's source archive, images for Raspberry Pi Imager"),
        Requirement(package: "ninja-build", program: "ninja", purposes: [.emulator], reason: "QEMU's build"),
        Requirement(package: "pkg-config", program: "pkg-config", purposes: [.emulator], reason: "QEMU's build"),
        library("libglib2.0-dev", "glib-2.0", reason: "QEMU's foundation"),
        library("libslirp-dev", "slirp", reason: "networking without rights"),
        // It comes without a description for pkg-config.
        Requirement(
            package: "libfdt-dev", program: "gcc", purposes: [.emulator], reason: "device trees in QEMU",
            probe: ["-E", "-include", "libfdt.h", "-x", "c", "/dev/null"]),
        library("zlib1g-dev", "zlib", reason: "compression in QEMU"),
        Requirement(
            package: "python3-venv", program: "python3", purposes: [.emulator], reason: "meson, QEMU's build system",
            probe: ["-c", "import ensurepip, venv"]),
    ]

    private static func library(_ package: String, _ name: String, reason: String) -> Requirement {
        Requirement(
            package: package, program: "pkg-config", purposes: [.emulator], reason: reason,
            probe: ["--exists", name])
    }

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
        if let probe {
            let status = try? Command(program, probe).capture(mergingErrors: true).status
            return status?.isSuccess == true ? .present(version: nil) : .missing
        }
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
