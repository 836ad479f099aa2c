import Storage

/// What a board reads from a card before any code of ours runs.
package enum BootFiles {
    /// What any card that starts a Raspberry Pi 4 Model B has.
    static let names = ["start4.elf", "fixup4.dat", "config.txt", "bcm2711-rpi-4-b.dtb"]

    /// Those of `names` that the first file system of the card image at `path` lacks; all of them where it has none.
    package static func missing(fromImage path: String) throws(StoreError) -> [String] {
        let file = try ImageFile(path: path, isReadOnly: true)
        guard let volume = try? FATVolume(firstOn: file) else { return names }
        return names.filter { (try? volume.entry(at: $0)) == nil }
    }
}
