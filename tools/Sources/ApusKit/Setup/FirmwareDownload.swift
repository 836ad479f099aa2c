import Foundation

/// Fetches what a board needs on its card from Debian's packages `raspi-firmware` and `linux-image-arm64` into the repository's `.cache/`.
///
/// The first is in non-free-firmware, which many machines do not take packages from, and installing it on a PC makes it write into /boot. So
/// apt works on lists of its own (`PrivateApt`), checks signatures as ever, and only a few files are taken out of the packages.
struct FirmwareDownload {
    private static let package = "raspi-firmware"
    private static let kernel = "linux-image-arm64"
    /// The release with the firmware for boards that were made since the one of Debian 12.
    private static let preferredRelease = "trixie"
    /// The releases before it.
    private static let olderReleases: Set = ["bullseye", "bookworm"]
    /// Debian's keys, where the package is installed that each Debian has; apt trusts nothing else for these sources.
    private static let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

    private let debian: Debian
    private let cache: String
    private let firmware: Firmware

    init(debian: Debian, repository: Repository) {
        self.debian = debian
        cache = repository.path(".cache/apt")
        firmware = Firmware(repository: repository)
    }

    /// The releases to take the files from, the best first: the newer firmware knows the boards made since 2022.
    static func releases(for codename: String) -> [String] {
        if codename == preferredRelease { return [codename] }
        return olderReleases.contains(codename) ? [preferredRelease, codename] : [codename, preferredRelease]
    }

    /// Whether there is a newer firmware than this one.
    static func isOld(_ firmware: Firmware) -> Bool { firmware.release.map(olderReleases.contains) ?? true }

    /// Downloads the packages of the first release that gives them, and takes the files out.
    func run() throws {
        var failure: any Error = SetupError.noFirmware
        for release in Self.releases(for: debian.codename) {
            // What is there is no worse.
            if release == firmware.release && firmware.missing.isEmpty { return }
            do {
                try fetch(from: release)
                return
            } catch {
                Screen.note("  Debian \(release) does not give it")
                failure = error
            }
        }
        throw failure
    }

    private func fetch(from release: String) throws {
        let key = Files.exists(Self.keyring) ? " signed-by=\(Self.keyring)" : ""
        let source = "deb [arch=arm64\(key)] \(debian.mirror) \(release) main non-free-firmware"
        let directory = cache + "/" + release
        // A hundred MiB of which a few are needed.
        defer { Files.remove(directory) }
        let apt = try PrivateApt(directory: directory, sources: [source], architectures: ["amd64", "arm64"])
        try apt.update()
        guard let kernel = try apt.dependencies(of: Self.kernel + ":arm64").first else {
            throw SetupError.noDeviceTrees
        }
        try apt.download([Self.package, kernel.hasSuffix(":arm64") ? kernel : kernel + ":arm64"])
        let name = kernel.split(separator: ":").first.map(String.init) ?? kernel
        guard let package = apt.file(beginning: Self.package + "_", ending: ".deb") else { throw SetupError.noFirmware }
        guard let trees = apt.file(beginning: name + "_", ending: ".deb") else { throw SetupError.noDeviceTrees }
        try Files.withTemporaryDirectory { staging in
            try Self.extract(
                ["./usr/lib/raspi-firmware/*4.*", "./usr/share/doc/*/copyright"], of: package, to: staging)
            try Self.extract(["./usr/lib/linux-image-*/broadcom/bcm2711-rpi-*.dtb"], of: trees, to: staging)
            try collect(from: staging, release: release, packages: [package, trees])
        }
    }

    /// Takes the files that match out of a package, into `directory` itself.
    private static func extract(_ patterns: [String], of package: String, to directory: String) throws {
        let script = """
            set -e
            archive=$1; shift
            mkdir -p "$1" && cd "$1"; shift
            dpkg-deb --fsys-tarfile "$archive" | tar --extract --wildcards --transform 's,.*/,,' "$@"
            """
        try Command("bash", ["-o", "pipefail", "-c", script, "extract", package, directory] + patterns).check()
    }

    /// Puts everything in its place at once.
    private func collect(from staging: String, release: String, packages: [String]) throws {
        var files: [(name: String, bytes: [UInt8])] = []
        for name in Firmware.packageFiles { files.append((name, try Files.read(staging + "/" + name))) }
        for tree in Firmware.deviceTrees { files.append((tree.card, try Files.read(staging + "/" + tree.package))) }
        let terms = String(decoding: try Files.read(staging + "/copyright"), as: UTF8.self)
        files.append((Firmware.notice, Array(Self.notice(release: release, packages: packages, terms: terms).utf8)))
        Files.remove(firmware.directory)
        try Files.makeDirectory(firmware.directory)
        for file in files { try Files.write(file.bytes, to: firmware.path(file.name)) }
    }

    /// What the packages' licences want to be said wherever their files go.
    static func notice(release: String, packages: [String], terms: String) -> String {
        let names = packages.map { package in
            let name = package.split(separator: "/").last.map(String.init) ?? package
            let parts = name.split(separator: "_").prefix(2).map { $0.replacing("%3a", with: ":") }
            return Firmware.originMark + parts.joined(separator: " ")
        }
        return """
            start4.elf and fixup4.dat on this card are Raspberry Pi's, the .dtb files are Linux'. They were taken unchanged from
            these packages of Debian, whose sources are at https://sources.debian.org/:

            \(Firmware.releaseMark)\(release)
            \(names.joined(separator: "\n"))

            The device trees are under the GNU General Public License, version 2. The terms for the firmware:

            \(terms)
            """
    }
}
