/// What is to be done with a file, and what if it is there, or not.
public struct OpenOptions: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// The options in the bits of `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reading, which every file can be opened for.
    public static let read = OpenOptions([])
    /// Writing.
    public static let write = OpenOptions(rawValue: 0x01)
    /// Makes the file when it is not there. Implies `write`.
    public static let create = OpenOptions(rawValue: 0x03)
    /// Makes the file, and throws `exists` when it is there. Implies `create`.
    public static let exclusive = OpenOptions(rawValue: 0x07)
    /// Makes the file empty. Implies `write`.
    public static let truncate = OpenOptions(rawValue: 0x09)
    /// Every `write` goes to the end of the file. Implies `write`.
    public static let append = OpenOptions(rawValue: 0x11)
}
