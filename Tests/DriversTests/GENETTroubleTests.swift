import GENET
import Interfaces
import Models
import Testing

/// What goes wrong: on the cable, in the device, in the order of things.
@Suite struct GENETTroubleTests {
    /// Whether the ring still works.
    private func turns(_ bench: GENETBench) -> Bool {
        let frame = GENETBench.frame(300, seed: 4242)
        bench.model.receive(frame)
        return bench.take() == [frame]
    }

    // MARK: - Bad frames

    @Test func `frames of every length are handed up or counted`() throws {
        let bench = try GENETBench.linked(restful: true)
        bench.device.isPromiscuous = true
        for length in 0...9000 {
            let before = bench.device.statistics
            let frame = length > 1518 ? [UInt8](repeating: 9, count: length) : GENETBench.frame(length)
            bench.model.receiveRaw(frame)
            let taken = bench.take()
            let after = bench.device.statistics
            if (60...1518).contains(length) {
                #expect(taken == [frame])
                #expect(after.receivedFrames == before.receivedFrames + 1 && after.receiveDrops == before.receiveDrops)
            } else {
                #expect(taken == [] && after.receivedFrames == before.receivedFrames)
                // One count for each piece.
                #expect(after.lengthErrors == before.lengthErrors + UInt64(max(1, (length + 1981) / 1982)))
            }
        }
        #expect(turns(bench) && bench.violations == [] && bench.device.spareBuffers == 64)
    }

    @Test func `a long frame from the cable is cut by the MAC and dropped`() throws {
        let bench = try GENETBench.linked()
        for length in [1519, 1532, 1533, 2000, 9000] { bench.model.receive(GENETBench.frame(length)) }
        #expect(bench.take() == [] && bench.device.statistics.lengthErrors == 5 && turns(bench))
    }

