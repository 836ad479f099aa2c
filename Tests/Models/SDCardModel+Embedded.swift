import Interfaces

/// An eMMC: what differs from a card (JEDEC JESD84-B51).
extension SDCardModel {
    /// Receives a command at `now`.
    func embedded(_ index: UInt32, _ argument: UInt32, at now: Instant) -> Answer {
        switch (index, state) {
        case (1, .idle):
            if neverPowersUp || roundsOfPowerUp < powerUpDelay {
                roundsOfPowerUp += 1
                return .short(0x00FF_8080)
            }
            if argument & 0x00FF_8080 != 0 { state = .ready }
            return .short(blockCount > 1 << 22 ? 0xC0FF_8080 : 0x80FF_8080)
        case (3, .identification):
            address = argument >> 16
            state = .standby
            return status()
        case (6, .transfer): return setField(argument >> 16 & 0xFF, argument >> 8 & 0xFF, argument >> 24, at: now)
        case (8, .transfer): return startSpecial(extendedRegister)
        case (35, .transfer), (36, .transfer): return setErase(index - 3, argument)
        case (8, _), (11, _), (19, _), (32, _), (33, _), (41, _), (55, _): return illegal()
        default: return plain(index, argument, at: now)
        }
    }

    private func setField(_ field: UInt32, _ value: UInt32, _ access: UInt32, at now: Instant) -> Answer {
        let answer = status()
        var isKnown = access & 3 == 3
        switch (field, value) {
        case (183, 0): width = 1
        case (183, 1): width = 4
        case (183, 2) where hasEightBits: width = 8
        case (185, 0): function = 0
        case (185, 1) where hasHighSpeed: function = 1
        case (179, _):
            // Where the boot loader comes from, and which area commands go to.
            wasPartitionTouched = true
            isKnown = false
        default: isKnown = false
        }
        if !isKnown { statusErrors |= 1 << 7 }
        program(at: now)
        return answer
    }

    /// EXT_CSD.
    var extendedRegister: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 512)
        bytes[192] = 8
        bytes[196] = hasHighSpeed ? 0x57 : 0x01
        bytes[179] = partitionConfiguration
        bytes[183] = UInt8([1: 0, 4: 1, 8: 2][width]!)
        bytes[185] = UInt8(function)
        bytes[224] = 1
        if blockCount > 1 << 22 {
            for index in 0..<4 { bytes[212 + index] = UInt8(blockCount >> (8 * UInt64(index)) & 0xFF) }
        }
        return bytes
    }

    /// CSD (7.3).
    var embeddedSpecificData: [4 of UInt32] {
        let isLarge = blockCount > 1 << 22
        return Self.register([
            (127, 126, 3), (125, 122, 4), (103, 96, 0x32), (95, 84, 0b0000_1111_0101), (83, 80, 9),
            (73, 62, isLarge ? 0xFFF : UInt32(blockCount >> 9) - 1), (49, 47, 7), (46, 42, 7), (41, 37, 7), (25, 22, 9),
            (12, 12, isWriteProtected ? 1 : 0), (13, 13, isPermanentlyWriteProtected ? 1 : 0),
        ])
    }
}
