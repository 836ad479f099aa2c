/// What a volume remembers while a file has no name; see `FATVolume+Rename.swift`.
struct MoveNote {
    /// The old entry: content, attributes and times of the new one.
    var record: FATRecord
    /// First cluster of the directory that the file was in; zero for the root.
    var oldDirectory: UInt32
    /// First cluster of the directory that it is to be in; zero for the root.
    var newDirectory: UInt32
    /// Its new name.
    var name: [UInt16]

    /// What the file with the note is called.
    static var fileName: [UInt16] { Array("APUSMOVE.$$$".utf16) }
    /// The most bytes that a note has.
    static let maximumSize = headerSize + 2 * LongName.maximumLength + 4

    private static let headerSize = 8 + 32 + 4 + 4 + 2
    private static var signature: [UInt8] { Array("APUSMOV1".utf8) }

    init(record: FATRecord, oldDirectory: UInt32, newDirectory: UInt32, name: [UInt16]) {
        self.record = record
        self.oldDirectory = oldDirectory
        self.newDirectory = newDirectory
        self.name = name
    }

    /// The note in `bytes`; nil when it is none, or not all of it.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.headerSize + 4, bytes.starts(with: Self.signature) else { return nil }
        let count = Int(bytes.span.u16(48))
        let end = Self.headerSize + 2 * count
        guard bytes.count >= end + 4, Self.checksum(bytes, end) == bytes.span.u32(end) else { return nil }
        record = FATRecord([32 of UInt8](repeating: 0))
        for index in 0..<32 { record.bytes[index] = bytes[8 + index] }
        oldDirectory = bytes.span.u32(40)
        newDirectory = bytes.span.u32(44)
        name = []
        for index in 0..<count { name.append(bytes.span.u16(Self.headerSize + 2 * index)) }
    }

    /// The note as it is written: signature, entry, directories, length and units of the name, checksum of all that.
    var bytes: [UInt8] {
        var bytes = Self.signature
        for index in 0..<32 { bytes.append(record.bytes[index]) }
        Self.append(oldDirectory, 4, to: &bytes)
        Self.append(newDirectory, 4, to: &bytes)
        Self.append(UInt32(name.count), 2, to: &bytes)
        for unit in name { Self.append(UInt32(unit), 2, to: &bytes) }
        Self.append(Self.checksum(bytes, bytes.count), 4, to: &bytes)
        return bytes
    }

    private static func checksum(_ bytes: [UInt8], _ count: Int) -> UInt32 {
        var sum = CRC32()
        sum.update(bytes.span, 0..<count)
        return sum.value
    }

    private static func append(_ value: UInt32, _ count: Int, to bytes: inout [UInt8]) {
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * index))) }
    }
}