    @Test(arguments: 0..<32 as Range<UInt32>)
    func `every combination of error bits is counted once and dropped`(errors: UInt32) throws {
        let bench = try GENETBench.linked()
        bench.model.receive(GENETBench.frame(100), errors: errors)
        #expect(bench.take().count == (errors == 0 ? 1 : 0))
        let statistics = bench.device.statistics
        #expect(statistics.receiveDrops == (errors == 0 ? 0 : 1))
        switch errors {
        case 16...: #expect(statistics.lengthErrors == 1)
        case let bits where bits & 1 != 0: #expect(statistics.overruns == 1)
        case let bits where bits & 2 != 0: #expect(statistics.checksumErrors == 1)
        default: #expect(statistics.symbolErrors == (errors == 0 ? 0 : 1))
        }
        #expect(turns(bench) && bench.violations == [])
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `garbage in status blocks never reaches past a buffer`(seed: UInt64) throws {
        let bench = try GENETBench.linked(seed: seed)
        var generator = SeededGenerator(seed: seed)
        var handedUp: UInt64 = 0
        let before = bench.device.statistics.receiveDrops
        for _ in 0..<5000 {
            let word = UInt32(truncatingIfNeeded: generator.next())
            let status = word & 3 == 0 ? word & 0xFFFF_FFE0 | 0x6000 : word
            bench.model.receive([UInt8](repeating: 7, count: 1518), status: status)
            while let frame = bench.device.receive() {
                handedUp += 1
                #expect((60...1518).contains(frame.count))
            }
        }
        #expect(bench.device.statistics.receiveDrops - before + handedUp == 5000)
        #expect(handedUp > 0 && turns(bench) && bench.violations == [])
    }

    // MARK: - Rings

    @Test func `a full ring discards, counts it over more than 16 bits, and goes on`() throws {
        let bench = try GENETBench.linked(restful: true)
        var lost: UInt64 = 0
        for round in 0..<3 {
            for number in 0..<(256 + 30_000) {
                bench.model.receive(GENETBench.shortFrame(number))
            }
            lost += 30_000
            #expect(bench.take() == (0..<256).map { GENETBench.shortFrame($0) }, "round \(round)")
            _ = bench.take()
            #expect(bench.device.statistics.ringFull == lost)
        }
        #expect(turns(bench) && bench.violations == [])
    }

    @Test func `frames that are kept keep their bytes, and without spare buffers new ones are dropped`() throws {
        let bench = try GENETBench.linked(spare: 8)
        let keeper = Keeper()
        for number in 0..<20 {
            bench.model.receive(GENETBench.frame(200, seed: UInt64(number)))
            if let frame = bench.device.receive() { keeper.keep(frame) }
        }
        #expect(keeper.count == 8 && bench.device.statistics.noBuffer == 12 && bench.device.spareBuffers == 0)
        for number in 0..<300 {
            bench.model.receive(GENETBench.frame(1000, seed: UInt64(number)))
            #expect(bench.take() == [])
        }
        #expect(keeper.contents == (0..<8).map { GENETBench.frame(200, seed: UInt64($0)) })
        keeper.drop()
        #expect(bench.device.spareBuffers == 8 && turns(bench) && bench.violations == [])
    }

    @Test func `descriptors go back to the hardware in batches, and all of them when the ring runs dry`() throws {
        let bench = try GENETBench.linked(restful: true)
        let start = bench.model.read(0x300C)
        var given: [UInt32] = []
        for number in 0..<70 { bench.model.receive(GENETBench.shortFrame(number)) }
        for _ in 0..<70 {
            #expect(bench.takesOne())
            given.append((bench.model.read(0x300C) &- start) & 0xFFFF)
        }
        // The look at a frame that follows 32 others gives those back.
        let expected: [UInt32] = (0..<70).map { (number: UInt32) in number / 32 * 32 }
        #expect(given == expected)
        // Nothing is asked of the hardware before the frames it told of are used up.
        #expect(!bench.takesOne())
        #expect((bench.model.read(0x300C) &- start) & 0xFFFF == 70)
        bench.model.receive(GENETBench.shortFrame(0))
        #expect(bench.takesOne())
        #expect(bench.device.arm(.receive))
        #expect((bench.model.read(0x300C) &- start) & 0xFFFF == 71)
        bench.model.receive(GENETBench.shortFrame(0))
        #expect(bench.takesOne())
        _ = bench.device.maintain()
        #expect((bench.model.read(0x300C) &- start) & 0xFFFF == 72)
    }

    @Test func `bad frames without end let others have their turn`() throws {
        let bench = try GENETBench.linked(restful: true)
        for _ in 0..<256 { bench.model.receive(GENETBench.frame(100), errors: 2) }
        #expect(!bench.takesOne())
        #expect(bench.device.statistics.checksumErrors == 256)
        bench.model.receive(GENETBench.frame(100))
        #expect(!bench.device.arm(.receive))
        #expect(bench.take() == [GENETBench.frame(100)])
    }

    @Test func `a full transmit ring refuses, and its interrupt tells of room`() throws {
        let bench = try GENETBench.linked()
        bench.model.isTransmitterStuck = true
        for number in 0..<255 { try bench.send(GENETBench.frame(80, seed: UInt64(number))) }
        #expect(throws: NetworkError.full) { try bench.send(GENETBench.frame(80)) }
        #expect(bench.device.statistics.transmitRingFull == 1)
        #expect(bench.device.arm(.transmit))
        bench.model.isTransmitterStuck = false
        bench.model.transmitAgain()
        bench.clock.advance(by: .milliseconds(1))
        #expect(bench.model.isInterrupting && bench.device.takeInterrupts().contains(.transmit))
        #expect(!bench.model.isInterrupting && !bench.device.arm(.transmit))
        #expect(bench.model.sent == (0..<255).map { GENETBench.frame(80, seed: UInt64($0)) })
    }

    @Test(arguments: [0, 13, 14, 59, 60, 1518, 1519, 9000])
    func `lengths to send are checked, and short frames padded with zeros`(length: Int) throws {
        let bench = try GENETBench.linked()
        let frame = GENETBench.frame(length)
        guard (14...1518).contains(length) else {
            #expect(throws: NetworkError.length) { try bench.send(frame) }
            return
        }
        // Into a buffer that was used before.
        for _ in 0..<300 {
            try bench.send(frame)
            bench.clock.advance(by: .microseconds(15))
        }
        let padding = [UInt8](repeating: 0, count: max(0, 60 - length))
        #expect(bench.model.sent.allSatisfy { $0 == frame + padding })
        #expect(bench.violations == [])
    }

    // MARK: - Watchdogs

    @Test func `a stuck transmitter is noticed and restarted, and keeps no frame`() throws {
        let bench = try GENETBench.linked()
        let keeper = Keeper()
        bench.model.receive(GENETBench.frame(70))
        if let frame = bench.device.receive() { keeper.keep(frame) }
        bench.model.isTransmitterStuck = true
        for _ in 0..<10 { try bench.send(GENETBench.frame(80)) }
        bench.maintain(seconds: 5)
        #expect(bench.device.statistics.restarts == 1 && bench.device.statistics.transmitAbandoned == 10)
        #expect(bench.device.link.isUp)
        try bench.send(GENETBench.frame(90))
        bench.clock.advance(by: .milliseconds(1))
        #expect(bench.model.sent == [GENETBench.frame(90)])
        #expect(keeper.contents == [GENETBench.frame(70)])
        keeper.drop()
        #expect(turns(bench) && bench.device.spareBuffers == 64 && bench.violations == [])
    }

    @Test func `late maintenance finds no stuck transmitter where there is none`() throws {
        let bench = try GENETBench.linked()
        for _ in 0..<20 {
            bench.clock.advance(by: .seconds(10))
            try bench.send(GENETBench.frame(80))
            _ = bench.device.maintain()
        }
        #expect(bench.device.statistics.restarts == 0)
    }

    @Test func `a wedged receiver is restarted`() throws {
        let bench = try GENETBench.linked()
        bench.model.wedgeReceiver()
        for _ in 0..<8 {
            for number in 0..<50 { bench.model.receive(GENETBench.frame(80, seed: UInt64(number))) }
            bench.maintain(seconds: 1)
            _ = bench.take()
        }
        #expect(bench.device.statistics.restarts == 1 && bench.device.statistics.overruns > 0)
        _ = bench.take()
        #expect(turns(bench))
    }

    @Test(arguments: [0x3008, 0x5008])
    func `an index that cannot be true restarts the device`(offset: Int) throws {
        let bench = try GENETBench.linked()
        bench.model.corruptIndex(at: offset, by: 0x4000)
        #expect(bench.take() == [])
        bench.maintain(seconds: 2)
        #expect(bench.device.statistics.restarts == 1 && turns(bench))
        try bench.send(GENETBench.frame(90))
        bench.clock.advance(by: .milliseconds(1))
        #expect(bench.model.sent == [GENETBench.frame(90)] && bench.violations == [])
    }

    @Test func `a restart that fails is tried again`() throws {
        let bench = try GENETBench.linked()
        bench.model.corruptIndex(at: 0x3008, by: 0x4000)
        bench.model.isStopStuck = true
        _ = bench.take()
        bench.maintain(seconds: 3)
        #expect(throws: NetworkError.stopped) { try bench.send(GENETBench.frame(90)) }
        bench.model.isStopStuck = false
        bench.maintain(seconds: 2)
        #expect(bench.device.statistics.restarts > 1 && turns(bench))
    }
}

/// Holds frames, as a slow consumer does.
final class Keeper {
    private final class Box {
        let frame: ReceivedFrame
        init(_ frame: consuming ReceivedFrame) { self.frame = frame }
    }

    private var frames: [Box] = []
    var count: Int { frames.count }
    var contents: [[UInt8]] { frames.map { $0.frame.content } }

    func keep(_ frame: consuming ReceivedFrame) { frames.append(Box(frame)) }
    /// Lets go of the frame at `index`.
    func drop(_ index: Int) { frames.remove(at: index) }
    /// Lets go of all.
    func drop() { frames = [] }
}
