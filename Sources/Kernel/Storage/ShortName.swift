/// Finds a short name for a long one that no other file of the directory has: six letters of it, "~" and a digit, and when
/// these are taken two letters, four hexadecimal digits from the whole name, "~" and a digit.
struct ShortName {
    private let units: [UInt16]
    private var base: [UInt8] = []
    private var suffix: [UInt8] = []
    /// True when the long name differs from a short one in case alone, and needs no number.
    private var isPlain = true
    /// The two beginnings that a number may follow.
    private var beginnings: [[UInt8]] = []
    /// Bit n of an element: the beginning with number n is taken.
    private var taken: [2 of UInt16] = [0, 0]

    /// A search for a short form of `name`. `attempt` counts the searches that found all taken.
    init(_ name: NewName, attempt: UInt32) {
        units = name.units
        let dot = units.lastIndex(of: 0x2E) ?? units.count
        for index in units.indices {
            let isBase = index < dot
            if units[index] == 0x20 || units[index] == 0x2E {
                if index != dot { isPlain = false }
                continue
            }
            let isAllowed = Self.isAllowed(units[index])
            if !isAllowed { isPlain = false }
            let byte = isAllowed ? Self.uppercased(UInt8(truncatingIfNeeded: units[index])) : 0x5F
            if isBase { base.append(byte) } else { suffix.append(byte) }
        }
        // A name with nothing before its dot: what comes behind is the base.
        if base.isEmpty { (base, suffix, isPlain) = (suffix, [], false) }
        if base.isEmpty { base = [0x5F] }
        if base.count > 8 || suffix.count > 3 || attempt > 0 { isPlain = false }
        suffix = Array(suffix.prefix(3))
        beginnings = [Array(base.prefix(6)), Array(base.prefix(2)) + Self.hash(units.span, attempt)]
        if attempt > 0 { taken[0] = .max }
    }

    /// Takes note of the short name in `record`.
    mutating func note(_ record: FATRecord) {
        for index in 0..<3 where record.bytes[8 + index] != (index < suffix.count ? suffix[index] : 0x20) { return }
        for which in 0..<2 {
            let length = beginnings[which].count
            guard record.bytes[length] == 0x7E, record.bytes[length + 1] & 0xF0 == 0x30 else { continue }
            if length + 2 < 8, record.bytes[length + 2] != 0x20 { continue }
            var isSame = true
            for index in 0..<length where record.bytes[index] != beginnings[which][index] { isSame = false }
            if isSame { taken[which] |= 1 << UInt16(record.bytes[length + 1] & 0x0F) }
        }
    }

    /// A short name that none of the records noted has; nil when all are taken.
    var free: [11 of UInt8]? {
        if isPlain { return bytes(base) }
        for which in 0..<2 {
            for digit in 1...9 where taken[which] & 1 << UInt16(digit) == 0 {
                return bytes(beginnings[which] + [0x7E, 0x30 + UInt8(digit)])
            }
        }
        return nil
    }

    private func bytes(_ base: [UInt8]) -> [11 of UInt8] {
        var bytes = [11 of UInt8](repeating: 0x20)
        for index in base.indices { bytes[index] = base[index] }
        for index in suffix.indices { bytes[8 + index] = suffix[index] }
        return bytes
    }

    /// Four hexadecimal digits that depend on all of the name (FNV-1a, folded).
    private static func hash(_ units: Span<UInt16>, _ attempt: UInt32) -> [UInt8] {
        var hash: UInt32 = 0x811C_9DC5 ^ attempt
        for index in 0..<units.count {
            hash = (hash ^ UInt32(units[index] & 0xFF)) &* 0x0100_0193
            hash = (hash ^ UInt32(units[index] >> 8)) &* 0x0100_0193
        }
        hash = hash >> 16 ^ hash & 0xFFFF
        var digits: [UInt8] = []
        for shift in stride(from: 12 as UInt32, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: hash >> shift & 15)
            digits.append(digit < 10 ? 0x30 + digit : 0x37 + digit)
        }
        return digits
    }

    /// `byte` as a capital, where it is a letter of ASCII.
    static func uppercased(_ byte: UInt8) -> UInt8 { byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte }

    /// True for what may stand in a short name, small letters among it.
    static func isAllowed(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x30...0x39, 0x41...0x5A, 0x5E...0x7B, 0x7D, 0x7E: true
        // ! # $ % & ' ( ) - @
        case 0x21, 0x23...0x29, 0x2D, 0x40: true
        default: false
        }
    }
}
