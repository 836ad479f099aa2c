import Foundation

/// A card image as Raspberry Pi Imager takes it from a custom repository: the image, compressed, and the list that names it.
///
/// The list is what Imager's `doc/json-schema/os-list-schema.json` describes (repository raspberrypi/rpi-imager, August 2026); the digest of
/// the compressed file, which that schema leaves out, is in its example of a list.
package struct ImagerRepository {
    /// The name of the list.
    package static let listName = "os_list.json"
    private static let iconName = "apus.svg"

    /// The directory that the files are put into.
    package let directory: String
    /// Where the directory can be fetched from: a URL with a `/` at its end.
    package let base: String

    /// A repository in `directory`, which others see at `url`; without one the list leads to the files on this machine.
    package init(directory: String, url: String? = nil) {
        self.directory = directory
        let url = url ?? URL(fileURLWithPath: directory, isDirectory: true).absoluteString
        base = url.hasSuffix("/") ? url : url + "/"
    }

    /// The boards that the image is for, by the names that Imager's own list of boards uses.
    static let devices = ["pi4-64bit"]

    /// Compresses the card at `path` and writes the list. `date` is a day as `2026-12-31`. Returns the list's path.
    package func write(card path: String, application: String, date: String) throws -> String {
        try Files.makeDirectory(directory)
        let name = "apus-\(application.lowercased()).img"
        let raw = directory + "/" + name
        let compressed = raw + ".xz"
        let image = try Files.read(path)
        try Files.write(image, to: raw)
        Files.remove(compressed)
        defer { Files.remove(raw) }
        // One thread, so that the same card makes the same file.
        try Command("xz", ["--threads=1", "-6", "--keep", raw]).check()
        let download = try Files.read(compressed)
        let entry: [String: Any] = [
            "name": "Apus \(application)",
            "description": Self.description(of: application),
            "icon": base + Self.iconName,
            "url": base + name + ".xz",
            "extract_size": image.count,
            "extract_sha256": try SHA256.hexadecimal(image),
            "image_download_size": download.count,
            "image_download_sha256": try SHA256.hexadecimal(download),
            "release_date": date,
            "init_format": "none",
            "devices": Self.devices,
        ]
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let list = try JSONSerialization.data(withJSONObject: ["os_list": [entry]], options: options)
        try Files.write(Self.icon, to: directory + "/" + Self.iconName)
        try Files.write([UInt8](list) + [0x0a], to: directory + "/" + Self.listName)
        return directory + "/" + Self.listName
    }

    private static func description(of application: String) -> String {
        application == "SelfTest"
            ? "Looks at every device of a Raspberry Pi 4 and prints a report on the serial console"
            : "The application \(application), running on the bare board"
    }

    /// A swift in flight.
    private static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">
        <path fill="#202830" d="M2 8c9 1 14 4 18 9 4-5 9-8 18-9-8 4-12 8-15 14l-1 6 3 8-5-6-5 6 3-8-1-6C14 16 10 12 2 8z"/>
        </svg>

        """
}
