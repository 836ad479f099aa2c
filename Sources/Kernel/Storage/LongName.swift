/// A long name on its way out of the entries that stand before the one it names (Microsoft, "FAT" 1.03, "FAT Long Directory
/// Entries"): thirteen UTF-16 units each, the last piece first, all with the checksum of the short name.
///
/// Anything out of order empties it, and the file is known by its short name.
struct LongName {
    /// The name so far, as long as all its pieces together; the units of pieces to come are zero.
    private var units: [UInt16] = []
    /// Which piece came last, counted from 1; zero when there is none.
    private var sequence = 0
    private var checksum: UInt8 = 0

    private static let unitsPerPiece = 13
    /// The longest name a file can have, in UTF-16 units.
    static let maximumLength = 255

    /// Forgets all pieces.
    mutating func reset() { sequence = 0 }

    /// Takes in the piece in `record`.
    mutating func add(_ record: FATRecord) {
        let order = Int(record.bytes[0] & 0x3F)
        guard record.bytes[12] == 0, order >= 1, order <= 20 else { return reset() }
        if record.bytes[0] & 0x40 != 0 {
            units.removeAll(keepingCapacity: true)
            for _ in 0..<order * Self.unitsPerPiece { units.append(0) }
            checksum = record.bytes[13]
        } else {
            guard order == sequence - 1, record.bytes[13] == checksum else { return reset() }
        }
        sequence = order
        let base = (order - 1) * Self.unitsPerPiece
        for index in 0..<5 { units[base + index] = record.bytes.span.u16(1 + 2 * index) }
        for index in 0..<6 { units[base + 5 + index] = record.bytes.span.u16(14 + 2 * index) }
        for index in 0..<2 { units[base + 11 + index] = record.bytes.span.u16(28 + 2 * index) }
    }

    /// Puts the name into `name` when it is complete, belongs to `record` and is one that a file can have, and says
    /// whether it did.
    mutating func take(for record: FATRecord, into name: inout [UInt16]) -> Bool {
        defer { reset() }
        guard sequence == 1, checksum == record.nameChecksum else { return false }
        name.removeAll(keepingCapacity: true)
        for unit in units {
            if unit == 0 { break }
            guard unit >= 0x20, unit != 0x2F, unit != 0x5C, unit != 0x7F else { return false }
            name.append(unit)
        }
        guard !name.isEmpty, name.count <= Self.maximumLength else { return false }
        guard name[0] != 0x2E || name.count > 2 || (name.count == 2 && name[1] != 0x2E) else { return false }
        replaceLoneSurrogates(&name)
        return true
    }

    /// Makes every name one that UTF-8 can hold, so that what was listed can be found again.
    private func replaceLoneSurrogates(_ name: inout [UInt16]) {
        var index = 0
        while index < name.count {
            let unit = name[index]
            if unit & 0xF800 == 0xD800 {
                if unit < 0xDC00, index + 1 < name.count, name[index + 1] & 0xFC00 == 0xDC00 {
                    index += 1
                } else {
                    name[index] = 0xFFFD
                }
            }
            index += 1
        }
    }
}
