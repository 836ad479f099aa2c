// How the device works. The PHY negotiates with its partner by itself and keeps the result in registers; its interrupt is not wired on
// this board, so somebody asks once in a while. The status register's link bit stays low after a loss until it is read. Vendor registers
// hide behind two windows (0x18 and 0x1C): the number of the shadow is written first. A reset may clear the delays of the RGMII clocks,
// which the board needs, so they are set after every one: the PHY delays the receive clock, the MAC the transmit clock.
import Interfaces

/// The BCM54213PE on the Raspberry Pi 4 B, and, since nothing but the two delays is special, its sisters on other boards.
///
/// Owned by the MAC's driver. Calls wait on the management bus; `start` up to half a second for the reset.
public struct BCM54213PE<Bus: MDIOBus, Time: Clock>: EthernetPHY {
    private let bus: Bus
    private let time: Time
    /// Where the PHY answered; nil before `start`.
    public private(set) var address: UInt8?
    /// The two identification registers, the first in the upper half; 0 before `start`. 0x600D84A2 on a Raspberry Pi 4 B.
    public private(set) var identifier: UInt32 = 0
    private var last = LinkState.down

    /// The PHY on `bus`. Touches nothing.
    public init(_ bus: Bus, time: Time) {
        self.bus = bus
        self.time = time
    }

    // MARK: - EthernetPHY

    /// Finds the PHY, at address 1 as on the board or anywhere else, resets it, sets the delays for `rgmii-rxid`, offers all modes but
    /// half duplex gigabit and energy efficient ones, and lets it negotiate.
    public mutating func start() throws(DeviceError) {
        last = .down
        let address = try find()
        self.address = address
        try reset(address)
        try setDelays(address)
        try disableEnergyEfficiency(address)
        try bus.write(PHYAbilities.offered.rawValue, to: PHYRegister.advertisement, of: address)
        var gigabit = GigabitAbilities(rawValue: try bus.read(PHYRegister.gigabitControl, of: address))
        gigabit.insert(.full1000)
        gigabit.remove(.half1000)
        try bus.write(gigabit.rawValue, to: PHYRegister.gigabitControl, of: address)
        try negotiate(address)
    }

    /// The link. One read while nothing changes.
    public mutating func pollLink() throws(DeviceError) -> LinkState {
        guard let address else { throw .absent }
        var status = PHYStatus(rawValue: try bus.read(PHYRegister.status, of: address))
        if status.contains([.link, .negotiated]) && last.isUp { return last }
        if last.isUp {
            // It was lost, for a moment at least. Say so before the next look: the new link may be another.
            last = .down
            return last
        }
        // Latched low: the first read tells of the past, the second of the present.
        if !status.contains(.link) { status = PHYStatus(rawValue: try bus.read(PHYRegister.status, of: address)) }
        if status.contains([.link, .negotiated]) { last = try resolve(address) }
        return last
    }

    /// Powers the PHY down. A plain write: changed and written back the register leaves the lamps flashing (notes, section 7).
    public mutating func stop() throws(DeviceError) {
        last = .down
        guard let address else { return }
        try bus.write(PHYControl.powerDown.rawValue, to: PHYRegister.control, of: address)
    }

    /// Register `register` of the PHY, for a look from outside.
    public func register(_ register: UInt8) throws(DeviceError) -> UInt16 {
        guard let address else { throw .absent }
        return try bus.read(register, of: address)
    }

    // MARK: - Start

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
        // A wire that nobody drives reads as all ones; one that is stuck as all zeros.
        return identifier & 0xFFFF != 0xFFFF && identifier >> 16 != 0xFFFF && identifier != 0
    }

    private func reset(_ address: UInt8) throws(DeviceError) {
        try bus.write(PHYControl.reset.rawValue, to: PHYRegister.control, of: address)
        let isDone = time.poll(for: .milliseconds(500), every: .milliseconds(1)) {
            // A read that fails is a PHY that is still in reset.
            guard let bits = try? bus.read(PHYRegister.control, of: address) else { return false }
            return !PHYControl(rawValue: bits).contains(.reset)
        }
        if !isDone { throw .timeout("PHY BMCR reset") }
        // The reset does not clear the power-down bit of `stop` on every part; out of it the PHY needs 40 us (notes, section 7).
        try bus.write(PHYControl.negotiate.rawValue, to: PHYRegister.control, of: address)
        time.wait(for: .microseconds(40))
    }

    /// `rgmii-rxid`: the receive clock is delayed here, the transmit clock by the MAC. Bit 9 of MISC, which one source takes for the skew, is
    /// automatic MDI-X and stays as it is.
    private func setDelays(_ address: UInt8) throws(DeviceError) {
        let miscellaneous = PHYMiscellaneous.number
        try bus.write(miscellaneous << 12 | miscellaneous, to: PHYRegister.auxiliaryControl, of: address)
        let old = try bus.read(PHYRegister.auxiliaryControl, of: address) & PHYMiscellaneous.dataMask
        let new = PHYMiscellaneous(rawValue: old).union([.receiveSkew, .writeEnable])
        try bus.write(new.rawValue | miscellaneous, to: PHYRegister.auxiliaryControl, of: address)

        let selector = PHYClockControl.number << 10
        try bus.write(selector, to: PHYRegister.shadow, of: address)
        var clock = PHYClockControl(
            rawValue: try bus.read(PHYRegister.shadow, of: address) & PHYClockControl.dataMask)
        clock.remove(.transmitDelay)
        try bus.write(PHYClockControl.writeEnable | selector | clock.rawValue, to: PHYRegister.shadow, of: address)
    }

    /// Offers no energy efficient mode: with one in use the MAC can stop receiving for good (GENET erratum E5).
    private func disableEnergyEfficiency(_ address: UInt8) throws(DeviceError) {
        try bus.write(EnergyEfficiency.device, to: PHYRegister.deviceControl, of: address)
        try bus.write(EnergyEfficiency.register, to: PHYRegister.deviceData, of: address)
        try bus.write(
            EnergyEfficiency.dataAccess | EnergyEfficiency.device, to: PHYRegister.deviceControl, of: address)
        try bus.write(0, to: PHYRegister.deviceData, of: address)
    }

    private func negotiate(_ address: UInt8) throws(DeviceError) {
        let control: PHYControl = [.negotiate, .restartNegotiation]
        try bus.write(control.rawValue, to: PHYRegister.control, of: address)
    }

    // MARK: - Outcome

    /// What the negotiation came to. A fault between master and slave starts it again.
    private func resolve(_ address: UInt8) throws(DeviceError) -> LinkState {
        let gigabitStatus = GigabitStatus(rawValue: try bus.read(PHYRegister.gigabitStatus, of: address))
        if gigabitStatus.contains(.masterSlaveFault) {
            try negotiate(address)
            return .down
        }
        let gigabit = GigabitAbilities(rawValue: try bus.read(PHYRegister.gigabitControl, of: address))
        let partner = PHYAbilities(rawValue: try bus.read(PHYRegister.partner, of: address))
        let own = PHYAbilities(rawValue: try bus.read(PHYRegister.advertisement, of: address))
        return .up(
            Self.mode(gigabit: gigabit.intersection(gigabitStatus.partner), own: own, partner: partner))
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
