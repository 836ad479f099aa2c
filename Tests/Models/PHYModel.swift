/// A Broadcom gigabit PHY as on the Raspberry Pi 4, register by register, with a partner at the other end of its cable.
///
/// Unkind where boards are, or where sources disagree (then by the seed): a reset takes time, and loses what is written meanwhile; bits without
/// a name are not zero, and are not to be changed; the delays after a reset; whether the abilities still say 1000 after a downshift.
public final class PHYModel {
    /// Where it answers.
    public var address: UInt8
    /// The identification registers.
    public var identifier: UInt32 = 0x600D_84A2
    /// How long reset and negotiation take; nil: for ever.
    public var resetTime: UInt64? = 2_000_000
    /// Nanoseconds from the start of a negotiation to the link.
    public var negotiationTime: UInt64 = 2_500_000_000
    /// What the partner offers: ANLPAR and GBSR's bits 10 and 11. Nil: no cable.
    public private(set) var partner: (abilities: UInt16, gigabit: UInt16)?
    /// The partner negotiates. If not, there is a link only where nobody does.
    public var partnerNegotiates = true
    /// Two pairs of the cable are broken: 1000 Mb/s cannot come about.
    public var hasTwoPairs = false
    /// The next negotiations end in a fault between master and slave.
    public var masterSlaveFaults = 0
    /// Register 0x18 shadow 7 (MISC).
    public var miscellaneous: UInt16 = 0
    /// Register 0x1C by shadow.
    public var shadows = [UInt16](repeating: 0, count: 32)
    /// Register 0x15 by expansion.
    public private(set) var expansions: [UInt16: UInt16] = [:]
    /// What is offered of the energy efficient modes (MMD 7.60).
    public var energyEfficiency: UInt16 = 0x0006
    /// Resets so far.
    public private(set) var resets = 0
    /// What was done wrong so far, in words.
    public private(set) var violations: [String] = []

    let clock: VirtualClock
    private let defaults: (miscellaneous: UInt16, shadows: [UInt16])
    /// After a downshift the partner's 1000 is not seen any more.
    public let forgetsGigabit: Bool
    var control: UInt16 = 0x1140
    var advertisement: UInt16 = 0x01E1
    var gigabitControl: UInt16 = 0x0300
    private var hasFault = false
    /// The mode of the link as register 0x19 codes it.
    private var mode: UInt16?
    private var hasLostLink = true
    private var generation = 0
    private var auxiliarySelector: UInt16 = 0
    private var shadowSelector: UInt16 = 0
    private var expansionSelector: UInt16 = 0
    private var deviceControl: UInt16 = 0
    private var deviceAddress: UInt16 = 0

    /// A PHY on `clock` at `address`, without a cable.
    public init(_ clock: VirtualClock, at address: UInt8 = 1, seed: UInt64 = 1) {
        self.clock = clock
        self.address = address
        var generator = SeededGenerator(seed: seed &+ 0x5048_5900)
        // RGMII is strapped on; skew, forced MDI-X and fall-back are what a seed says, as is everything without a name.
        let miscellaneous = UInt16(truncatingIfNeeded: generator.next()) & 0x7FF8 | 1 << 7
        let shadows = (0..<32).map { _ in UInt16(truncatingIfNeeded: generator.next()) & 0x03FF }
        defaults = (miscellaneous, shadows)
        forgetsGigabit = generator.next() & 1 != 0
        restoreDefaults()
    }

    private func restoreDefaults() {
        (control, advertisement, gigabitControl) = (0x1140, 0x01E1, 0x0300)
        (miscellaneous, shadows) = defaults
        (energyEfficiency, expansions) = (0x0006, [:])
    }

    func note(_ violation: String) { if violations.count < 100 { violations.append(violation) } }

    // MARK: - The link

    /// Whether the link is up at this moment.
    public var hasLink: Bool { mode != nil }
    /// Whether it is powered down.
    public var isPoweredDown: Bool { control & 1 << 11 != 0 }
    /// Mb/s on the cable, 0 without a link.
    public var speed: UInt32 { mode.map { [0, 10, 10, 100, 100, 100, 1000, 1000][Int($0)] } ?? 0 }
    /// Whether the link is full duplex.
    public var isFullDuplex: Bool { mode.map { [2, 5, 7].contains($0) } ?? false }
    /// Whether the receive clock is delayed here.
    public var delaysReceiveClock: Bool { miscellaneous & 1 << 8 != 0 }
    /// Whether the transmit clock is delayed here.
    public var delaysTransmitClock: Bool { shadows[3] & 1 << 9 != 0 }
    /// Whether the lamps show link and activity.
    public var hasLamps: Bool { shadows[0x0D] == 0xAA && shadows[0x0E] & 0xF == 0xA && expansions[0x0F04] == 0x0180 }

    /// Plugs a cable in whose other end offers `abilities` (as ANLPAR) and `gigabit` (as GBSR): by default everything, full duplex.
    public func connect(abilities: UInt16 = 0x4DE1, gigabit: UInt16 = 0x0800) {
        partner = (abilities, gigabit)
        drop()
        negotiate()
    }

    /// Pulls the cable.
    public func disconnect() {
        partner = nil
        drop()
    }

    private func drop() {
        mode = nil
        hasLostLink = true
        generation += 1
    }

    private func negotiate() {
        guard partner != nil, control & (1 << 11 | 1 << 10 | 1 << 15) == 0 else { return }
        let mine = generation
        let outcome = outcome
        // A downshift comes after attempts that failed.
        let time = negotiationTime * (outcome.isDownshift ? 3 : 1)
        guard let mode = outcome.mode else { return }
        clock.schedule(after: .nanoseconds(time)) { [self] in
            guard mine == generation else { return }
            hasFault = masterSlaveFaults > 0
            if hasFault { masterSlaveFaults -= 1 }
            self.mode = mode
        }
    }

