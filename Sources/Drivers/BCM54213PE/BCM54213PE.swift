// How the device works. The PHY negotiates with its partner by itself and keeps the result in registers; its interrupt is not wired on
// this board, so somebody asks once in a while. The status register's link bit stays low after a loss until it is read. Vendor registers
// hide behind windows (0x15, 0x18 and 0x1C): the number of the shadow is written first. A reset may clear the delays of the RGMII clocks,
// which the board needs, so they are set after every one: the PHY delays the receive clock, the MAC the transmit clock. Over a cable with a
// broken pair the PHY falls back to a slower mode than both ends have offered: register 0x19 tells what it really runs in.
import Interfaces

/// The BCM54213PE on the Raspberry Pi 4 B, and, since nothing but delays and lamps is special, its sisters on other boards.
///
/// Owned by the MAC's driver. Calls wait on the management bus; `start` up to half a second for the reset.
public struct BCM54213PE<Bus: MDIOBus, Time: Clock>: EthernetPHY {
    let bus: Bus
    let time: Time
    /// Where the PHY answered; nil before `start`.
    public private(set) var address: UInt8?
    /// The two identification registers, the first in the upper half; 0 before `start`. 0x600D84A2 on a Raspberry Pi 4 B.
    public private(set) var identifier: UInt32 = 0
    /// How the mode comes about: see `setPreference`.
    public private(set) var preference = LinkPreference.negotiated
    /// The speed that both ends have offered, where the link runs at another: a pair of the cable fails. Nil otherwise.
    public private(set) var missedSpeed: LinkMode.Speed?
    private var last = LinkState.down
    /// The link was seen to be lost by somebody who did not ask for the link, or is about to be made anew.
    private var wasLost = false

    /// The PHY on `bus`. Touches nothing.
    public init(_ bus: Bus, time: Time) {
        self.bus = bus
        self.time = time
    }

    // MARK: - EthernetPHY

    /// Finds the PHY, at address 1 as on the board or anywhere else, resets it, sets the delays for `rgmii-rxid` and the jack's lamps, offers
    /// all modes but half duplex gigabit and energy efficient ones, and lets it negotiate; or forces the mode that is preferred.
    ///
    /// The reset is there because nobody knows what ran before: a forced mode, loopback, isolation, power down. It costs no time of its own:
    /// what is offered differs from what the firmware lets the PHY offer, so that the link is made anew in any case.
    public mutating func start() throws(DeviceError) {
        last = .down
        wasLost = false
        let address = try find()
        self.address = address
        try reset(address)
        try setDelays(address)
        try setLamps(address)
        try disableEnergyEfficiency(address)
        try makeLink(address)
    }

    /// Changes how the link's mode comes about: see `EthernetPHY`.
    public mutating func setPreference(_ preference: LinkPreference) throws(DeviceError) {
        if case .forced(.megabits1000, _) = preference { throw .unsupported("1000 Mb/s without negotiation") }
        self.preference = preference
        guard let address else { return }
        wasLost = last.isUp
        try makeLink(address)
    }

    /// The link. One read while nothing changes.
    public mutating func pollLink() throws(DeviceError) -> LinkState {
        guard let address else { throw .absent }
        var status = PHYStatus(rawValue: try bus.read(PHYRegister.status, of: address))
        if last.isUp {
            if status.isSuperset(of: whatLinkTakes) && !wasLost { return last }
            // It was lost, for a moment at least. Say so before the next look: the new link may be another.
            wasLost = false
            last = .down
            return last
        }
        // Latched low: the first read tells of the past, the second of the present.
        if !status.contains(.link) { status = PHYStatus(rawValue: try bus.read(PHYRegister.status, of: address)) }
        if status.isSuperset(of: whatLinkTakes) { last = try resolve(address) }
        return last
    }

    /// Powers the PHY down. A plain write: changed and written back the register leaves the lamps flashing (notes, section 7).
    public mutating func stop() throws(DeviceError) {
        last = .down
        guard let address else { return }
        try bus.write(PHYControl.powerDown.rawValue, to: PHYRegister.control, of: address)
    }

