/// What is known to be wrong with certain cards, by who made them. Linux keeps the same list (drivers/mmc/core/quirks.h, there with the reports behind
/// each entry).
public struct CardQuirks: OptionSet, Sendable {
    /// A bit for each.
    public let rawValue: UInt8

    /// What the bits of `rawValue` say.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// CMD23 locks it up.
    public static var noBlockCount: CardQuirks { CardQuirks(rawValue: 1 << 0) }
    /// Erasing less than its allocation unit damages what lies beside.
    public static var wholeUnitsOnly: CardQuirks { CardQuirks(rawValue: 1 << 1) }
    /// CMD19 in DDR50 leaves it in disorder.
    public static var noTuningAtDDR50: CardQuirks { CardQuirks(rawValue: 1 << 2) }

    /// What is wrong with the card that is `identity`.
    init(_ identity: CardIdentity) {
        self = []
        switch (identity.manufacturer, identity.application) {
        // ATP and Apacer: "some SD cards lock up".
        case (0x09, _) where identity.isNamed("AF SD"): insert(.noBlockCount)
        case (0x27, 0x5048) where identity.isNamed("APUSD"): insert(.noBlockCount)
        // Kingston Canvas Go! Plus, unreliable in more than one way that needs extensions; plain transfers are what is left.
        case (0x9F, 0x5449): insert(.noBlockCount)
        // Kingston SDC10G2: several erases of less than 64 blocks corrupt (raspberrypi/linux, raspberrypi/firmware#397).
        case (0x41, 0x3432) where identity.isNamed("SD16G") || identity.isNamed("SD32G") || identity.isNamed("SD64G"):
            insert(.wholeUnitsOnly)
        // Swissbit S-46u.
        case (0x5D, _): insert(.noTuningAtDDR50)
        default: break
        }
    }
}
