/// Fetches Raspberry Pi's firmware from Debian's `raspi-firmware` into the repository's `.cache/`.
///
/// The package is in non-free-firmware, which many machines do not take packages from, and installing it on a PC
/// makes it write into /boot. So apt works on lists of its own (`PrivateApt`), and the package is only unpacked.
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
        let apt = try PrivateApt(
            directory: directory, sources: ["deb \(debian.mirror) \(debian.codename) non-free-firmware"])
        try apt.update()
        try apt.download([Self.package])
        guard let package = apt.file(beginning: Self.package, ending: ".deb") else { throw SetupError.noFirmware }
        try Files.makeDirectory(target)
        try Command("dpkg-deb", ["--extract", package, target]).check()
    }
}
