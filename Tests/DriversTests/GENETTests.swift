import GENET
import Interfaces
import Models
import Testing

/// Start, link, frames, filters, stop.
@Suite struct GENETTests {
    // MARK: - Start and stop

    @Test func `an absent controller is absent`() {
        let clock = VirtualClock()
        let memory = CoherentArenaModel(count: 513 * 2048)
        let device = GENET(
            AbsentBus(), time: clock, memory: memory, phy: NoPHY(), address: GENETBench.address)
        #expect(throws: DeviceError.absent) { try device.start() }
        #expect(!type(of: device).isPresent(AbsentBus()))
        #expect(type(of: device).heldAddress(AbsentBus()) == nil)
        #expect(device.maintain() == .never)
    }

    private struct NoPHY: EthernetPHY {
        mutating func start() throws(DeviceError) { throw .absent }
        mutating func pollLink() throws(DeviceError) -> LinkState { .down }
        mutating func setPreference(_ preference: LinkPreference) throws(DeviceError) {}
        mutating func stop() throws(DeviceError) {}
    }

    @Test func `another version is unsupported`() {
        let bench = GENETBench()
        bench.model.revision = 0x0500_0000
        #expect(throws: DeviceError.unsupported("")) { try bench.device.start() }
    }

    @Test func `no PHY is an error, and nothing runs`() {
        let bench = GENETBench()
        bench.model.phy.address = 99
        #expect(throws: DeviceError.absent) { try bench.device.start() }
        #expect(bench.model.read(0x3044) == 0 && bench.model.read(0x5044) == 0)
    }

    @Test(arguments: [false, true])
    func `it starts whatever the firmware left, links, and moves frames both ways`(isNetbooted: Bool) throws {
        let bench = try GENETBench.linked(isNetbooted: isNetbooted)
        #expect(bench.device.link.isUp)
        // Erratum E1: the frame in the FIFO is gone.
        #expect(bench.take() == [])
        // Erratum E2: far enough that both indices wrap.
        for number in UInt64(0)..<600 {
            let frame = GENETBench.frame(60 + Int(number), seed: number)
            bench.model.receive(frame)
            #expect(bench.take() == [frame])
            try bench.send(frame)
            bench.clock.advance(by: .microseconds(15))
            #expect(bench.model.sent.last == frame)
        }
        #expect(bench.device.statistics.receivedFrames == 600 && bench.model.sentCount == 600)
        #expect(bench.device.statistics.receiveDrops == 0)
        #expect(bench.violations == [])
        #expect(bench.device.spareBuffers == 64)
    }

    @Test func `the address that the firmware used is found`() {
        #expect(ModelGENET.heldAddress(GENETBench(isNetbooted: true).model)?.bits == 0xDCA6_3211_2233)
        #expect(ModelGENET.heldAddress(GENETBench().model) == nil)
    }

    @Test func `after the stop nothing is written to memory and no interrupt comes`() throws {
        let bench = try GENETBench.linked()
        #expect(bench.device.arm(.receive))
        try bench.device.stop()
        let raised = bench.model.interruptsRaised
        bench.model.receive(GENETBench.frame(100))
        bench.clock.advance(by: .seconds(1))
        #expect(bench.model.interruptsRaised == raised)
        #expect(bench.model.read(0x3044) == 0 && bench.model.read(0x5044) == 0)
        #expect(throws: NetworkError.stopped) { try bench.send(GENETBench.frame(100)) }
        #expect(bench.take() == [] && bench.device.maintain() == .never)
        try bench.device.start()
        bench.maintain(seconds: 5)
        bench.model.receive(GENETBench.frame(100))
        #expect(bench.take() == [GENETBench.frame(100)])
        #expect(bench.violations == [])
    }

