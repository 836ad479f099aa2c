/// The attribute byte of a directory entry (`DIR_Attr`).
public struct FileAttributes: OptionSet, Sendable {
    /// The byte as it stands on disk.
    public let rawValue: UInt8

    /// The attributes in the byte `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Not to be written or deleted.
    public static let readOnly = FileAttributes(rawValue: 0x01)
    /// Not to be shown unless asked for.
    public static let hidden = FileAttributes(rawValue: 0x02)
    /// Belongs to an operating system.
    public static let system = FileAttributes(rawValue: 0x04)
    /// The entry is the volume's label and no file.
    public static let volumeLabel = FileAttributes(rawValue: 0x08)
    /// The entry is a directory.
    public static let directory = FileAttributes(rawValue: 0x10)
    /// Changed since the last backup.
    public static let archive = FileAttributes(rawValue: 0x20)
}