    /// Register `register` of the PHY, for a look from outside. To look at the status register does not hide a lost link from `pollLink`.
    public mutating func register(_ register: UInt8) throws(DeviceError) -> UInt16 {
        guard let address else { throw .absent }
        let value = try bus.read(register, of: address)
        if register == PHYRegister.status && last.isUp && !PHYStatus(rawValue: value).contains(.link) { wasLost = true }
        return value
    }

    // MARK: - Finding

    private mutating func find() throws(DeviceError) -> UInt8 {
        // Some of these management blocks fail the first read after power-up: it does not count.
        _ = try? bus.read(PHYRegister.status, of: 1)
        if try answers(1) { return 1 }
        for address in UInt8(0)..<32 where address != 1 {
            if try answers(address) { return address }
        }
        throw .absent
    }

    /// Whether a PHY is at `address`. Its identity is kept but not demanded: other boards carry sisters of it.
    private mutating func answers(_ address: UInt8) throws(DeviceError) -> Bool {
        do throws(DeviceError) {
            let upper = try bus.read(PHYRegister.identifier, of: address)
            let lower = try bus.read(PHYRegister.identifier + 1, of: address)
            identifier = UInt32(upper) << 16 | UInt32(lower)
        } catch {
            if error == .absent { return false }
            throw error
        }
        // A wire that nobody drives reads as all ones; one that is stuck, or a PHY that sleeps, as all zeros.
        return identifier & 0xFFFF != 0xFFFF && identifier >> 16 != 0xFFFF && identifier != 0
    }

    // MARK: - Outcome

    /// What the status register shows when the link is up.
    private var whatLinkTakes: PHYStatus { preference == .negotiated ? [.link, .negotiated] : .link }

    /// What the link has come to. A fault between master and slave starts the negotiation again.
    private mutating func resolve(_ address: UInt8) throws(DeviceError) -> LinkState {
        missedSpeed = nil
        if case .forced(let speed, let isFullDuplex) = preference {
            return .up(LinkMode(speed, isFullDuplex: isFullDuplex))
        }
        let gigabitStatus = GigabitStatus(rawValue: try bus.read(PHYRegister.gigabitStatus, of: address))
        if gigabitStatus.contains(.masterSlaveFault) {
            try negotiate(address)
            return .down
        }
        let gigabit = GigabitAbilities(rawValue: try bus.read(PHYRegister.gigabitControl, of: address))
        let partner = PHYAbilities(rawValue: try bus.read(PHYRegister.partner, of: address))
        let own = PHYAbilities(rawValue: try bus.read(PHYRegister.advertisement, of: address))
        let offered = Self.mode(gigabit: gigabit.intersection(gigabitStatus.partner), own: own, partner: partner)
        // After a downshift the abilities of both may still say 1000.
        let summary = PHYSummary(rawValue: try bus.read(PHYRegister.summary, of: address))
        guard let mode = summary.mode, mode != (offered.speed, offered.isFullDuplex) else { return .up(offered) }
        missedSpeed = offered.speed
        return .up(
            LinkMode(
                mode.speed, isFullDuplex: mode.isFullDuplex, obeysPause: offered.obeysPause,
                sendsPause: offered.sendsPause))
    }

    /// The best mode that both ends offer, and the flow control between them (IEEE 802.3 annexes 28B.3 and 28B, table 28B-3). A partner that
    /// does not negotiate shows the one mode it was detected in.
    static func mode(gigabit: GigabitAbilities, own: PHYAbilities, partner: PHYAbilities) -> LinkMode {
        let common = own.intersection(partner)
        let isSymmetric = common.contains(.pause)
        let isAsymmetric = common.contains(.asymmetricPause)
        let obeys = isSymmetric || isAsymmetric && own.contains(.pause)
        let sends = isSymmetric || isAsymmetric && partner.contains(.pause)
        func link(_ speed: LinkMode.Speed, _ isFullDuplex: Bool) -> LinkMode {
            LinkMode(speed, isFullDuplex: isFullDuplex, obeysPause: obeys, sendsPause: sends)
        }
        if gigabit.contains(.full1000) { return link(.megabits1000, true) }
        if gigabit.contains(.half1000) { return link(.megabits1000, false) }
        if common.contains(.full100) { return link(.megabits100, true) }
        if common.contains(.half100) { return link(.megabits100, false) }
        return link(.megabits10, common.contains(.full10))
    }
}
