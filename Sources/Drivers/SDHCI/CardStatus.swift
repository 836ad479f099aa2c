/// The card's status in an R1 response (SD Physical Layer Simplified Specification 6.00, 4.10.1).
struct CardStatus: Equatable {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// CURRENT_STATE, the states the driver tells apart.
    enum State: UInt32 {
        /// Standing by: not selected.
        case standby = 3
        /// Ready for a transfer.
        case transfer = 4
        /// Sending data.
        case sending = 5
        /// Receiving data.
        case receiving = 6
        /// Writing what it received.
        case programming = 7
    }

    /// The state the card was in when it received the command; nil for one that is not told apart.
    var state: State? { State(rawValue: rawValue >> 9 & 0xF) }

    /// SWITCH_ERROR of an eMMC: it is not in the mode that CMD6 asked for.
    var hasSwitchError: Bool { rawValue >> 7 & 1 != 0 }

    /// Whether the card takes data.
    var isReady: Bool { rawValue >> 8 & 1 != 0 }

    /// The errors of this command. Left out are those of the one before: COM_CRC_ERROR and ILLEGAL_COMMAND.
    var errors: UInt32 { rawValue & Self.errorBits }

    /// OUT_OF_RANGE.
    static var outOfRange: UInt32 { 1 << 31 }
    /// Whether OUT_OF_RANGE is set.
    var isOutOfRange: Bool { rawValue & Self.outOfRange != 0 }
    /// WP_VIOLATION.
    var isWriteProtected: Bool { rawValue >> 26 & 1 != 0 }
    /// CARD_ECC_FAILED: the card's own correction failed.
    var isCorrupted: Bool { rawValue >> 21 & 1 != 0 }

    /// OUT_OF_RANGE to WP_VIOLATION (31 to 26), LOCK_UNLOCK_FAILED (24), CARD_ECC_FAILED, CC_ERROR, ERROR (21 to 19),
    /// CSD_OVERWRITE, WP_ERASE_SKIP (16, 15).
    private static var errorBits: UInt32 { 0x3F << 26 | 1 << 24 | 7 << 19 | 3 << 15 }
}
