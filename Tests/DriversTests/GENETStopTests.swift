import BCM54213PE
import GENET
import Interfaces
import Models
import Testing

/// A clock on which other tasks run while a driver waits.
private final class SharedClock: Clock {
    let base: VirtualClock
    /// Waits so far, and what happens in the middle of one.
    var waits = 0
    var other: ((Int) -> Void)?

    init(_ base: VirtualClock) { self.base = base }

    var now: Instant { base.now }

    func wait(until deadline: Instant) {
        waits += 1
        let number = waits
        if let other {
            // Half of the wait before, half after.
            base.advance(by: .nanoseconds((max(deadline, now) - now).nanoseconds / 2))
            self.other = nil
            other(number)
            self.other = other
        }
        base.wait(until: max(deadline, now))
    }
}

private typealias SharedGENET = GENET<
    GENETModel, SharedClock, CoherentArenaModel, BCM54213PE<GENETManagementBus<GENETModel, SharedClock>, SharedClock>
>

/// A bench whose driver waits on a `SharedClock`.
private final class SharedBench {
    let clock: SharedClock
    let memory: CoherentArenaModel
    let model: GENETModel
    let device: SharedGENET

    init(seed: UInt64 = 1) {
        let base = VirtualClock()
        clock = SharedClock(base)
        memory = CoherentArenaModel(count: SharedGENET.memorySize(spareBuffers: 16), seed: seed)
        model = GENETModel(base, memory: memory, seed: seed)
        let phy = BCM54213PE(GENETManagementBus(model, time: clock), time: clock)
        device = GENET(model, time: clock, memory: memory, phy: phy, address: GENETBench.address)
    }

    deinit { try? device.stop() }

    func maintain(seconds: UInt64) {
        let end = clock.now + .seconds(seconds)
        while clock.now < end { clock.base.wait(until: min(device.maintain(), end)) }
    }

    /// Does `work`, in whose wait number `number` another task stops the device. Whether there was such a wait; nothing is enabled
    /// afterwards, and no frame gets through.
    func isStopped(inWait number: Int, of work: () -> Void) -> Bool {
        var enables: Int?
        let first = clock.waits
        clock.other = { [unowned self] count in
            if count - first != number { return }
            #expect(throws: Never.self) { try self.device.stop() }
            enables = self.model.enables
        }
        work()
        clock.other = nil
        guard let enables else { return false }
        #expect(model.enables == enables, "wait \(number)")
        #expect(model.read(0x3044) & 1 == 0 && model.read(0x5044) & 1 == 0 && model.read(0x20C) == .max)
        let writes = model.memoryWrites
        model.receive(GENETBench.frame(100))
        clock.base.advance(by: .seconds(1))
        #expect(model.memoryWrites == writes && device.maintain() == .never)
        return true
    }

    var takesOne: Bool { device.receive() != nil }

    var works: Bool {
        maintain(seconds: 8)
        model.receive(GENETBench.frame(100))
        var count = 0
        while device.receive() != nil { count += 1 }
        return device.link.isUp && count == 1
    }
}

/// `stop`, called by another task while this one waits inside the driver; and two tasks that talk to the PHY.
@Suite struct GENETStopTests {
    @Test func `a stop in any wait of a start is not undone`() throws {
        var number = 1
        while true {
            let bench = SharedBench()
            var error: DeviceError?
            let happened = bench.isStopped(inWait: number) {
                do throws(DeviceError) { try bench.device.start() } catch let thrown { error = thrown }
            }
            if !happened { break }
            #expect(error == .invalid(""), "wait \(number)")
            try bench.device.start()
            bench.model.phy.connect()
            #expect(bench.works)
            number += 1
        }
        #expect(number > 20)
    }

    @Test func `a stop in any wait of a restart is not undone`() throws {
        var number = 1
        while true {
            let bench = SharedBench()
            try bench.device.start()
            bench.model.phy.connect()
            bench.maintain(seconds: 4)
            bench.model.corruptIndex(at: 0x3008, by: 0x4000)
            #expect(!bench.takesOne)
            if !bench.isStopped(inWait: number, of: { _ = bench.device.maintain() }) { break }
            try bench.device.start()
            #expect(bench.works)
            number += 1
        }
        #expect(number > 10)
    }

    @Test func `a stop in any wait of the link's coming up is not undone`() throws {
        var number = 1
        while true {
            let bench = SharedBench()
            try bench.device.start()
            bench.model.phy.connect()
            bench.clock.base.advance(by: .seconds(4))
            if !bench.isStopped(inWait: number, of: { _ = bench.device.maintain() }) { break }
            #expect(!bench.device.link.isUp)
            try bench.device.start()
            #expect(bench.works)
            number += 1
        }
        #expect(number > 5)
    }

    @Test func `a stop under way is not undone by maintenance in any of its waits`() throws {
        let bench = SharedBench()
        try bench.device.start()
        bench.model.phy.connect()
        bench.maintain(seconds: 4)
        bench.model.corruptIndex(at: 0x3008, by: 0x4000)
        #expect(!bench.takesOne)
        let enables = bench.model.enables
        bench.clock.other = { [unowned bench] _ in #expect(bench.device.maintain() == .never) }
        try bench.device.stop()
        bench.clock.other = nil
        #expect(bench.model.enables == enables && bench.device.statistics.restarts == 0)
        #expect(bench.model.read(0x3044) & 1 == 0 && bench.model.read(0x5044) & 1 == 0)
    }

    @Test func `a look at a register in any wait of maintenance finds that register, and the link stays`() throws {
        let bench = SharedBench()
        try bench.device.start()
        bench.model.phy.connect()
        var looks = 0
        bench.clock.other = { [unowned bench] _ in
            let value = try? bench.device.withPHY { phy throws(DeviceError) in try phy.register(2) }
            if let value {
                looks += 1
                #expect(value == 0x600D)
            }
        }
        // Time is what the waits take, and what the other task adds.
        bench.maintain(seconds: 20)
        #expect(
            bench.device.link.isUp && bench.device.statistics.linksDown == 0 && bench.device.statistics.phyErrors == 0)
        bench.clock.other = nil
        // Now the other way round: the network's task comes while a look goes on.
        bench.clock.other = { [unowned bench] _ in _ = bench.device.maintain() }
        for _ in 0..<20 {
            let value = try bench.device.withPHY { phy throws(DeviceError) in try phy.register(3) }
            #expect(value == 0x84A2)
        }
        bench.clock.other = nil
        #expect(bench.device.link.isUp && bench.device.statistics.phyErrors == 0 && bench.model.violations == [])
        _ = looks
    }
}
