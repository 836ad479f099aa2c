/// The 32 bytes of a directory entry as they lie on disk.
struct FATRecord: Sendable {
    static let size = 32
    /// The most entries a directory may have: 2 MiB of them.
    static let maximumCount = 65_536

    /// The bytes.
    var bytes: [32 of UInt8]

    init(_ bytes: [32 of UInt8]) { self.bytes = bytes }

    /// True when neither this entry nor any after it is in use.
    var isEnd: Bool { bytes[0] == 0 }
    /// True for an entry that was deleted.
    var isDeleted: Bool { bytes[0] == 0xE5 }
    var attributes: FileAttributes { FileAttributes(rawValue: bytes[11] & 0x3F) }
    /// True for what no system writes: the card, or something else, left it there. A label that is a directory, bits that have no meaning,
    /// or a name with a control character (0x05 in the first place stands for 0xE5).
    var isGarbage: Bool {
        if isEnd || isDeleted || isLongName { return false }
        if bytes[11] & 0xC0 != 0 || bytes[11] & 0x18 == 0x18 { return true }
        for index in 0..<11 where bytes[index] < 0x20 && !(index == 0 && bytes[0] == 0x05) { return true }
        return false
    }
    /// True for a piece of a long name.
    var isLongName: Bool { bytes[11] & 0x3F == 0x0F }
    /// True for the label of the volume.
    var isVolumeLabel: Bool { !isLongName && attributes.contains(.volumeLabel) }
    /// True for the links to itself and its parent with which every directory but the root begins.
    var isDotLink: Bool {
        guard bytes[0] == 0x2E, bytes[1] == 0x20 || bytes[1] == 0x2E else { return false }
        for index in 2..<11 where bytes[index] != 0x20 { return false }
        return true
    }

    /// Where the content begins. Above FAT12 and FAT16 the high half means other things.
    func firstCluster(_ width: FATBootSector.Width) -> UInt32 {
        let low = UInt32(bytes.span.u16(26))
        return width == .fat32 ? low | UInt32(bytes.span.u16(20)) << 16 : low
    }

    /// Length in bytes; zero for directories.
    var size: UInt32 { bytes.span.u32(28) }

    /// The checksum by which the pieces of a long name say that they belong to this entry.
    var nameChecksum: UInt8 {
        var sum: UInt8 = 0
        for index in 0..<11 { sum = (sum >> 1 | sum << 7) &+ bytes[index] }
        return sum
    }

    // MARK: Making one

    /// An entry without content, made at `time`. `name` are the eleven bytes of the short name, `lowercase` the bits of
    /// `NTRes` that say which parts of it are shown in small letters.
    init(_ name: [11 of UInt8], lowercase: UInt8, _ attributes: FileAttributes, _ time: FATTimestamp) {
        bytes = [32 of UInt8](repeating: 0)
        for index in 0..<11 { bytes[index] = name[index] }
        bytes[11] = attributes.rawValue
        bytes[12] = lowercase
        bytes[13] = time.encodedHundredths
        put(14, time.encodedTime)
        put(16, time.encodedDate)
        setModified(time)
    }

    /// An entry marked as deleted.
    static var deleted: UInt8 { 0xE5 }

    /// Sets the time of the last change, and the day of the last access.
    mutating func setModified(_ time: FATTimestamp) {
        put(18, time.encodedDate)
        put(22, time.encodedTime)
        put(24, time.encodedDate)
    }

    /// Sets where the content begins, and its length.
    mutating func setContent(_ cluster: UInt32, _ size: UInt64, _ width: FATBootSector.Width) {
        if width == .fat32 { put(20, UInt16(truncatingIfNeeded: cluster >> 16)) }
        put(26, UInt16(truncatingIfNeeded: cluster))
        put(28, UInt16(truncatingIfNeeded: size))
        put(30, UInt16(truncatingIfNeeded: size >> 16))
    }

    /// Takes everything but the name from `other`.
    mutating func takeContent(of other: FATRecord) {
        let lowercase = bytes[12]
        for index in 11..<32 { bytes[index] = other.bytes[index] }
        bytes[12] = lowercase
    }

    /// True when both have the same short name.
    func hasShortName(of other: FATRecord) -> Bool {
        for index in 0..<11 where bytes[index] != other.bytes[index] { return false }
        return true
    }

    mutating func put(_ offset: Int, _ value: UInt16) {
        bytes[offset] = UInt8(truncatingIfNeeded: value)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
    }

    // MARK: Names

    /// Appends the short name, in UTF-16 units: base and extension without their padding, in lower case where the entry
    /// says so (`NTRes`, bits 3 and 4), bytes above 0x7F by code page 437. What no name can hold becomes U+FFFD.
    func appendShortName(to name: inout [UInt16]) {
        appendPart(0..<8, lowercase: bytes[12] & 0x08 != 0, to: &name)
        if name.isEmpty { name.append(0xFFFD) }
        guard bytes[8] != 0x20 || bytes[9] != 0x20 || bytes[10] != 0x20 else { return }
        name.append(0x2E)
        appendPart(8..<11, lowercase: bytes[12] & 0x10 != 0, to: &name)
    }

    private func appendPart(_ range: Range<Int>, lowercase: Bool, to name: inout [UInt16]) {
        var end = range.upperBound
        while end > range.lowerBound, bytes[end - 1] == 0x20 { end -= 1 }
        for index in range.lowerBound..<end {
            var byte = bytes[index]
            // 0xE5 in the first place means deleted: a name that begins with it is stored with 0x05.
            if index == 0, byte == 0x05 { byte = 0xE5 }
            if lowercase, byte >= 0x41, byte <= 0x5A { byte += 0x20 }
            name.append(byte < 0x80 ? Self.validASCII(byte) : CodePage437.unit(byte))
        }
    }

    private static func validASCII(_ byte: UInt8) -> UInt16 {
        byte < 0x20 || byte == 0x2F || byte == 0x7F ? 0xFFFD : UInt16(byte)
    }
}