    @Test func `engines that do not stop are a timeout, at start and at stop`() throws {
        let bench = try GENETBench.linked()
        bench.model.isStopStuck = true
        let before = bench.clock.now
        #expect(throws: DeviceError.timeout("")) { try bench.device.stop() }
        #expect(bench.clock.now - before < .milliseconds(40))
        bench.model.isStopStuck = false
        try bench.device.stop()
    }

    @Test func `a management bus that hangs is a timeout`() {
        let bench = GENETBench()
        bench.model.isManagementStuck = true
        #expect(throws: DeviceError.timeout("")) { try bench.device.start() }
        #expect(bench.device.statistics.phyErrors == 1)
    }

    // MARK: - Link

    @Test(
        arguments: [
            // 1000 full, pause both ways agreed: obeyed, but never sent.
            (0x4DE1, 0x0800, 0x1000_000B), (0x49E1, 0x0800, 0x1000_000B),
            (0x41E1, 0x0800, 0x1000_010B), (0x41E1, 0, 0x1000_0107),  // no pause: ignore and do not send
            (0x40A1, 0, 0x1000_0507), (0x4061, 0, 0x1000_0103), (0x4021, 0, 0x1000_0503),
        ] as [(UInt16, UInt16, UInt32)])
    func `the MAC follows the link's mode`(abilities: UInt16, gigabit: UInt16, command: UInt32) throws {
        let bench = GENETBench()
        try bench.device.start()
        // Erratum E6: in reset until the link is there.
        bench.maintain(seconds: 1)
        #expect(bench.model.read(0x808) & 0x2003 == 0x2000)
        bench.model.phy.connect(abilities: abilities, gigabit: gigabit)
        bench.maintain(seconds: 4)
        #expect(bench.model.read(0x808) == command)
        #expect(bench.model.read(0x08C) & 0x1_0070 == 0x50)
        bench.model.phy.disconnect()
        bench.maintain(seconds: 2)
        #expect(bench.device.link == .down && bench.model.read(0x08C) & 0x1_0070 == 0x40)
        #expect(throws: NetworkError.linkDown) { try bench.send(GENETBench.frame(60)) }
        #expect(bench.device.statistics.linksUp == 1 && bench.device.statistics.linksDown == 1)
    }

    @Test func `a PHY that fails now and then keeps its link, one that fails for good loses it`() throws {
        let bench = try GENETBench.linked()
        bench.model.managementFailures = 2
        bench.maintain(seconds: 3)
        #expect(bench.device.link.isUp && bench.device.statistics.phyErrors == 2)
        bench.model.managementFailures = 1000
        bench.maintain(seconds: 5)
        #expect(!bench.device.link.isUp)
        bench.model.managementFailures = 0
        bench.maintain(seconds: 3)
        #expect(bench.device.link.isUp)
    }

    // MARK: - Filters

    private let group = HardwareAddress([0x01, 0x00, 0x5E, 0, 0, 1])

    /// Whether a frame to `address` gets through.
    private func passes(_ address: HardwareAddress, _ bench: GENETBench) -> Bool {
        bench.model.receive(GENETBench.frame(64, to: address))
        return bench.take().count == 1
    }

    @Test func `groups come through while they are joined, once or more`() throws {
        let bench = try GENETBench.linked()
        let stranger = HardwareAddress([0x02, 9, 9, 9, 9, 9])
        #expect(passes(GENETBench.address, bench) && passes(.broadcast, bench))
        #expect(!passes(group, bench) && !passes(stranger, bench))
        bench.device.join(group)
        bench.device.join(group)
        #expect(passes(group, bench))
        bench.device.leave(group)
        #expect(passes(group, bench))
        bench.device.leave(group)
        #expect(!passes(group, bench))
        bench.device.isPromiscuous = true
        #expect(passes(stranger, bench))
        bench.device.isPromiscuous = false
        #expect(!passes(stranger, bench) && passes(.broadcast, bench))
        bench.maintain(seconds: 1)
        #expect(bench.device.hardwareCounters[.filtered] == 4)
    }

