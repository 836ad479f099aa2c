/// A name that a file is to get, in the forms in which a directory keeps it (Microsoft, "FAT" 1.03, "Name Limits and
/// Character Sets", "Naming Conventions").
struct NewName {
    /// The name in UTF-16 units.
    let units: [UInt16]
    /// The eleven bytes of the short name, where they say all of the name together with `lowercase`.
    let short: [11 of UInt8]?
    /// The bits of `NTRes`: 0x08 for a base, 0x10 for an extension in small letters.
    let lowercase: UInt8

    /// Entries that the name needs in a directory.
    var entryCount: Int { short == nil ? (units.count + 12) / 13 + 1 : 1 }

    /// The name `units`; nil when no file may be made with it.
    init?(_ units: [UInt16]) {
        guard let last = units.last, last != 0x2E, last != 0x20, units.count <= LongName.maximumLength else {
            return nil
        }
        for unit in units {
            switch unit {
            case 0..<0x20, 0x7F, 0xFFFE...0xFFFF: return nil
            // " * / : < > ? \ |
            case 0x22, 0x2A, 0x2F, 0x3A, 0x3C, 0x3E, 0x3F, 0x5C, 0x7C: return nil
            default: break
            }
        }
        self.units = units
        (short, lowercase) = Self.shortForm(units.span) ?? (nil, 0)
    }

    /// `units` as a short name that loses nothing.
    private static func shortForm(_ units: Span<UInt16>) -> ([11 of UInt8]?, UInt8)? {
        var dot = units.count
        for index in 0..<units.count where units[index] == 0x2E {
            guard dot == units.count else { return nil }
            dot = index
        }
        guard dot >= 1, dot <= 8, units.count - dot <= 4 else { return nil }
        var bytes = [11 of UInt8](repeating: 0x20)
        var lowercase: UInt8 = 0
        let extensionRange = min(dot + 1, units.count)..<units.count
        for (range, base, flag) in [(0..<dot, 0, 0x08 as UInt8), (extensionRange, 8, 0x10)] {
            var isLower = false
            var isUpper = false
            for index in range {
                guard ShortName.isAllowed(units[index]) else { return nil }
                let byte = UInt8(truncatingIfNeeded: units[index])
                if byte >= 0x61, byte <= 0x7A { isLower = true }
                if byte >= 0x41, byte <= 0x5A { isUpper = true }
                bytes[base + index - range.lowerBound] = ShortName.uppercased(byte)
            }
            if isLower, isUpper { return nil }
            if isLower { lowercase |= flag }
        }
        return (bytes, lowercase)
    }

    /// The entries for the name: the pieces of the long name, the last first, then `record`, which has the short name.
    func records(_ record: FATRecord) -> [FATRecord] {
        var records: [FATRecord] = []
        let pieces = entryCount - 1
        for piece in stride(from: pieces, to: 0, by: -1) {
            var entry = FATRecord([32 of UInt8](repeating: 0))
            entry.bytes[0] = UInt8(piece) | (piece == pieces ? 0x40 : 0)
            entry.bytes[11] = 0x0F
            entry.bytes[13] = record.nameChecksum
            for index in 0..<13 {
                let place = index < 5 ? 1 + 2 * index : index < 11 ? 4 + 2 * index : 6 + 2 * index
                let unit = (piece - 1) * 13 + index
                entry.put(place, unit < units.count ? units[unit] : unit == units.count ? 0 : 0xFFFF)
            }
            records.append(entry)
        }
        records.append(record)
        return records
    }
}
