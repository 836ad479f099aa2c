extension FATCheck {
    /// A change that puts right something that was found.
    enum Fix {
        /// The entry at a position gets a first cluster and a size.
        case content(UInt64, UInt32, UInt64)
        /// The entry at a position goes.
        case remove(UInt64)
        /// The link at a position leads to a directory.
        case link(UInt64, UInt32)
        /// The entry at a position becomes the first or second link of its directory, to a directory.
        case makeLink(UInt64, Int, UInt32)
        /// The entry at a position gets another short name.
        case rename(UInt64)
        /// A cluster becomes the last of its chain.
        case cut(UInt32)
    }
}
