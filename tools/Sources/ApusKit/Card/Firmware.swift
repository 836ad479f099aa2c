/// The files of Raspberry Pi's own that a board needs to boot, from Debian's `raspi-firmware`.
///
/// The package is unpacked into the repository's `.cache/` and never installed: installed on a PC it would begin to
/// write into /boot.
public struct Firmware: Sendable {
    /// The files, by where they lie on the card.
    public static let files = ["start4.elf", "fixup4.dat", "bcm2711-rpi-4-b.dtb", "overlays/disable-bt.dtbo"]

    /// The directory that the package was unpacked in.
    public let directory: String

    /// The firmware as `apus setup` leaves it in this repository.
    public init(repository: Repository) {
        directory = repository.path(".cache/raspi-firmware")
    }

    /// Where each file is, by where it goes on the card; nil unless all are there.
    public func locate() -> [(card: String, source: String)]? {
        let candidates = [directory + "/usr/lib/raspi-firmware", directory + "/usr/share/raspi-firmware", directory]
        for base in candidates {
            let found = Self.files.map { (card: $0, source: base + "/" + $0) }
            if found.allSatisfy({ Files.exists($0.source) }) { return found }
        }
        return nil
    }
}

extension Firmware {
    /// How much a command wants the firmware.
    public enum Need: Sendable {
        /// Not at all.
        case none
        /// It is fetched if that has not failed before.
        case wanted
        /// It is fetched even if that failed before.
        case required
    }
}
