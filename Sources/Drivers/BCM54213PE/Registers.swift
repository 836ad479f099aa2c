// IEEE 802.3 clause 22 (registers 0 to 15) and the vendor registers of Broadcom's gigabit PHYs as far as this driver needs them;
// hardware notes "BCM54213PE", sections 2 and 3.

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
    /// Auxiliary control: a window on eight shadow registers.
    static var auxiliaryControl: UInt8 { 0x18 }
    /// A window on 32 shadow registers.
    static var shadow: UInt8 { 0x1C }
}

/// BMCR.
struct PHYControl: OptionSet {
    var rawValue: UInt16
    static var reset: PHYControl { PHYControl(rawValue: 1 << 15) }
    static var negotiate: PHYControl { PHYControl(rawValue: 1 << 12) }
    static var powerDown: PHYControl { PHYControl(rawValue: 1 << 11) }
    static var restartNegotiation: PHYControl { PHYControl(rawValue: 1 << 9) }
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

    /// What this driver offers: all modes, flow control in both directions or towards us alone.
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
}

/// Shadow register 3 behind register 0x1C (clock control).
struct PHYClockControl: OptionSet {
    var rawValue: UInt16
    static var number: UInt16 { 3 }
    static var dataMask: UInt16 { 0x03FF }
    static var writeEnable: UInt16 { 1 << 15 }
    /// Delays the transmit clock inside the PHY.
    static var transmitDelay: PHYClockControl { PHYClockControl(rawValue: 1 << 9) }
}

/// MMD 7.60: the energy efficient modes that are offered.
enum EnergyEfficiency {
    static var device: UInt16 { 7 }
    static var register: UInt16 { 60 }
    /// In the control register: the next access is to data, without increment.
    static var dataAccess: UInt16 { 0x4000 }
}
