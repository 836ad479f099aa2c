/// What was read from a device in the expectation that it will be asked for.
final class ReadAhead {
    /// Bytes of a file that are read at once.
    static let size = 32768
    /// Bytes of a table or a directory that are read at once, when it is walked through.
    static let walkSize = 65536

    /// Where the content lies on the device.
    var start: UInt64 = 0
    /// How many bytes are valid, from the first on.
    var count = 0
    /// The content.
    let bytes: BlockBuffer

    init(_ size: Int) { bytes = BlockBuffer(count: size) }

    /// True when the byte at `position` of the device is here.
    func contains(_ position: UInt64) -> Bool { position >= start && position - start < UInt64(count) }

    /// Drops everything when any of it is in `range`, which is about to change.
    func forget(_ range: Range<UInt64>) {
        if count > 0, range.overlaps(start..<start + UInt64(count)) { count = 0 }
    }
}
