/// What the card can do (CSD; SD Physical Layer Simplified Specification 6.00, 5.3).
public struct CardSpecificData: Equatable, Sendable {
    private let response: LongResponse

    init(_ response: LongResponse) { self.response = response }

    /// CSD_STRUCTURE: 1 for standard capacity, 2 for high and extended capacity; others are not known here.
    public var version: Int { Int(response[126...127]) + 1 }

    /// The card's capacity in blocks of 512 bytes; nil for a version that is not known here.
    public var blockCount: UInt64? {
        switch version {
        case 1:
            // (C_SIZE + 1) * 2^(C_SIZE_MULT + 2) blocks of 2^READ_BL_LEN bytes, 512 to 2048.
            let lengthExponent = response[80...83]
            guard (9...11).contains(lengthExponent) else { return nil }
            return UInt64(response[62...73] + 1) << UInt64(response[47...49] + 2 + lengthExponent - 9)
        case 2: return (UInt64(response[48...69]) + 1) * 1024  // units of 512 KiB
        default: return nil
        }
    }

    /// SPEC_VERS of an eMMC: 4 from version 4.0 on (JEDEC JESD84-B51, 7.3).
    var embeddedVersion: Int { Int(response[122...125]) }

    /// The capacity of an eMMC up to 2 GiB in blocks of 512 bytes: (C_SIZE + 1) * 2^(C_SIZE_MULT + 2) blocks of 2^READ_BL_LEN bytes; 0 when that makes
    /// no sense.
    var embeddedBlockCount: UInt64 {
        let lengthExponent = response[80...83]
        guard (9...11).contains(lengthExponent) else { return 0 }
        return UInt64(response[62...73] + 1) << UInt64(response[47...49] + 2 + lengthExponent - 9)
    }

    /// The erase group of an eMMC: (ERASE_GRP_SIZE + 1) * (ERASE_GRP_MULT + 1) blocks.
    var embeddedEraseGroup: UInt64 { UInt64(response[42...46] + 1) * UInt64(response[37...41] + 1) }

    /// CCC: the command classes the card has, a bit for each.
    public var commandClasses: UInt32 { response[84...95] }

    /// Whether the card can erase (class 5).
    public var canErase: Bool { commandClasses >> 5 & 1 != 0 }

    /// Whether the card has the switch function command (class 10).
    public var canSwitch: Bool { commandClasses >> 10 & 1 != 0 }

    /// The smallest range that can be erased, and to whose multiples an erase is widened, in blocks of 512 bytes.
    public var eraseBlocks: UInt64 {
        if version != 1 || response[46...46] != 0 { return 1 }
        let lengthExponent = min(max(response[22...25], 9), 11)
        return UInt64(response[39...45] + 1) << UInt64(lengthExponent - 9)
    }

    /// PERM_WRITE_PROTECT: the card refuses writes for ever.
    public var isPermanentlyWriteProtected: Bool { response[13...13] != 0 }

    /// TMP_WRITE_PROTECT: the card refuses writes until somebody lets it.
    public var isTemporarilyWriteProtected: Bool { response[12...12] != 0 }

    /// Whether the card refuses writes.
    public var isWriteProtected: Bool { isPermanentlyWriteProtected || isTemporarilyWriteProtected }

    /// The register, bits 31 to 0 first, with zeros where its checksum would be.
    public var words: [4 of UInt32] { response.register }
}
