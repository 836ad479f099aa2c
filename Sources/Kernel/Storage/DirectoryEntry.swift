/// What a directory says about a file or a directory in it.
public struct DirectoryEntry: Sendable {
    /// The long name or, where there is none, the short one. Holds no slash and no control character.
    public let name: String
    /// The attributes.
    public let attributes: FileAttributes
    /// Length in bytes; zero for a directory.
    public private(set) var size: UInt64
    /// When the content was changed last; two seconds fine.
    public private(set) var modified: FATTimestamp?
    /// When the file was made.
    public let created: FATTimestamp?
    /// The day on which it was read or written last.
    public let accessed: FATTimestamp?
    /// Where the content begins; zero for an empty file and for the root directory of every FAT.
    public private(set) var firstCluster: UInt32
    /// Where the directory says it.
    let place: EntryPlace

    /// True for a directory.
    public var isDirectory: Bool { attributes.contains(.directory) }

    /// The entry in `record` by the name `name`.
    init(_ record: FATRecord, _ name: String, _ width: FATBootSector.Width, _ place: EntryPlace) {
        let bytes = record.bytes
        self.place = place
        self.name = name
        attributes = record.attributes
        size = attributes.contains(.directory) ? 0 : UInt64(record.size)
        created = FATTimestamp(date: bytes.span.u16(16), time: bytes.span.u16(14), hundredths: bytes[13])
        accessed = FATTimestamp(date: bytes.span.u16(18), time: 0)
        modified = FATTimestamp(date: bytes.span.u16(24), time: bytes.span.u16(22))
        firstCluster = record.firstCluster(width)
    }

    /// The root directory, which no entry describes.
    private init() {
        name = ""
        attributes = .directory
        (size, firstCluster) = (0, 0)
        (modified, created, accessed) = (nil, nil, nil)
        place = .none
    }

    /// Takes over what `node` knows and the directory does not yet.
    mutating func update(from node: FileNode) {
        size = node.size
        firstCluster = node.firstCluster
        modified = node.modified ?? modified
    }

    /// The root directory of a volume.
    static var root: DirectoryEntry { DirectoryEntry() }
}
