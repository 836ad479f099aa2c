/// Where a directory keeps what it says about a file.
struct EntryPlace: Sendable {
    /// The directory's first cluster; zero for the root.
    var directory: UInt32
    /// Number of the last of its entries, the one with the short name, counted from the directory's start.
    var index: Int
    /// How many entries it has, the pieces of the long name included.
    var count: Int
    /// Where that last entry lies on the volume.
    var position: UInt64

    /// The root directory, which has no entry.
    static var none: EntryPlace { EntryPlace(directory: 0, index: -1, count: 0, position: 0) }

    /// The numbers of all its entries.
    var entries: Range<Int> { index - count + 1..<index + 1 }
}