    /// What a negotiation, or the lack of one, comes to; a mode as register 0x19 codes it.
    private var outcome: (mode: UInt16?, isDownshift: Bool) {
        guard let partner else { return (nil, false) }
        if control & 1 << 12 == 0 {
            let isFull = control & 1 << 8 != 0
            return (control & 1 << 13 != 0 ? (isFull ? 5 : 3) : (isFull ? 2 : 1), false)
        }
        if !partnerNegotiates { return (nil, false) }
        let common = partner.abilities & advertisement
        let slow: UInt16? =
            common & 1 << 8 != 0
            ? 5 : common & 1 << 7 != 0 ? 3 : common & 1 << 6 != 0 ? 2 : common & 1 << 5 != 0 ? 1 : nil
        let gigabit = partner.gigabit >> 2 & gigabitControl & 0x0300
        if gigabit == 0 { return (slow, false) }
        if !hasTwoPairs { return (gigabit & 1 << 9 != 0 ? 7 : 6, false) }
        // Without the fall-back it tries 1000 again and again.
        return (miscellaneous & 1 << 4 != 0 ? slow : nil, true)
    }

    // MARK: - Registers

    /// Reads `register`.
    public func read(_ register: UInt8) -> UInt16 {
        if control & 1 << 15 != 0 && register != 0 { return 0 }
        let isNegotiated = hasLink && control & 1 << 12 != 0
        switch register {
        case 0x00: return control
        case 0x01:
            let isUp = hasLink && !hasLostLink
            hasLostLink = false
            return 0x7949 | (isNegotiated ? 1 << 5 : 0) | (isUp ? 1 << 2 : 0)
        case 0x02: return UInt16(identifier >> 16)
        case 0x03: return UInt16(truncatingIfNeeded: identifier)
        case 0x04: return advertisement
        case 0x05: return isNegotiated ? partner?.abilities ?? 0 : 0
        case 0x09: return gigabitControl
        case 0x0A: return isNegotiated ? gigabitStatus : 0
        case 0x0E: return energyEfficiency
        case 0x15: return expansions[expansionSelector, default: 0]
        case 0x18: return auxiliarySelector == 7 ? miscellaneous & 0x7FF8 | 7 : 0
        // Without a link a mode is there all the same (a board showed 0x0703).
        case 0x19: return mode.map { $0 << 8 | 1 << 2 | (isNegotiated ? 1 << 15 : 0) | 3 } ?? 0x0703
        case 0x1C: return shadowSelector << 10 | shadows[Int(shadowSelector)]
        default: return 0
        }
    }

    private var gigabitStatus: UInt16 {
        let isForgotten = hasTwoPairs && forgetsGigabit
        return (isForgotten ? 0 : partner?.gigabit ?? 0) | (hasFault ? 1 << 15 : 0)
    }

    /// Writes `value` to `register`. Lost while a reset goes on.
    public func write(_ value: UInt16, to register: UInt8) {
        if control & 1 << 15 != 0 { return note("register \(register) written during a reset") }
        switch register {
        case 0x00: writeControl(value)
        case 0x04: advertisement = value
        case 0x09: gigabitControl = value
        case 0x0D: deviceControl = value
        case 0x0E:
            if deviceControl & 0xC000 == 0 {
                deviceAddress = value
            } else if deviceControl & 0x1F == 7 && deviceAddress == 60 {
                energyEfficiency = value
            }
        case 0x15: expansions[expansionSelector] = value
        case 0x17: expansionSelector = value
        case 0x18: writeAuxiliary(value)
        case 0x1C: writeShadow(value)
        default: note("register \(register) written")
        }
    }

    private func writeAuxiliary(_ value: UInt16) {
        auxiliarySelector = value & 7
        if value & 7 != 7 { return note("auxiliary shadow \(value & 7) written") }
        if value & 1 << 15 == 0 {
            auxiliarySelector = value >> 12 & 7
            return
        }
        // Fall-back and skew are the driver's.
        if (value ^ miscellaneous) & 0x7FF8 & ~(1 << 4 | 1 << 8) != 0 { note("MISC changed to \(value)") }
        miscellaneous = value & 0x7FF8
    }

    private func writeShadow(_ value: UInt16) {
        shadowSelector = value >> 10 & 0x1F
        if value & 1 << 15 == 0 { return }
        let free: [UInt16: UInt16] = [3: 1 << 9, 0x0D: 0x3FF, 0x0E: 0xF]
        let old = shadows[Int(shadowSelector)]
        if (value ^ old) & 0x03FF & ~free[shadowSelector, default: 0] != 0 {
            note("shadow \(shadowSelector) changed from \(old) to \(value)")
        }
        shadows[Int(shadowSelector)] = value & 0x03FF
    }

    private func writeControl(_ value: UInt16) {
        if value & 1 << 15 != 0 {
            resets += 1
            drop()
            restoreDefaults()
            control |= 1 << 15
            guard let resetTime else { return }
            clock.schedule(after: .nanoseconds(resetTime)) { [self] in
                control &= ~(1 << 15)
                negotiate()
            }
            return
        }
        let isChanged = (value ^ control) & (1 << 13 | 1 << 12 | 1 << 11 | 1 << 10 | 1 << 8) != 0
        control = value & ~(1 << 9)
        if isChanged || value & 1 << 9 != 0 {
            drop()
            negotiate()
        }
    }
}
