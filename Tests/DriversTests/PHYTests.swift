import BCM54213PE
import Interfaces
import Models
import Testing

/// Two wires with one PHY at their end.
private final class Wires: MDIOBus {
    let phy: PHYModel
    let clock: VirtualClock
    var accesses = 0
    /// Reads that fail from now on.
    var failures = 0
    /// What a wire that nobody drives reads as; nil: the MAC reports a failed read.
    var floating: UInt16?
    var isStuck = false

    init(_ phy: PHYModel, _ clock: VirtualClock) { (self.phy, self.clock) = (phy, clock) }

    func read(_ register: UInt8, of address: UInt8) throws(DeviceError) -> UInt16 {
        accesses += 1
        clock.advance(by: .microseconds(30))
        if isStuck { throw .timeout("wires") }
        if failures > 0 {
            failures -= 1
            throw .absent
        }
        if address == phy.address { return phy.read(register) }
        guard let floating else { throw .absent }
        return floating
    }

    func write(_ value: UInt16, to register: UInt8, of address: UInt8) throws(DeviceError) {
        accesses += 1
        clock.advance(by: .microseconds(30))
        if isStuck { throw .timeout("wires") }
        if address == phy.address { phy.write(value, to: register) }
    }
}

@Suite struct PHYTests {
    private let clock = VirtualClock()
    private let model: PHYModel
    private let wires: Wires

    init() {
        model = PHYModel(clock)
        wires = Wires(model, clock)
    }

    /// Polls every second until the link is up.
    private func awaitLink(_ phy: inout BCM54213PE<Wires, VirtualClock>, seconds: Int = 10) throws -> LinkState {
        for _ in 0..<seconds {
            let link = try phy.pollLink()
            if link.isUp { return link }
            clock.advance(by: .seconds(1))
        }
        return .down
    }

    @Test(arguments: [1, 0, 7, 31] as [UInt8], [nil, 0xFFFF, 0] as [UInt16?])
    func `the PHY is found at any address`(address: UInt8, floating: UInt16?) throws {
        model.address = address
        wires.floating = floating
        wires.failures = 1  // the first read after power-up
        var phy = BCM54213PE(wires, time: clock)
        try phy.start()
        #expect(phy.address == address && phy.identifier == 0x600D_84A2)
    }

    @Test func `an unknown identifier is no obstacle`() throws {
        model.identifier = 0x600D_84A0
        var phy = BCM54213PE(wires, time: clock)
        try phy.start()
        #expect(phy.identifier == 0x600D_84A0)
    }

    @Test(arguments: [nil, 0xFFFF, 0] as [UInt16?])
    func `no PHY is an error`(floating: UInt16?) {
        model.address = 99
        wires.floating = floating
        var phy = BCM54213PE(wires, time: clock)
        #expect(throws: DeviceError.absent) { try phy.start() }
        #expect(throws: DeviceError.absent) { try phy.pollLink() }
    }

    @Test func `a reset that never ends is a timeout`() {
        model.resetTime = nil
        var phy = BCM54213PE(wires, time: clock)
        #expect(throws: DeviceError.timeout("")) { try phy.start() }
        #expect(clock.now < Instant(nanoseconds: 600_000_000))
    }

    @Test func `a bus that hangs is a timeout`() {
        wires.isStuck = true
        var phy = BCM54213PE(wires, time: clock)
        #expect(throws: DeviceError.timeout("")) { try phy.start() }
    }

    @Test(arguments: 1...16 as ClosedRange<UInt64>)
    func `whatever the reset leaves, delays are those of rgmii-rxid, the lamps are lit, no energy is saved`(
        seed: UInt64
    ) throws {
        let model = PHYModel(clock, seed: seed)
        let before = (model.miscellaneous, model.shadows[3])
        var phy = BCM54213PE(Wires(model, clock), time: clock)
        try phy.start()
        #expect(model.resets == 1)
        // Skew and fall-back in addition; RGMII mode, MDI-X and what has no name as they were.
        #expect(model.miscellaneous == before.0 | 0x0110 && model.shadows[3] == before.1 & ~0x0200)
        #expect(model.energyEfficiency == 0 && model.hasLamps)
        #expect(model.read(0x04) == 0x0DE1 && model.read(0x09) & 0x0300 == 0x0200)
        #expect(model.violations == [])
    }

    @Test(
        arguments: [
            (0x4DE1, 0x0800, LinkMode(.megabits1000, isFullDuplex: true, obeysPause: true, sendsPause: true)),
            (0x41E1, 0x0800, LinkMode(.megabits1000, isFullDuplex: true)),
            (0x41E1, 0x0400, LinkMode(.megabits100, isFullDuplex: true)),  // half duplex gigabit is not offered
            (0x45E1, 0, LinkMode(.megabits100, isFullDuplex: true, obeysPause: true, sendsPause: true)),
            (0x49E1, 0, LinkMode(.megabits100, isFullDuplex: true, obeysPause: true)),
            (0x40A1, 0, LinkMode(.megabits100, isFullDuplex: false)),
            (0x4061, 0, LinkMode(.megabits10, isFullDuplex: true)),
            (0x4C21, 0, LinkMode(.megabits10, isFullDuplex: false)),
        ] as [(UInt16, UInt16, LinkMode)])
    func `the best common mode is found`(abilities: UInt16, gigabit: UInt16, mode: LinkMode) throws {
        var phy = BCM54213PE(wires, time: clock)
        try phy.start()
        model.connect(abilities: abilities, gigabit: gigabit)
        #expect(try awaitLink(&phy) == .up(mode))
    }

