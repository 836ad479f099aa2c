// IEEE 802.3 clause 22 (registers 0 to 15) and the vendor registers of Broadcom's gigabit PHYs as far as this driver needs them;
// hardware notes "BCM54213PE", sections 2, 3 and 6.
import Interfaces

/// Register numbers.
enum PHYRegister {
    /// BMCR.
    static var control: UInt8 { 0x00 }
    /// BMSR.
    static var status: UInt8 { 0x01 }
    /// PHYID1 and, one further, PHYID2.
    static var identifier: UInt8 { 0x02 }
    /// ANAR.
    static var advertisement: UInt8 { 0x04 }
    /// ANLPAR.
    static var partner: UInt8 { 0x05 }
    /// GBCR: control of 1000BASE-T.
    static var gigabitControl: UInt8 { 0x09 }
    /// GBSR: status of 1000BASE-T.
    static var gigabitStatus: UInt8 { 0x0A }
    /// Control of the access to clause 45 registers (MMD).
    static var deviceControl: UInt8 { 0x0D }
    /// Address or data of that access.
    static var deviceData: UInt8 { 0x0E }
    /// Data of an expansion register, and which one.
    static var expansionData: UInt8 { 0x15 }
    static var expansionSelect: UInt8 { 0x17 }
    /// Auxiliary control: a window on eight shadow registers.
    static var auxiliaryControl: UInt8 { 0x18 }
    /// Auxiliary status summary: what the link has come to.
    static var summary: UInt8 { 0x19 }
    /// A window on 32 shadow registers.
    static var shadow: UInt8 { 0x1C }
}

/// BMCR.
struct PHYControl: OptionSet {
    var rawValue: UInt16
    static var reset: PHYControl { PHYControl(rawValue: 1 << 15) }
    /// 100 Mb/s where nothing is negotiated; 10 without it.
    static var speed100: PHYControl { PHYControl(rawValue: 1 << 13) }
    static var negotiate: PHYControl { PHYControl(rawValue: 1 << 12) }
    static var powerDown: PHYControl { PHYControl(rawValue: 1 << 11) }
    static var restartNegotiation: PHYControl { PHYControl(rawValue: 1 << 9) }
    /// Full duplex where nothing is negotiated.
    static var fullDuplex: PHYControl { PHYControl(rawValue: 1 << 8) }

    /// A mode without negotiation.
    static func forced(_ speed: LinkMode.Speed, isFullDuplex: Bool) -> PHYControl {
        var control: PHYControl = isFullDuplex ? .fullDuplex : []
        if speed == .megabits100 { control.insert(.speed100) }
        return control
    }
}

/// BMSR.
struct PHYStatus: OptionSet {
    var rawValue: UInt16
    /// Negotiation is complete: the partner's abilities are valid.
    static var negotiated: PHYStatus { PHYStatus(rawValue: 1 << 5) }
    /// The link is up, and was since this register was last read (latched low).
    static var link: PHYStatus { PHYStatus(rawValue: 1 << 2) }
}

/// ANAR and ANLPAR.
struct PHYAbilities: OptionSet {
    var rawValue: UInt16
    /// IEEE 802.3, the only message there is.
    static var selector: PHYAbilities { PHYAbilities(rawValue: 1) }
    static var half10: PHYAbilities { PHYAbilities(rawValue: 1 << 5) }
    static var full10: PHYAbilities { PHYAbilities(rawValue: 1 << 6) }
    static var half100: PHYAbilities { PHYAbilities(rawValue: 1 << 7) }
    static var full100: PHYAbilities { PHYAbilities(rawValue: 1 << 8) }
    static var pause: PHYAbilities { PHYAbilities(rawValue: 1 << 10) }
    static var asymmetricPause: PHYAbilities { PHYAbilities(rawValue: 1 << 11) }

    /// What this driver offers: all modes, and to obey pause frames. (Annex 28B: a partner that could only do both directions or none takes
    /// the pair of bits as both; no MAC has to send what it may.)
    static var offered: PHYAbilities {
        [.selector, .half10, .full10, .half100, .full100, .pause, .asymmetricPause]
    }
}