    @Test func `more groups than filters are all received, and fewer are filtered again`() throws {
        let bench = try GENETBench.linked()
        let groups = (1...20).map { HardwareAddress(bits: 0x0100_5E00_0000 + UInt64($0)) }
        for (index, address) in groups.enumerated() {
            bench.device.join(address)
            #expect(groups.prefix(index + 1).allSatisfy { passes($0, bench) })
            #expect(passes(.broadcast, bench) && passes(GENETBench.address, bench))
            #expect(passes(group, bench) == (groups.contains(group) || index >= 15))
        }
        for address in groups.dropFirst(3) { bench.device.leave(address) }
        #expect(passes(groups[2], bench) && !passes(groups[3], bench))
    }

    // MARK: - Checksums

    @Test func `the model sums as the example in RFC 1071`() {
        #expect(GENETModel.sum([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]) == 0xDDF2)
    }

    @Test func `a received sum covers what follows the header`() throws {
        let bench = try GENETBench.linked()
        let frame = GENETBench.frame(99)
        bench.model.receive(frame)
        let checksum = bench.device.receive()?.checksum
        #expect(checksum == .sum(GENETModel.sum(frame[14...])))
    }

    @Test func `a requested checksum is sent, and the next frame has none`() throws {
        let bench = try GENETBench.linked()
        // Every descriptor twice, with and without.
        for round in 0..<512 {
            var frame = GENETBench.frame(100, seed: UInt64(round))
            let request: TransmitChecksum? = round % 3 == 0 ? TransmitChecksum(from: 34, at: 40, isUDP: true) : nil
            try bench.send(frame, checksum: request)
            bench.clock.advance(by: .microseconds(2))
            if request != nil {
                let sum = ~GENETModel.sum(frame[34...])
                (frame[40], frame[41]) = (UInt8(sum >> 8), UInt8(sum & 0xFF))
            }
            #expect(bench.model.sent.last == frame)
        }
        for bad in [TransmitChecksum(from: 12, at: 20), .init(from: 15, at: 20), .init(from: 34, at: 99)] {
            #expect(throws: NetworkError.unsupported) { try bench.send(GENETBench.frame(100), checksum: bad) }
        }
        #expect(bench.violations == [])
    }

    // MARK: - Numbers

    @Test func `a received frame costs at most three register accesses and a sent one four`() throws {
        let bench = try GENETBench.linked(spare: 256)
        #expect(bench.device.arm(.receive))
        var received = 0
        var reception = 0
        var transmission = 0
        for round in 0..<40 {
            for number in 0..<32 { bench.model.receive(GENETBench.frame(60 + number, seed: UInt64(round))) }
            bench.clock.advance(by: .microseconds(100))
            // Interrupt, batch, and back to sleep: all that belongs to receiving.
            let start = bench.model.accesses
            #expect(bench.device.takeInterrupts().contains(.receive))
            received += bench.takeCount()
            #expect(bench.device.arm(.receive))
            let middle = bench.model.accesses
            for number in 0..<32 { try bench.send(GENETBench.frame(60 + number)) }
            reception += middle - start
            transmission += bench.model.accesses - middle
            bench.clock.advance(by: .milliseconds(1))
        }
        #expect(received == 40 * 32 && bench.model.sentCount == 40 * 32)
        #expect(Double(reception) / Double(received) <= 1.5)
        #expect(Double(transmission) / Double(received) <= 2.1)
        #expect(bench.violations == [])
    }

    @Test func `the hardware's counters do not wrap`() throws {
        let bench = try GENETBench.linked()
        bench.maintain(seconds: 1)
        let before = bench.device.hardwareCounters[.receivedBytes]
        for _ in 0..<3 {
            bench.model.write(bench.model.read(0xC2C) &+ 0xC000_0000, at: 0xC2C)
            bench.maintain(seconds: 1)
        }
        #expect(bench.device.hardwareCounters[.receivedBytes] == before + 3 * 0xC000_0000)
    }
}
