/// What a board needs on its card beside the image: the boot firmware of Raspberry Pi, from Debian's `raspi-firmware`, and the
/// boards' device trees, from Debian's arm64 kernel.
///
/// `apus setup` takes these files out of the packages and puts them into the repository's `.cache/`; nothing is installed.
package struct Firmware: Sendable {
    /// The firmware's own files.
    static let packageFiles = ["start4.elf", "fixup4.dat"]
    /// The device trees, by the names that the firmware looks for on a Model 4B, a Pi 400 and a Compute Module 4, and by
    /// those that they have in the kernel's package.
    static let deviceTrees = [
        (card: "bcm2711-rpi-4-b.dtb", package: "bcm2711-rpi-4-b.dtb"),
        (card: "bcm2711-rpi-400.dtb", package: "bcm2711-rpi-400.dtb"),
        (card: "bcm2711-rpi-cm4.dtb", package: "bcm2711-rpi-cm4-io.dtb"),
    ]
    /// What a board does not boot without, by where it lies on the card.
    package static let requiredFiles = packageFiles + deviceTrees.map(\.card)
    /// Where the files come from and under which terms they may be passed on. It goes on the card too.
    static let notice = "NOTICE.txt"

    /// The directory that the files lie in.
    package let directory: String

    /// The firmware as `apus setup` leaves it in this repository.
    package init(repository: Repository) {
        directory = repository.path(".cache/raspi-firmware")
    }

    /// Where each file is, by where it goes on the card; nil unless all that is required is there.
    package func locate() -> [(card: String, source: String)]? {
        guard missing.isEmpty else { return nil }
        let files = Self.requiredFiles + (Files.exists(path(Self.notice)) ? [Self.notice] : [])
        return files.map { ($0, path($0)) }
    }

    /// The required files that are not there.
    package var missing: [String] { Self.requiredFiles.filter { !Files.exists(path($0)) } }

    func path(_ file: String) -> String { directory + "/" + file }
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
        /// It is fetched, and replaced where a newer one can be had.
        case newest
    }

    /// Debian's release that the files were taken from; nil where nobody wrote that down.
    package var release: String? { noted(Self.releaseMark).first }

    /// The packages that the files were taken from, as their names and versions; empty where nobody wrote that down.
    package var origin: String {
        noted(Self.originMark).joined(separator: ", ")
    }

    /// Versions and day, for a person.
    package var description: String {
        let day = date.map { "built \($0)" } ?? "of an unknown day"
        let place = release.map { " (Debian \($0))" } ?? ""
        return "\(origin.isEmpty ? "of unknown origin" : origin)\(place), \(day)"
    }

    private func noted(_ mark: String) -> [String] {
        guard let bytes = try? Files.read(path(Self.notice)) else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }

    /// The day that the firmware was built on, as it says itself, such as `Apr 17 2024`.
    package var date: String? {
        guard let bytes = try? Files.read(path("start4.elf")) else { return nil }
        return Self.date(in: bytes)
    }

    static let originMark = "From: "
    static let releaseMark = "Release: "
    private static let dateMark = Array("VC_BUILD_ID_TIME: ".utf8)

    /// The day among the firmware's marks: of those with a time, the one that is no time of day.
    static func date(in firmware: [UInt8]) -> String? {
        var rest = firmware[...]
        while let start = rest.firstRange(of: dateMark) {
            let text = String(
                decoding: rest[start.upperBound...].prefix { $0 != 0 && $0 != 10 }.prefix(40), as: UTF8.self)
            if !text.contains(":") { return text }
            rest = rest[start.upperBound...]
        }
        return nil
    }
}