    @Test func `a link that stays costs one read a look`() throws {
        var phy = BCM54213PE(wires, time: clock)
        try phy.start()
        model.connect()
        _ = try awaitLink(&phy)
        let before = wires.accesses
        for _ in 0..<10 { #expect(try phy.pollLink().isUp) }
        #expect(wires.accesses == before + 10)
    }

    @Test func `a link that was lost for a moment is down once`() throws {
        var phy = BCM54213PE(wires, time: clock)
        try phy.start()
        model.negotiationTime = 1000
        model.connect()
        clock.advance(by: .seconds(1))
        #expect(try awaitLink(&phy).isUp)
        model.disconnect()
        model.connect(abilities: 0x4061, gigabit: 0)
        clock.advance(by: .seconds(1))
        #expect(try phy.pollLink() == .down)
        #expect(try phy.pollLink() == .up(LinkMode(.megabits10, isFullDuplex: true)))
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `over a cable with two pairs the link is what the PHY says, not what both ends offer`(seed: UInt64) throws {
        let model = PHYModel(clock, seed: seed)
        model.hasTwoPairs = true
        var phy = BCM54213PE(Wires(model, clock), time: clock)
        try phy.start()
        model.connect()
        // A mode stands in the register before there is a link.
        #expect(model.read(0x19) == 0x0703)
        var state = LinkState.down
        for _ in 0..<20 where !state.isUp {
            clock.advance(by: .seconds(1))
            state = try phy.pollLink()
        }
        #expect(
            state == .up(LinkMode(.megabits100, isFullDuplex: true, obeysPause: true, sendsPause: true)))
        // Some parts forget that the partner offers more.
        #expect(phy.missedSpeed == nil || phy.missedSpeed == .megabits1000)
        #expect(model.speed == 100 && model.violations == [])
    }

    @Test func `a downshift is told of, and forgotten with the next link`() throws {
        let model = try #require((1...8).map { PHYModel(clock, seed: $0) }.first { !$0.forgetsGigabit })
        model.hasTwoPairs = true
        var phy = BCM54213PE(Wires(model, clock), time: clock)
        try phy.start()
        model.connect()
        clock.advance(by: .seconds(10))
        #expect(try phy.pollLink().isUp && phy.missedSpeed == .megabits1000)
        model.hasTwoPairs = false
        model.connect()
        clock.advance(by: .seconds(3))
        #expect(try phy.pollLink() == .down)
        guard case .up(let mode) = try phy.pollLink() else {
            Issue.record("no link")
            return
        }
        #expect(mode.speed == .megabits1000 && phy.missedSpeed == nil)
    }

    // MARK: - Without negotiation

    private static let forcedModes: [(LinkMode.Speed, Bool)] = [
        (.megabits10, false), (.megabits10, true), (.megabits100, false), (.megabits100, true),
    ]

    @Test(arguments: forcedModes, [true, false])
    func `a mode is forced, before the start or later, with a partner that does not negotiate`(
        mode: (LinkMode.Speed, Bool), isEarly: Bool
    ) throws {
        model.partnerNegotiates = false
        var phy = BCM54213PE(wires, time: clock)
        if isEarly { try phy.setPreference(.forced(mode.0, isFullDuplex: mode.1)) }
        try phy.start()
        model.connect()
        if !isEarly {
            #expect(try awaitLink(&phy) == .down)
            try phy.setPreference(.forced(mode.0, isFullDuplex: mode.1))
        }
        #expect(try awaitLink(&phy) == .up(LinkMode(mode.0, isFullDuplex: mode.1)))
        #expect(model.speed == mode.0.rawValue && model.isFullDuplex == mode.1)
        model.partnerNegotiates = true
        try phy.setPreference(.negotiated)
        #expect(try phy.pollLink() == .down)
        guard case .up(let link) = try awaitLink(&phy) else {
            Issue.record("no link")
            return
        }
        #expect(link.speed == .megabits1000 && model.violations == [])
    }

    @Test func `1000 Mb/s cannot be forced`() throws {
        var phy = BCM54213PE(wires, time: clock)
        #expect(throws: DeviceError.unsupported("")) {
            try phy.setPreference(.forced(.megabits1000, isFullDuplex: true))
        }
        #expect(phy.preference == .negotiated)
    }

    @Test func `a look at the status register hides no lost link`() throws {
        var phy = BCM54213PE(wires, time: clock)
        try phy.start()
        model.negotiationTime = 1000
        model.connect()
        clock.advance(by: .seconds(1))
        #expect(try awaitLink(&phy).isUp)
        model.connect(abilities: 0x4061, gigabit: 0)
        clock.advance(by: .seconds(1))
        _ = try phy.register(1)
        #expect(try phy.pollLink() == .down)
        #expect(try phy.pollLink() == .up(LinkMode(.megabits10, isFullDuplex: true)))
    }

    @Test func `a fault between master and slave negotiates again`() throws {
        model.masterSlaveFaults = 2
        var phy = BCM54213PE(wires, time: clock)
        try phy.start()
        model.connect()
        #expect(try awaitLink(&phy, seconds: 20).isUp)
        #expect(model.masterSlaveFaults == 0)
    }

    @Test func `stop powers down and start wakes`() throws {
        var phy = BCM54213PE(wires, time: clock)
        try phy.start()
        model.connect()
        try phy.stop()
        #expect(model.isPoweredDown)
        #expect(try awaitLink(&phy) == .down)
        try phy.start()
        #expect(!model.isPoweredDown)
        #expect(try awaitLink(&phy).isUp)
    }
}
