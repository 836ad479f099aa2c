/// The files of Raspberry Pi's own that a board needs to boot, from Debian's `raspi-firmware`.
///
/// The package is unpacked into the repository's `.cache/` and never installed: installed on a PC it would begin to
/// write into /boot.
package struct Firmware: Sendable {
    /// What a board does not boot without, by where it lies on the card.
    package static let requiredFiles = ["start4.elf", "fixup4.dat"]
    /// What goes on the card as well where it is there. Debian's package has neither: without a device tree the image
    /// asks the firmware's mailbox what the board is, and it sets up the console's pins itself.
    package static let optionalFiles = ["bcm2711-rpi-4-b.dtb", "overlays/disable-bt.dtbo"]

    /// The directory that the package was unpacked in.
    package let directory: String

    /// The firmware as `apus setup` leaves it in this repository.
    package init(repository: Repository) {
        directory = repository.path(".cache/raspi-firmware")
    }

    /// Where each file is, by where it goes on the card; nil unless all that is required is there.
    package func locate() -> [(card: String, source: String)]? {
        let bases = [directory + "/usr/lib/raspi-firmware", directory]
        func source(of file: String) -> (card: String, source: String)? {
            bases.map { $0 + "/" + file }.first(where: Files.exists).map { (file, $0) }
        }
        let required = Self.requiredFiles.compactMap(source)
        guard required.count == Self.requiredFiles.count else { return nil }
        return required + Self.optionalFiles.compactMap(source)
    }
}

extension Firmware {
    /// How much a command wants the firmware.
    package enum Need: Sendable {
        /// Not at all.
        case none
        /// It is fetched if that has not failed before.
        case wanted
        /// It is fetched even if that failed before.
        case required
    }
}
