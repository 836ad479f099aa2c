import GENET
import Interfaces
import Models
import Network
import Testing

/// What silicon does and a careless model would not: clocks that have to be delayed, gates, busy buses, wrong sums, FIFOs that overflow.
@Suite struct GENETSiliconTests {
    @Test(arguments: 1...16 as ClosedRange<UInt64>, [false, true])
    func `whatever reset or network boot have left, frames pass and nothing without a name is changed`(
        seed: UInt64, isNetbooted: Bool
    ) throws {
        let bench = try GENETBench.linked(isNetbooted: isNetbooted, seed: seed, restful: true)
        for length in [60, 600, 1518] {
            bench.model.receive(GENETBench.frame(length))
            #expect(bench.take() == [GENETBench.frame(length)])
            try bench.send(GENETBench.frame(length))
        }
        bench.drain()
        #expect(bench.model.sent == [60, 600, 1518].map { GENETBench.frame($0) } && bench.model.spoiledCount == 0)
        #expect(bench.model.phy.hasLamps && bench.violations == [])
        try bench.device.stop()
    }

    @Test func `a clock that is delayed twice or not at all spoils every frame, at 1000 Mb/s alone`() throws {
        for (abilities, gigabit, isFast) in [(0x4DE1, 0x0800, true), (0x45E1, 0, false)] as [(UInt16, UInt16, Bool)] {
            let bench = GENETBench(restlessness: 0)
            try bench.device.start()
            bench.model.phy.connect(abilities: abilities, gigabit: gigabit)
            bench.maintain(seconds: 4)
            bench.model.phy.miscellaneous &= ~(1 << 8)
            bench.model.receive(GENETBench.frame(100))
            #expect(bench.takeCount() == (isFast ? 0 : 1))
            #expect(bench.device.statistics.checksumErrors == (isFast ? 1 : 0))
            bench.model.phy.shadows[3] |= 1 << 9
            try bench.send(GENETBench.frame(100))
            bench.drain()
            #expect(bench.model.spoiledCount == (isFast ? 1 : 0) && bench.model.sentCount == (isFast ? 0 : 1))
        }
    }

    @Test func `over two pairs frames pass at the slower speed`() throws {
        let bench = GENETBench(restlessness: 0, seed: 3)
        try bench.device.start()
        bench.model.phy.hasTwoPairs = true
        bench.model.phy.connect()
        bench.maintain(seconds: 10)
        bench.model.receive(GENETBench.frame(100))
        #expect(bench.take() == [GENETBench.frame(100)])
        try bench.send(GENETBench.frame(100))
        bench.drain()
        #expect(bench.model.sentCount == 1 && bench.model.read(0x808) >> 2 & 3 == 1)
    }

    @Test(arguments: [(LinkMode.Speed.megabits10, true), (.megabits100, false)] as [(LinkMode.Speed, Bool)])
    func `a forced mode reaches the MAC, on a link that is up`(speed: LinkMode.Speed, isFullDuplex: Bool) throws {
        let bench = try GENETBench.linked()
        try bench.device.setPreference(.forced(speed, isFullDuplex: isFullDuplex))
        bench.maintain(seconds: 5)
        #expect(bench.device.link == .up(LinkMode(speed, isFullDuplex: isFullDuplex)))
        try bench.send(GENETBench.frame(100))
        bench.drain()
        bench.model.receive(GENETBench.frame(100))
        #expect(bench.model.sentCount == 1 && bench.takeCount() == 1)
        // It outlives stop and start.
        try bench.device.stop()
        try bench.device.start()
        bench.maintain(seconds: 5)
        #expect(bench.device.link == .up(LinkMode(speed, isFullDuplex: isFullDuplex)) && bench.violations == [])
    }

    @Test(arguments: [(0x4DE1, 0x0800, 13), (0x45E1, 0, 124), (0x4461, 0, 1233)] as [(UInt16, UInt16, UInt64)])
    func `a frame takes its time on the wire`(abilities: UInt16, gigabit: UInt16, microseconds: UInt64) throws {
        let bench = GENETBench(restlessness: 0)
        try bench.device.start()
        bench.model.phy.connect(abilities: abilities, gigabit: gigabit)
        bench.maintain(seconds: 4)
        for _ in 0..<10 { try bench.send(GENETBench.frame(1518)) }
        #expect(!bench.device.arm(.transmit))
        bench.clock.advance(by: .microseconds(microseconds * 9))
        #expect((8...9).contains(bench.model.sentCount))
        bench.clock.advance(by: .microseconds(microseconds * 2))
        #expect(bench.model.sentCount == 10)
    }

    @Test func `a command that a reset has cut off does not keep the management bus for ever`() throws {
        let bench = GENETBench()
        bench.model.isManagementCutOff = true
        try bench.device.start()
        bench.model.phy.connect()
        bench.maintain(seconds: 4)
        #expect(bench.device.link.isUp && bench.violations == [])
    }

    @Test func `a receiver that gets stuck on a quiet network is restarted`() throws {
        let bench = try GENETBench.linked()
        bench.model.wedgeReceiver()
        for number in 0..<40 { bench.model.receive(GENETBench.shortFrame(number)) }
        // The FIFO is full now. A DHCP server answers every now and then.
        for number in 0..<4 where bench.device.statistics.restarts == 0 {
            bench.model.receive(GENETBench.shortFrame(number))
            bench.maintain(seconds: 3)
        }
        #expect(bench.device.statistics.restarts == 1)
        bench.model.receive(GENETBench.frame(100))
        #expect(bench.take() == [GENETBench.frame(100)])
    }

    @Test func `a FIFO that overflows under load is counted, and is no stuck receiver`() throws {
        let bench = try GENETBench.linked(restful: true)
        bench.model.receiveTime = .microseconds(2)
        var taken = 0
        for round in 0..<20 {
            for number in 0..<100 { bench.model.receive(GENETBench.shortFrame(round * 100 + number)) }
            bench.clock.advance(by: .milliseconds(400))
            taken += bench.takeCount()
            _ = bench.device.maintain()
        }
        #expect(taken == 20 * 40 && bench.device.statistics.overruns == 20 * 60)
        #expect(bench.device.statistics.restarts == 0 && bench.violations == [])
    }

    @Test func `a gate that is closed lets nothing pass, although the link is up`() throws {
        let bench = try GENETBench.linked()
        bench.model.isGateOpen = false
        bench.model.receive(GENETBench.frame(100))
        try bench.send(GENETBench.frame(100))
        bench.drain()
        #expect(bench.device.link.isUp && bench.takeCount() == 0 && bench.model.sentCount == 0)
    }
}
