/// A Broadcom gigabit PHY as on the Raspberry Pi 4, register by register, with a partner at the other end of its cable.
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
    /// The next negotiations end in a fault between master and slave.
    public var masterSlaveFaults = 0
    /// Register 0x18 shadow 7 (MISC), as strapped.
    public var miscellaneous: UInt16 = 0x0280
    /// Register 0x1C shadow 3: both delays are on after a reset.
    public var clockControl: UInt16 = 0x0200
    /// What is offered of the energy efficient modes (MMD 7.60).
    public var energyEfficiency: UInt16 = 0x0006
    /// Resets so far.
    public private(set) var resets = 0

    private let clock: VirtualClock
    private var control: UInt16 = 0x1140
    private var advertisement: UInt16 = 0x01E1
    private var gigabitControl: UInt16 = 0x0300
    private var hasFault = false
    private var isLinked = false
    private var hasLostLink = true
    private var generation = 0
    private var auxiliarySelector: UInt16 = 0
    private var shadowSelector: UInt16 = 0
    private var deviceControl: UInt16 = 0
    private var deviceAddress: UInt16 = 0

    /// A PHY on `clock` at `address`, without a cable.
    public init(_ clock: VirtualClock, at address: UInt8 = 1) {
        self.clock = clock
        self.address = address
    }

    /// Whether the link is up at this moment.
    public var hasLink: Bool { isLinked }
    /// Whether it is powered down.
    public var isPoweredDown: Bool { control & 1 << 11 != 0 }

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
        isLinked = false
        hasLostLink = true
        generation += 1
    }

    private func negotiate() {
        guard partner != nil, control & 1 << 11 == 0, control & 1 << 15 == 0 else { return }
        let mine = generation
        clock.schedule(after: .nanoseconds(negotiationTime)) { [self] in
            guard mine == generation else { return }
            hasFault = masterSlaveFaults > 0
            if hasFault { masterSlaveFaults -= 1 }
            isLinked = true
        }
    }

    /// Reads `register`.
    public func read(_ register: UInt8) -> UInt16 {
        switch register {
        case 0x00: return control
        case 0x01:
            let isUp = isLinked && !hasLostLink
            hasLostLink = false
            return 0x7949 | (isLinked ? 1 << 5 : 0) | (isUp ? 1 << 2 : 0)
        case 0x02: return UInt16(identifier >> 16)
        case 0x03: return UInt16(truncatingIfNeeded: identifier)
        case 0x04: return advertisement
        case 0x05: return isLinked ? partner?.abilities ?? 0 : 0
        case 0x09: return gigabitControl
        case 0x0A: return isLinked ? (partner?.gigabit ?? 0) | (hasFault ? 1 << 15 : 0) : 0
        case 0x0E: return energyEfficiency
        case 0x18: return auxiliarySelector == 7 ? miscellaneous & 0x7FF8 | 7 : 0
        case 0x1C: return shadowSelector << 10 | (shadowSelector == 3 ? clockControl : 0)
        default: return 0
        }
    }

    /// Writes `value` to `register`.
    public func write(_ value: UInt16, to register: UInt8) {
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
        case 0x18:
            auxiliarySelector = value & 7
            if value & 7 == 7 {
                if value & 1 << 15 != 0 { miscellaneous = value & 0x7FF8 } else { auxiliarySelector = value >> 12 & 7 }
            }
        case 0x1C:
            shadowSelector = value >> 10 & 0x1F
            if value & 1 << 15 != 0 && shadowSelector == 3 { clockControl = value & 0x03FF }
        default: break
        }
    }

    private func writeControl(_ value: UInt16) {
        if value & 1 << 15 != 0 {
            resets += 1
            drop()
            (control, advertisement, gigabitControl) = (0x9140, 0x01E1, 0x0300)
            (miscellaneous, clockControl, energyEfficiency) = (0x0280, 0x0200, 0x0006)
            guard let resetTime else { return }
            clock.schedule(after: .nanoseconds(resetTime)) { [self] in
                control &= ~(1 << 15)
                negotiate()
            }
            return
        }
        control = value & ~(1 << 9)
        if value & 1 << 11 != 0 { drop() }
        if value & 1 << 9 != 0 {
            drop()
            negotiate()
        }
    }
}
