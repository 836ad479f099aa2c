import GENET
import Interfaces
import Models
import Testing

/// The driver under random orders of interrupts, frames and software, and over a long time.
@Suite struct GENETScheduleTests {
    /// The network task: sleeps until its interrupt, as the contract's loop does.
    private final class NetworkTask {
        let bench: GENETBench
        let keeper = Keeper()
        var isAwake = true
        var received: [[UInt8]] = []
        var wakes = 0

        init(_ bench: GENETBench) {
            self.bench = bench
            bench.model.onInterrupt = { [weak self] in
                guard let self else { return }
                if !bench.device.takeInterrupts().isEmpty { isAwake = true }
            }
        }

        /// Runs if it was woken, `limit` frames long at most; then it stays awake. Every other frame is kept when `keeps`.
        func run(limit: Int = .max, keeps: Bool = false) {
            if !isAwake { return }
            isAwake = false
            wakes += 1
            var left = limit
            repeat {
                while left > 0, let frame = bench.device.receive() {
                    left -= 1
                    received.append(frame.content)
                    if keeps && received.count % 2 == 0 { keeper.keep(frame) }
                }
                if left == 0 {
                    isAwake = true
                    return
                }
            } while !bench.device.arm(.receive)
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `in any order no frame is lost, changed or overtaken, and no wake-up missed`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bench = try GENETBench.linked(spare: 128, isNetbooted: seed % 2 == 0, seed: seed)
        let task = NetworkTask(bench)
        task.run()
        var expected: [[UInt8]] = []
        var sent: [[UInt8]] = []
        for step in 0..<2500 {
            switch generator.next() % 8 {
            case 0, 1, 2:
                let frame = GENETBench.frame(Int(60 + generator.next() % 400), seed: generator.next())
                expected.append(frame)
                bench.model.receive(frame)
            case 3:
                // A frame in the middle of whatever the driver does next.
                let frame = GENETBench.frame(64, seed: generator.next())
                let delay = generator.next() % 4000
                bench.clock.schedule(after: .nanoseconds(delay)) {
                    expected.append(frame)
                    bench.model.receive(frame)
                }
            case 4:
                let frame = GENETBench.frame(Int(60 + generator.next() % 1400), seed: UInt64(step))
                do throws(NetworkError) {
                    try bench.send(frame)
                    sent.append(frame)
                } catch { #expect(error == .full) }
            case 5: bench.clock.advance(by: .nanoseconds(generator.next() % 50_000))
            case 6:
                task.run(limit: Int(1 + generator.next() % 80), keeps: true)
                while task.keeper.count > Int(generator.next() % 64) {
                    task.keeper.drop(Int(generator.next() % UInt64(task.keeper.count)))
                }
            default: if generator.next() % 100 == 0 { _ = bench.device.maintain() }
            }
            // Not more than the ring can hold.
            if expected.count - task.received.count > 200 { task.run() }
        }
        // Time alone must bring everything: a coalescing interrupt, and the task it wakes.
        for _ in 0..<20 {
            bench.clock.advance(by: .milliseconds(1))
            task.run()
        }
        #expect(task.received == expected)
        #expect(bench.model.sent == sent)
        task.keeper.drop()
        #expect(bench.device.spareBuffers == 128 && bench.violations == [])
        bench.model.onInterrupt = nil
    }

    @Test func `under load there is at most one interrupt for a batch`() throws {
        let bench = try GENETBench.linked(spare: 128)
        let task = NetworkTask(bench)
        task.run()
        let before = bench.model.interruptsRaised
        let wakes = task.wakes
        // A frame every 0.7 us, the task every 20 us.
        for number in 0..<20_000 {
            bench.model.receive(GENETBench.shortFrame(number))
            bench.clock.advance(by: .nanoseconds(700))
            if number % 30 == 29 { task.run() }
        }
        #expect(bench.model.interruptsRaised - before <= task.wakes - wakes + 1)
        #expect(task.received.count > 19_900)
        bench.model.onInterrupt = nil
    }

    @Test func `a frame at any moment between the last look and the sleep wakes the task`() throws {
        let bench = try GENETBench.linked(threshold: 1)
        let task = NetworkTask(bench)
        task.run()
        for delay in stride(from: UInt64(0), to: 2000, by: 20) {
            let before = task.received.count
            bench.clock.schedule(after: .nanoseconds(delay)) { bench.model.receive(GENETBench.shortFrame(1)) }
            // The frame that woke the task, and silenced the interrupt.
            bench.model.receive(GENETBench.shortFrame(0))
            #expect(task.isAwake)
            task.run()
            bench.clock.advance(by: .milliseconds(1))
            task.run()
            #expect(task.received.count == before + 2, "after \(delay) ns")
        }
        bench.model.onInterrupt = nil
    }

    @Test func `a single frame interrupts after the timeout`() throws {
        let bench = try GENETBench.linked()
        let task = NetworkTask(bench)
        task.run()
        bench.model.receive(GENETBench.frame(60))
        #expect(!task.isAwake)
        bench.clock.advance(by: .microseconds(60))
        #expect(task.isAwake)
        bench.model.onInterrupt = nil
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `a day of link flaps, stuck transmitters, wedged receivers and restarts leaks no buffer`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bench = try GENETBench.linked(spare: 32, seed: seed)
        bench.model.keepsSent = false
        let keeper = Keeper()
        let day = bench.clock.now + .seconds(24 * 3600)
        let modes: [(UInt16, UInt16)] = [(0x4DE1, 0x0800), (0x45E1, 0), (0x40A1, 0), (0x4021, 0)]
        while bench.clock.now < day {
            switch generator.next() % 16 {
            case 0: bench.model.phy.disconnect()
            case 1, 2:
                let mode = modes[Int(generator.next() % 4)]
                bench.model.phy.connect(abilities: mode.0, gigabit: mode.1)
            case 3: bench.model.isTransmitterStuck = true
            case 4: bench.model.wedgeReceiver()
            case 5: bench.model.corruptIndex(at: generator.next() % 2 == 0 ? 0x3008 : 0x5008, by: 0x5000)
            case 6: bench.model.managementFailures = Int(generator.next() % 5)
            case 7: if keeper.count > 0 { keeper.drop(0) }
            case 8:
                try bench.device.stop()
                try bench.device.start()
            default: break
            }
            for number in 0..<Int(generator.next() % 8) {
                bench.model.receive(GENETBench.shortFrame(number))
                try? bench.send(GENETBench.shortFrame(number))
            }
            while let frame = bench.device.receive() { if frame.content[6] == 3 { keeper.keep(frame) } }
            bench.maintain(seconds: 1 + generator.next() % 60)
        }
        #expect(keeper.contents.allSatisfy { $0 == GENETBench.shortFrame(3) })
        keeper.drop()
        let statistics = bench.device.statistics
        #expect(statistics.restarts > 100 && statistics.linksUp > 100 && statistics.receivedFrames > 100)
        #expect(bench.device.spareBuffers == 32)
        // And it still works.
        bench.model.isTransmitterStuck = false
        bench.model.managementFailures = 0
        bench.model.phy.connect()
        bench.maintain(seconds: 10)
        _ = bench.take()
        bench.model.receive(GENETBench.frame(200))
        #expect(bench.take() == [GENETBench.frame(200)])
        #expect(bench.violations == [])
    }

    // MARK: - The checks check

    /// Memory whose owner forgets one of the two operations.
    private struct ForgetfulMemory: DMAMemory {
        let memory: CoherentArenaModel
        let cleans: Bool
        let invalidates: Bool

        var bytes: UnsafeMutableRawBufferPointer { unsafe memory.bytes }
        var physicalAddress: UInt64 { memory.physicalAddress }
        func clean(_ range: Range<Int>) { if cleans { memory.clean(range) } }
        func invalidate(_ range: Range<Int>) { if invalidates { memory.invalidate(range) } }
    }

    @Test(arguments: [(true, true), (false, true), (true, false)])
    func `a forgotten cache operation is caught`(cleans: Bool, invalidates: Bool) throws {
        let clock = VirtualClock()
        let memory = CoherentArenaModel(count: ModelGENET.memorySize(spareBuffers: 8))
        let model = GENETModel(clock, memory: memory)
        let forgetful = ForgetfulMemory(memory: memory, cleans: cleans, invalidates: invalidates)
        let phy = ModelPHY(GENETManagementBus(model, time: clock), time: clock)
        let device = GENET(model, time: clock, memory: forgetful, phy: phy, address: GENETBench.address)
        try device.start()
        model.phy.connect()
        for _ in 0..<20 { clock.wait(until: device.maintain()) }
        let frame = GENETBench.frame(1000)
        try device.transmit(1000) { span in
            for index in 0..<1000 { span.storeBytes(of: frame[index], toByteOffset: index, as: UInt8.self) }
        }
        model.receive(frame)
        var received: [UInt8] = []
        clock.advance(by: .milliseconds(1))
        if let frame = device.receive() { received = frame.content }
        let isSound = received == frame && model.sent == [frame] && memory.violations == []
        #expect(isSound == (cleans && invalidates))
        try device.stop()
    }
}
