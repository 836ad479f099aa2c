import GENET
import Interfaces
import Models
import Testing

/// What the device does by itself while nobody looks after it: no pause frames on the cable, no writes to memory that is not its own.
@Suite struct GENETAloneTests {
    /// Frames come in for `seconds`, 50 us apart, and nobody takes one.
    private func stand(_ bench: GENETBench, seconds: UInt64 = 10) {
        for _ in 0..<seconds * 20 {
            for number in 0..<20 { bench.model.receive(GENETBench.shortFrame(number)) }
            bench.clock.advance(by: .milliseconds(50))
        }
    }

    @Test func `the model pauses its partner again and again where it may`() throws {
        let bench = try GENETBench.linked(restful: true)
        bench.model.write(bench.model.read(0x808) & ~(1 << 28), at: 0x808)
        for number in 0..<252 { bench.model.receive(GENETBench.shortFrame(number)) }
        bench.clock.advance(by: .seconds(1))
        // Half the time of a pause frame, 16.8 ms, between two of them.
        #expect((55...65).contains(bench.model.pausesSent) && bench.model.releasesSent == 0)
        #expect(bench.takeCount() == 252)
        bench.clock.advance(by: .seconds(1))
        #expect(bench.model.releasesSent == 1)
    }

    @Test(arguments: [(0x4DE1, 0x0800), (0x45E1, 0), (0x40A1, 0)] as [(UInt16, UInt16)])
    func `a processor that stands for ten seconds stops no switch, and loses only what does not fit`(
        abilities: UInt16, gigabit: UInt16
    ) throws {
        let bench = GENETBench(restlessness: 0)
        try bench.device.start()
        bench.model.phy.connect(abilities: abilities, gigabit: gigabit)
        bench.maintain(seconds: 4)
        let writes = bench.model.memoryWrites
        stand(bench)
        #expect(bench.model.pausesSent == 0 && bench.model.releasesSent == 0)
        #expect(bench.model.memoryWrites == writes + 256)
        #expect(bench.takeCount() == 256 && bench.violations == [])
        bench.model.receive(GENETBench.frame(100))
        #expect(bench.take() == [GENETBench.frame(100)])
    }

    @Test(arguments: [false, true])
    func `after a crash nothing goes in or out, by one write`(isFull: Bool) throws {
        let bench = try GENETBench.linked(restful: true)
        if isFull { for number in 0..<300 { bench.model.receive(GENETBench.shortFrame(number)) } }
        let accesses = bench.model.accesses
        let before = bench.clock.now
        GENETSilence.fall(on: bench.model)
        #expect(bench.model.accesses == accesses + 1 && bench.clock.now - before == .nanoseconds(100))
        let (writes, sent) = (bench.model.memoryWrites, bench.model.sentCount)
        stand(bench)
        #expect(bench.model.memoryWrites == writes && bench.model.sentCount == sent && bench.model.pausesSent == 0)
    }

    @Test func `after the stop nothing goes in or out`() throws {
        let bench = try GENETBench.linked(restful: true)
        try bench.send(GENETBench.frame(100))
        try bench.device.stop()
        let (writes, sent) = (bench.model.memoryWrites, bench.model.sentCount)
        stand(bench)
        #expect(bench.model.memoryWrites == writes && bench.model.sentCount == sent && bench.model.pausesSent == 0)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a firmware's receiver that was not stopped is cut off, without a driver`(seed: UInt64) {
        let bench = GENETBench(isNetbooted: true, restlessness: 0, seed: seed)
        bench.model.keepFirmwareReceiving()
        bench.model.receive(GENETBench.shortFrame(1))
        #expect(bench.model.foreignWrites == 1)
        let before = bench.clock.now
        GENETSilence.cutOff(bench.model)
        #expect(bench.clock.now - before < .microseconds(1))
        stand(bench, seconds: 1)
        #expect(bench.model.foreignWrites == 1 && bench.violations == [])
        // And a driver that comes later finds its way.
        #expect(throws: Never.self) { try bench.device.start() }
    }

    @Test func `nothing is cut off where nothing is`() { GENETSilence.cutOff(AbsentBus()) }

    // MARK: - Pauses of the partner

    @Test func `a paused transmitter is not a stuck one`() throws {
        let bench = try GENETBench.linked()
        bench.model.receivePauses(seconds: 8)
        for number in 0..<50 { try bench.send(GENETBench.frame(200, seed: UInt64(number))) }
        bench.maintain(seconds: 7)
        #expect(bench.model.sentCount == 0 && bench.device.statistics.restarts == 0 && !bench.device.ignoresPause)
        bench.maintain(seconds: 2)
        #expect(bench.model.sent == (0..<50).map { GENETBench.frame(200, seed: UInt64($0)) })
        #expect(bench.device.statistics.transmitAbandoned == 0 && bench.violations == [])
    }

    @Test func `one pause frame at 10 Mb/s stops us for more than three seconds, and no restart follows`() throws {
        let bench = GENETBench(restlessness: 0)
        try bench.device.start()
        bench.model.phy.connect(abilities: 0x4461, gigabit: 0)
        bench.maintain(seconds: 4)
        bench.model.receivePause(quanta: 0xFFFF)
        bench.maintain(seconds: 1)
        try bench.send(GENETBench.frame(200))
        bench.clock.advance(by: .seconds(2))
        #expect(bench.model.sentCount == 0)
        bench.maintain(seconds: 4)
        #expect(bench.model.sentCount == 1 && bench.device.statistics.restarts == 0)
    }

    @Test func `a partner that pauses without an end is ignored until the next link, and that is told`() throws {
        let bench = try GENETBench.linked()
        var events: [GENETEvent] = []
        bench.device.onEvent = { events.append($0) }
        bench.model.receivePauses(seconds: 60)
        for number in 0..<50 { try bench.send(GENETBench.frame(200, seed: UInt64(number))) }
        bench.maintain(seconds: 14)
        #expect(bench.model.sentCount == 50 && bench.device.statistics.restarts == 0)
        #expect(events == [.partnerPauses] && bench.device.ignoresPause)
        // A restart does not forget it; a new link does.
        bench.model.corruptIndex(at: 0x3008, by: 0x4000)
        _ = bench.take()
        bench.maintain(seconds: 2)
        #expect(bench.device.statistics.restarts == 1 && bench.model.read(0x808) & 1 << 8 != 0)
        bench.model.phy.connect()
        bench.maintain(seconds: 6)
        #expect(bench.device.link.isUp && bench.model.read(0x808) & 1 << 8 == 0 && !bench.device.ignoresPause)
        #expect(events == [.partnerPauses, .restarted, .linkChanged, .linkChanged])
        bench.device.onEvent = nil
    }

    @Test func `a stuck transmitter is restarted also where the partner pauses now and then`() throws {
        let bench = try GENETBench.linked()
        bench.model.receivePause(quanta: 0xFFFF)
        bench.model.isTransmitterStuck = true
        try bench.send(GENETBench.frame(80))
        bench.maintain(seconds: 5)
        #expect(bench.device.statistics.restarts == 1)
    }

    @Test func `a transmitter that is paused can be stopped`() throws {
        let bench = try GENETBench.linked()
        bench.model.receivePauses(seconds: 5)
        for _ in 0..<20 { try bench.send(GENETBench.frame(1000)) }
        try bench.device.stop()
        let statistics = bench.device.statistics
        #expect(statistics.transmitAbandoned + UInt64(bench.model.sentCount) == 20)
    }
}
