/// Names lie on disk in UTF-16 and are shown in UTF-8. These functions know code points only; nothing here needs the tables
/// of characters, case or normalisation that `Character` and `String ==` bring with them.

/// `units` as a string. A surrogate without its other half becomes U+FFFD.
func string(utf16 units: Span<UInt16>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(units.count)
    var index = 0
    while index < units.count {
        let unit = UInt32(units[index])
        var scalar = unit
        index += 1
        if unit & 0xF800 == 0xD800 {
            scalar = 0xFFFD
            if unit < 0xDC00, index < units.count, units[index] & 0xFC00 == 0xDC00 {
                scalar = 0x10000 + (unit & 0x3FF) << 10 + UInt32(units[index]) & 0x3FF
                index += 1
            }
        }
        appendUTF8(scalar, to: &bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func appendUTF8(_ scalar: UInt32, to bytes: inout [UInt8]) {
    func continuation(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F }
    if scalar < 0x80 {
        bytes.append(UInt8(scalar))
    } else if scalar < 0x800 {
        bytes.append(0xC0 | UInt8(scalar >> 6))
        bytes.append(continuation(0))
    } else if scalar < 0x1_0000 {
        bytes.append(0xE0 | UInt8(scalar >> 12))
        bytes.append(continuation(6))
        bytes.append(continuation(0))
    } else {
        bytes.append(0xF0 | UInt8(scalar >> 18))
        bytes.append(continuation(12))
        bytes.append(continuation(6))
        bytes.append(continuation(0))
    }
}

/// Appends the UTF-16 units of `utf8[range]` to `units`. The bytes come out of a `String` and are valid.
func appendUTF16(_ utf8: Span<UInt8>, _ range: Range<Int>, to units: inout [UInt16]) {
    var scalar: UInt32 = 0
    var missing = 0
    for index in range {
        let byte = utf8[index]
        if byte & 0xC0 == 0x80 {
            scalar = scalar << 6 | UInt32(byte & 0x3F)
            missing -= 1
        } else if byte < 0x80 {
            (scalar, missing) = (UInt32(byte), 0)
        } else if byte < 0xE0 {
            (scalar, missing) = (UInt32(byte & 0x1F), 1)
        } else if byte < 0xF0 {
            (scalar, missing) = (UInt32(byte & 0x0F), 2)
        } else {
            (scalar, missing) = (UInt32(byte & 0x07), 3)
        }
        guard missing == 0 else { continue }
        if scalar < 0x1_0000 {
            units.append(UInt16(truncatingIfNeeded: scalar))
        } else {
            units.append(0xD7C0 &+ UInt16(truncatingIfNeeded: scalar >> 10))
            units.append(0xDC00 | UInt16(truncatingIfNeeded: scalar) & 0x3FF)
        }
    }
}
