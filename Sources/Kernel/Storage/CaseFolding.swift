/// Which letters FAT holds for the same: simple case folding of single UTF-16 units, for the Latin, Greek, Cyrillic and
/// Armenian scripts (Unicode 16, CaseFolding.txt, status C and S). Other scripts compare as they are. Composed and
/// decomposed forms of a letter are different names, as they are to every system that writes FAT.
enum CaseFolding {
    /// How the capitals of a range map to small letters.
    private enum Rule {
        /// Small letters follow at this distance.
        case offset(UInt16)
        /// Capitals are even, the small letter is the next.
        case even
        /// Capitals are odd, the small letter is the next.
        case odd
    }

    /// `unit` as a small letter, where it is a capital of a script named above.
    static func fold(_ unit: UInt16) -> UInt16 {
        if unit < 0x80 { return unit >= 0x41 && unit <= 0x5A ? unit + 0x20 : unit }
        guard let rule = rule(for: unit) else { return exception(unit) }
        switch rule {
        case .offset(let distance): return unit &+ distance
        case .even: return unit & 1 == 0 ? unit + 1 : unit
        case .odd: return unit & 1 == 1 ? unit + 1 : unit
        }
    }

    /// True when `left` and `right` differ in case at most.
    static func equal(_ left: Span<UInt16>, _ right: Span<UInt16>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left[index] != right[index] {
            guard fold(left[index]) == fold(right[index]) else { return false }
        }
        return true
    }

    private static func rule(for unit: UInt16) -> Rule? {
        switch unit {
        case 0xD7, 0x0130, 0x0131, 0x0138, 0x0178, 0x017F: nil
        case 0x00C0...0x00DE: .offset(0x20)
        case 0x0100...0x0137, 0x014A...0x0177, 0x0200...0x021F, 0x0222...0x0233: .even
        case 0x0139...0x0148, 0x0179...0x017E, 0x01CD...0x01DC: .odd
        case 0x01DE...0x01EF, 0x01F8...0x01FF, 0x0246...0x024F: .even
        case 0x0391...0x03A1, 0x03A3...0x03AB: .offset(0x20)
        case 0x0388...0x038A: .offset(0x25)
        case 0x03D8...0x03EF: .even
        case 0x0400...0x040F: .offset(0x50)
        case 0x0410...0x042F: .offset(0x20)
        case 0x0460...0x0481, 0x048A...0x04BF, 0x04D0...0x052F: .even
        case 0x04C1...0x04CE: .odd
        case 0x0531...0x0556: .offset(0x30)
        case 0x1E00...0x1E95, 0x1EA0...0x1EFF: .even
        default: nil
        }
    }

    /// The letters that follow no rule.
    private static func exception(_ unit: UInt16) -> UInt16 {
        switch unit {
        case 0x00B5: 0x03BC  // micro sign
        case 0x0178: 0x00FF
        case 0x017F: 0x0073  // long s
        case 0x01C4, 0x01C5: 0x01C6  // the letters of two letters, whose middle form is a title's
        case 0x01C7, 0x01C8: 0x01C9
        case 0x01CA, 0x01CB: 0x01CC
        case 0x01F1, 0x01F2: 0x01F3
        case 0x01F4: 0x01F5
        case 0x0386: 0x03AC
        case 0x038C: 0x03CC
        case 0x038E: 0x03CD
        case 0x038F: 0x03CE
        case 0x03C2: 0x03C3  // final sigma
        case 0x04C0: 0x04CF
        case 0x1E9E: 0x00DF  // capital sharp s
        default: unit
        }
    }
}
