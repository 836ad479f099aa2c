import Foundation

/// Fetches Raspberry Pi's firmware from Debian's `raspi-firmware` into the repository's `.cache/`.
///
/// The package is in non-free-firmware, which many machines do not take packages from, and installing it on a PC
/// makes it write into /boot. So apt works here on lists of its own, needs no rights, and the package is only unpacked.
struct FirmwareDownload {
    private static let package = "raspi-firmware"
    private let debian: Debian
    private let directory: String
    private let target: String

    init(debian: Debian, repository: Repository) {
        self.debian = debian
        directory = repository.path(".cache/apt")
        target = Firmware(repository: repository).directory
    }

    /// Downloads and unpacks.
    func run() throws {
        for name in ["lists/partial", "cache/archives/partial", "download"] {
            try Files.makeDirectory(directory + "/" + name)
        }
        try Files.write(
            "deb \(debian.mirror) \(debian.codename) non-free-firmware\n", to: directory + "/sources.list")
        try Command("apt-get", options + ["update", "-q"]).check()
        try Command("apt-get", options + ["download", "-q", Self.package], directory: directory + "/download").check()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/download")
        guard let name = names.filter({ $0.hasPrefix(Self.package) && $0.hasSuffix(".deb") }).max() else {
            throw SetupError.noFirmware
        }
        try Files.makeDirectory(target)
        try Command("dpkg-deb", ["--extract", directory + "/download/" + name, target]).check()
    }

    private var options: [String] {
        [
            "Dir::Etc::SourceList=\(directory)/sources.list", "Dir::Etc::SourceParts=/dev/null",
            "Dir::State::Lists=\(directory)/lists", "Dir::Cache=\(directory)/cache", "APT::Sandbox::User=",
        ].flatMap { ["-o", $0] }
    }
}
