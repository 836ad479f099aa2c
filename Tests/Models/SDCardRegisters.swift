/// The registers of the card model, built field by field as the card's specification numbers them.
extension SDCardModel {
    /// CID (5.2).
    var identityRegister: [4 of UInt32] {
        Self.register([
            (127, 120, maker.manufacturer), (119, 104, maker.application), (103, 96, maker.name[0]),
            (95, 88, maker.name[1]), (87, 80, maker.name[2]), (79, 72, maker.name[3]), (71, 64, maker.name[4]),
            (63, 60, 8), (59, 56, 1), (55, 24, serialNumber), (19, 12, 26), (11, 8, 11),
        ])
    }

    /// CSD (5.3).
    var specificDataRegister: [4 of UInt32] {
        if kind == .embedded { return embeddedSpecificData }
        let classes: UInt32 =
            0b0001_0001_0101 | (kind == .standardVersion1 ? 0 : 1 << 10) | (canErase ? 1 << 5 : 0)
        let common: [(Int, Int, UInt32)] = [
            (103, 96, 0x32), (95, 84, classes), (25, 22, 9), (12, 12, isWriteProtected ? 1 : 0),
            (13, 13, isPermanentlyWriteProtected ? 1 : 0),
        ]
        if kind == .highCapacity {
            return Self.register(
                common + [(127, 126, 1), (83, 80, 9), (69, 48, UInt32(blockCount / 1024 - 1)), (46, 46, 1)])
        }
        // (C_SIZE + 1) * 2^(7 + 2) blocks of 512 bytes, or of 1024 for more than 2^21 blocks.
        let exponent: UInt32 = blockCount > 1 << 21 ? 10 : 9
        let size = UInt32(blockCount >> UInt64(9 + exponent - 9)) - 1
        return Self.register(
            common + [
                (83, 80, exponent), (73, 62, size), (49, 47, 7), (46, 46, eraseUnit == 1 ? 1 : 0),
                (45, 39, UInt32(eraseUnit - 1)),
            ])
    }

    /// SCR (5.6), first byte first.
    var configurationRegister: [UInt8] {
        let specification: UInt8 = kind == .standardVersion1 ? 0 : 2
        return [
            specification, hasFourBits ? 0x25 : 0x21, kind == .highCapacity ? 0x80 : 0, hasSetBlockCount ? 0x02 : 0, 0,
            0,
            0, 0,
        ]
    }

    /// Fields (most significant bit, least significant bit, value) as a controller keeps the response: without the CRC.
    static func register(_ fields: [(Int, Int, UInt32)]) -> [4 of UInt32] {
        var words: [4 of UInt32] = [0, 0, 0, 0]
        for (high, low, value) in fields {
            for bit in low...high where value >> UInt32(bit - low) & 1 != 0 {
                words[(bit - 8) / 32] |= 1 << UInt32((bit - 8) % 32)
            }
        }
        return words
    }
}
