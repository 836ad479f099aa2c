/// A file on a volume, open for reading or for reading and writing.
///
/// Has a position, which `read(into:)` and `write(_:)` move; every other call says where. Belongs to one task at a time, but
/// any number of handles may lead to one file, and they see what each writes. Closed when the last reference is gone;
/// what was written then still waits for `FATVolume.synchronize` or another reason to be taken to the medium.
public final class File {
    /// The longest a file can be: 4 GiB - 1 bytes.
    public static var maximumSize: UInt64 { 0xFFFF_FFFF }

    /// Length in bytes.
    public var size: UInt64 { node.size }
    /// Where the next reading or writing begins, in bytes from the start. May lie behind the end: what is written there has
    /// zeros before it.
    public var position: UInt64 = 0

    private let volume: FATVolume
    private let node: FileNode
    private let options: OpenOptions
    private var isOpen = true

    /// A handle to `node` of `volume`, made in a turn.
    init(_ volume: FATVolume, _ node: FileNode, _ options: OpenOptions) {
        self.volume = volume
        self.node = node
        self.options = options
        volume.retain(node)
    }

    deinit {
        if isOpen { volume.close(node) }
    }

    /// Ends the use of the handle and makes durable what was written to the file. The handle is closed even when that fails.
    public func close() throws(FileError) {
        guard isOpen else { return }
        isOpen = false
        let node = node
        try volume.inTurn { () throws(FileError) in
            defer { volume.close(node) }
            if options.contains(.write) { try volume.commit() }
        }
    }

    // MARK: Reading

    /// Reads the bytes from `position` on into `buffer`, moves the position behind them, and returns how many they are; as
    /// `read(at:into:)`.
    public func read(into buffer: inout MutableRawSpan) throws(FileError) -> Int {
        let count = try read(at: position, into: &buffer)
        position += UInt64(count)
        return count
    }

    /// Reads the bytes from `offset` on into `buffer` and returns how many: fewer than `buffer` holds where the file ends,
    /// none at or past its end. The caller owns the buffer throughout; after an error its content is undefined.
    ///
    /// Adjacent clusters are read in one request, straight into `buffer`. Requests of whole 4 KiB at multiples of the
    /// device's block size pass through no other memory, unless they are small and follow one another: then 32 KiB are read
    /// ahead. Throws `corrupted` or `device`.
    public func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FileError) -> Int {
        guard isOpen else { throw .notOpen }
        try volume.enter()
        defer { volume.leave() }
        return try volume.read(node, at: offset, into: &buffer)
    }

    /// Reads the bytes from `offset` on into all of `bytes`, and returns how many; as above.
    public func read(at offset: UInt64, into bytes: inout [UInt8]) throws(FileError) -> Int {
        try bytes.withMutableRawSpan { (span) throws(FileError) in try read(at: offset, into: &span) }
    }

    // MARK: Writing

    /// Writes all of `data` at `position`, or at the end where the file was opened for appending, and moves the position behind
    /// it; as `write(at:from:)`.
    public func write(_ data: RawSpan) throws(FileError) {
        try change { () throws(FileError) in
            position = try volume.write(node, at: options.contains(.append) ? nil : position, from: data)
        }
    }

    /// Writes all of `data` to the bytes from `offset` on. What lies between the end of the file and `offset` becomes zero.
    ///
    /// Throws `full`, `tooLarge`, `corrupted` or `device`; the file has not become longer then. Durable after `flush`. As
    /// with reading, adjacent clusters are one request, and whole blocks pass through no other memory.
    public func write(at offset: UInt64, from data: RawSpan) throws(FileError) {
        try change { () throws(FileError) in _ = try volume.write(node, at: offset, from: data) }
    }

    /// Writes all of `bytes` at `position`; as `write(_:)`.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        let span = bytes.span
        try write(unsafe span.bytes)
    }

    /// Makes the file `size` bytes long; what is new is zero, and takes room on the volume.
    public func truncate(to size: UInt64) throws(FileError) {
        try change { () throws(FileError) in try volume.truncate(node, to: size) }
    }

    /// Makes the present time that of the last change.
    public func touch() throws(FileError) {
        try change { () throws(FileError) in
            try volume.prepareToWrite()
            volume.touch(node)
        }
    }

    /// Makes everything durable that was written to the volume, this file's content and length among it.
    public func flush() throws(FileError) { try change { () throws(FileError) in try volume.commit() } }

    private func change(_ body: () throws(FileError) -> Void) throws(FileError) {
        guard isOpen, options.contains(.write) else { throw .notOpen }
        try volume.inTurn(body)
    }
}
