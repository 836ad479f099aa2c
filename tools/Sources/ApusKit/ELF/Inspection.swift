/// An image with what lies beside it.
package struct Inspection {
    /// The path of the image.
    package let image: String
    /// Bytes of the image.
    package let size: Int
    /// What it says of itself.
    package let note: HeaderNote
    /// Whether its build id fits its bytes.
    package let isIntact: Bool
    /// The file with its sections and symbols, if it is there.
    package let elf: ELFImage?
    /// Whether that file is of the same build.
    package let elfFits: Bool

    /// Looks at `path`, the image or the ELF file beside it.
    package init(path: String) throws {
        let base = path.hasSuffix(".elf") || path.hasSuffix(".img") ? String(path.dropLast(4)) : path
        image = base == path ? path : base + ".img"
        let bytes = try Files.read(image)
        guard let note = HeaderNote(image: bytes) else { throw InspectionError.noNote(image) }
        self.note = note
        size = bytes.count
        isIntact = HeaderNote.isIntact(bytes)
        let companion = base + ".elf"
        guard Files.exists(companion) else {
            (elf, elfFits) = (nil, false)
            return
        }
        elf = try ELFImage(path: companion)
        elfFits = HeaderNote(searching: try Files.read(companion))?.build == note.build
    }
}

/// A file that cannot be looked into.
package enum InspectionError: UserError, Equatable {
    case noNote(String)

    package var description: String {
        switch self {
        case .noNote(let path): "\(path) has no header note of Apus; give a kernel8.img that `apus build` made"
        }
    }
}