/// GBCR, and GBSR moved two bits down.
struct GigabitAbilities: OptionSet {
    var rawValue: UInt16
    static var half1000: GigabitAbilities { GigabitAbilities(rawValue: 1 << 8) }
    static var full1000: GigabitAbilities { GigabitAbilities(rawValue: 1 << 9) }
}

/// GBSR.
struct GigabitStatus: OptionSet {
    var rawValue: UInt16
    /// The two ends could not agree on who gives the clock.
    static var masterSlaveFault: GigabitStatus { GigabitStatus(rawValue: 1 << 15) }

    /// What the partner can do.
    var partner: GigabitAbilities { GigabitAbilities(rawValue: rawValue >> 2) }
}

/// Register 0x19. Bits 10 to 8 hold a mode at all times, that of the last link or of none; they count while there is a link.
struct PHYSummary: OptionSet {
    var rawValue: UInt16
    static var negotiated: PHYSummary { PHYSummary(rawValue: 1 << 15) }
    static var link: PHYSummary { PHYSummary(rawValue: 1 << 2) }

    /// The mode that the PHY runs in; nil while there is no link, and for the code of 100BASE-T4.
    var mode: (speed: LinkMode.Speed, isFullDuplex: Bool)? {
        guard contains([.negotiated, .link]) else { return nil }
        return switch rawValue >> 8 & 7 {
        case 1: (.megabits10, false)
        case 2: (.megabits10, true)
        case 3: (.megabits100, false)
        case 5: (.megabits100, true)
        case 6: (.megabits1000, false)
        case 7: (.megabits1000, true)
        default: nil
        }
    }
}

/// Shadow register 7 of the auxiliary control register (MISC).
struct PHYMiscellaneous: OptionSet {
    var rawValue: UInt16
    /// The shadow's number in a write, and (moved up by 12) in a request to read.
    static var number: UInt16 { 7 }
    /// Bits that are data. (Notes, section 3, step 1.)
    static var dataMask: UInt16 { 0x7FF8 }
    static var writeEnable: PHYMiscellaneous { PHYMiscellaneous(rawValue: 1 << 15) }
    /// Delays the receive clock against the receive data by about 2 ns.
    static var receiveSkew: PHYMiscellaneous { PHYMiscellaneous(rawValue: 1 << 8) }
    /// Ethernet@WireSpeed: falls back to 100 Mb/s where a pair of the cable fails.
    static var wireSpeed: PHYMiscellaneous { PHYMiscellaneous(rawValue: 1 << 4) }
}

/// The window on shadow registers of ten bits behind register 0x1C.
enum PHYShadow {
    static var dataMask: UInt16 { 0x03FF }
    static var writeEnable: UInt16 { 1 << 15 }
    /// Clock control.
    static var clockControl: UInt16 { 0x03 }
    /// In clock control: delays the transmit clock inside the PHY.
    static var transmitDelay: UInt16 { 1 << 9 }
    /// LED selector 1: what lamp 1 (bits 3 to 0) and lamp 3 (bits 7 to 4) show.
    static var lamps1: UInt16 { 0x0D }
    /// LED selector 2: the same of two more lamps, which other boards have.
    static var lamps2: UInt16 { 0x0E }
}

/// What the jack's lamps show, as Linux sets them on this board: link and activity on one, the link on the other.
enum PHYLamps {
    /// Of a selector: what the first multicolour group says.
    static var multicolour: UInt16 { 0xA }
    /// The expansion register of that group.
    static var group: UInt16 { 0x0F04 }
    /// In it: both lamps in phase; lamp 1 link and activity, lamp 3 link.
    static var modes: UInt16 { 1 << 8 | 8 << 4 | 0 }
}

/// MMD 7.60: the energy efficient modes that are offered.
enum EnergyEfficiency {
    static var device: UInt16 { 7 }
    static var register: UInt16 { 60 }
    /// In the control register: the next access is to data, without increment.
    static var dataAccess: UInt16 { 0x4000 }
}
