/// The readable note near the beginning of every image, which says what the image is.
///
/// The boot code reserves the room in section `.note.apus`, filled with NUL; `apus build` writes the text into
/// the ELF file and into `kernel8.img`, where anyone can read it with `head -c 576 kernel8.img`.
package struct HeaderNote: Equatable, Sendable {
    /// Where the note lies in `kernel8.img`, in bytes.
    package static let offset = 64
    /// The room for it, in bytes.
    package static let capacity = 512

    /// The application's name.
    package var application: String
    /// The version of Apus.
    package var version: String
    /// The git commit of the application, short, `+dirty` where files differ from it; or `none`.
    package var commit: String
    /// 16 hexadecimal digits that differ when anything in the image differs.
    package var build: String
    /// The drivers in the image, by the names of their folders.
    package var devices: [String]

    /// A note with all it says.
    package init(application: String, version: String, commit: String, build: String = noBuild, devices: [String]) {
        self.application = application
        self.version = version
        self.commit = commit
        self.build = build
        self.devices = devices
    }

    /// What stands in the build line while the build id is computed.
    package static let noBuild = "0000000000000000"

    /// The lines of the note.
    package var text: String {
        """
        Apus 1
        application: \(application)
        version: \(version)
        commit: \(commit)
        build: \(build)
        devices: \(devices.joined(separator: " "))

        """
    }

    /// Reads a note's text, which ends at the first NUL; nil if it is none of ours.
    package init?(text bytes: some Sequence<UInt8>) {
        let lines = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n")
        guard lines.first == "Apus 1" else { return nil }
        var values: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            values[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        guard let application = values["application"], let version = values["version"],
            let commit = values["commit"], let build = values["build"], let devices = values["devices"]
        else { return nil }
        self.init(
            application: application, version: version, commit: commit, build: build,
            devices: devices.split(separator: " ").map(String.init))
    }

    /// The note of a `kernel8.img`, or nil if it has none.
    package init?(image: [UInt8]) {
        guard image.count >= Self.offset + Self.capacity else { return nil }
        self.init(text: image[Self.offset..<Self.offset + Self.capacity])
    }

    /// The note of a file that holds it somewhere, as an ELF file does; nil if there is none.
    package init?(searching file: [UInt8]) {
        let magic = Array("Apus 1\napplication: ".utf8)
        var rest = file[...]
        while let found = rest.firstIndex(of: magic[0]) {
            if rest[found...].starts(with: magic) {
                self.init(text: rest[found...].prefix(Self.capacity))
                return
            }
            rest = rest[(found + 1)...]
        }
        return nil
    }

    /// Writes the note into the image, with the build id that follows from the image and the other lines.
    package mutating func seal(_ image: inout [UInt8]) throws {
        build = Self.noBuild
        try write(to: &image, at: Self.offset)
        build = String(try SHA256.hexadecimal(image).prefix(16))
        try write(to: &image, at: Self.offset)
    }

    /// Whether the build id belongs to these bytes: false when the image was damaged or changed.
    package static func isIntact(_ image: [UInt8]) -> Bool {
        guard var note = HeaderNote(image: image) else { return false }
        let build = note.build
        var copy = image
        guard (try? note.seal(&copy)) != nil else { return false }
        return note.build == build && copy == image
    }

    /// Writes the note at `offset`, filled up with NUL.
    package func write(to bytes: inout [UInt8], at offset: Int) throws {
        let text = Array(self.text.utf8)
        guard text.count < Self.capacity else { throw HeaderNoteError.tooLong(bytes: text.count) }
        guard offset >= 0, offset + Self.capacity <= bytes.count else { throw HeaderNoteError.noRoom }
        let padding = [UInt8](repeating: 0, count: Self.capacity - text.count)
        bytes.replaceSubrange(offset..<offset + Self.capacity, with: text + padding)
    }
}

/// A note that does not fit.
package enum HeaderNoteError: UserError, Equatable {
    case tooLong(bytes: Int)
    case noRoom

    package var description: String {
        switch self {
        case .tooLong(let bytes):
            "the header note takes \(bytes) bytes of \(HeaderNote.capacity); shorten the application's name"
        case .noRoom:
            "the image has no room for the header note; link it with linker/kernel8.ld, which reserves it"
        }
    }
}
