import Interfaces
import Models
import SDHCI
import Testing

/// 1.8 V, tuning, falling back; the card that comes and goes.
@Suite struct SDHCISpeedTests {
    @Test(arguments: [false, true])
    func `card, controller and board that agree talk at DDR50`(hasDMA: Bool) throws {
        let bench = try CardBench.at1V8(hasDMA: hasDMA)
        #expect(bench.device.mode == .ddr50 && bench.device.clockRate == 50_000_000)
        let data = pattern(64 * 512)
        try bench.write(9, data, at: 0)
        #expect(try bench.read(9, 64, at: 0) == data)
        #expect(bench.violations == [] && bench.host.lostWrites == 0)
    }

    @Test(
        arguments: [
            (0b1_1111, 0xA521, .sdr50, 100_000_000), (0b0_0111, 0xA525, .sdr50, 100_000_000),
            (0b0_0011, 0xA525, .sdr25, 50_000_000), (0b0_0001, 0xA525, .sdr12, 25_000_000),
            (0b1_1111, 0xA520, .highSpeed, 50_000_000), (0b1_0001, 0xA524, .ddr50, 50_000_000),
        ] as [(UInt16, UInt32, BusMode, UInt32)])
    func `the fastest mode that both have is taken`(
        card: UInt16, host: UInt32, mode: BusMode, rate: UInt32
    ) throws {
        let bench = try CardBench.at1V8 {
            $0.card.functions = card
            $0.host.speedCapabilities = host
        }
        #expect(bench.device.mode == mode && bench.device.clockRate == rate)
        #expect(try bench.device.readBlocks(3, 4) == (3..<7).flatMap { bench.card.content($0) })
        #expect(bench.host.violations == [])
    }

    @Test func `without the board's line for it nobody goes to 1.8 V`() throws {
        let bench = CardBench()
        bench.card.has1V8 = true
        try bench.device.start()
        #expect(bench.device.mode == .highSpeed && !bench.card.commands.contains(11))
    }

    @Test(arguments: [0, 1, 2])
    func `a switch of voltage that fails ends at 3.3 V, high speed`(what: Int) throws {
        let bench = try CardBench.at1V8 {
            switch what {
            case 0: $0.card.getsStuckSwitchingVoltage = true
            case 1: $0.host.refuses1V8 = true
            default: $0.card.silences[11] = 1
            }
        }
        // A command that is lost is only worth another attempt.
        #expect(bench.device.mode == (what == 2 ? .ddr50 : .highSpeed))
        #expect(try bench.device.readBlocks(7, 1) == bench.card.content(7))
        #expect(bench.host.violations == [])
    }

    @Test func `SDR50 is tuned, and DDR50 through which nothing comes falls back to it or to high speed`() throws {
        let tuned = try CardBench.at1V8 { $0.card.functions = 0b0_0111 }
        #expect(tuned.card.commands.count { $0 == 19 } == 7)
        let bench = try CardBench.at1V8 { $0.card.cleanUpToByFunction[4] = 25_000_000 }
        #expect(bench.device.mode == .sdr50)
        let hopeless = try CardBench.at1V8 { $0.card.cleanUpToByFunction[4] = 1_000_000 }
        #expect(hopeless.device.mode == .highSpeed)
        #expect(try hopeless.device.readBlocks(7, 1) == hopeless.card.content(7))
    }

    @Test func `a sampling clock that is never found leads to a slower mode`() throws {
        let bench = try CardBench.at1V8 {
            $0.card.functions = 0b0_0111
            $0.host.tuningBlocks = 99
        }
        #expect(bench.device.mode == .sdr25)
        #expect(try bench.device.readBlocks(7, 1) == bench.card.content(7))
        #expect(bench.host.violations == [])
    }

    @Test func `an error at SDR50 is answered by tuning, the next by 3.3 V, the next by 25 MHz`() throws {
        for (times, mode) in [(1, BusMode.sdr50), (2, .highSpeed), (3, .defaultSpeed)] {
            let bench = try CardBench.at1V8 { $0.card.functions = 0b0_0111 }
            bench.card.faults[5] = Array(repeating: .checksum, count: times)
            let tunings = bench.card.commands.count { $0 == 19 }
            #expect(try bench.device.readBlocks(4, 3) == (4..<7).flatMap { bench.card.content($0) })
            #expect(bench.device.mode == mode)
            #expect(bench.card.commands.count { $0 == 19 } > tunings)
            #expect(bench.device.statistics.retries == UInt64(times) && bench.host.violations == [])
        }
    }

    @Test func `a stopped card is back at 3.3 V, where the boot ROM finds it`() throws {
        let bench = try CardBench.at1V8()
        bench.device.stop()
        #expect(!bench.card.isAt1V8 && !bench.host.supplyIsAt1V8 && bench.host.cardClock == 0)
    }

    // MARK: - Presence

    @Test func `a card that stays is found unchanged by one command`() throws {
        let bench = try CardBench.started()
        let commands = bench.card.commands.count
        #expect(bench.device.presence() == .unchanged)
        #expect(bench.card.commands.count == commands + 1)
        bench.card.silences[13] = 1
        #expect(bench.device.presence() == .unchanged)
    }

    @Test func `a card that goes is absent, and one that comes, even the same, waits for a start`() throws {
        let bench = try CardBench.started()
        bench.host.card = nil
        #expect(bench.device.presence() == .absent)
        #expect(bench.device.presence() == .absent)
        bench.card.cyclePower()
        bench.host.card = bench.card
        #expect(bench.device.presence() == .inserted)
        #expect(throws: BlockError(.absent)) { try bench.device.readBlocks(0, 1) }
        try bench.device.start()
        #expect(bench.device.presence() == .unchanged)
    }

    @Test func `another card in the slot is an inserted one`() throws {
        let bench = try CardBench.started()
        let other = SDCardModel(.highCapacity, blockCount: 2048)
        other.serialNumber = 0x9999
        bench.host.card = other
        #expect(bench.device.presence() == .inserted)
        #expect(bench.device.card == nil)
    }

    @Test func `both kinds of write protection are told apart`() throws {
        for isPermanent in [true, false] {
            let bench = CardBench()
            if isPermanent { bench.card.isPermanentlyWriteProtected = true } else { bench.card.isWriteProtected = true }
            try bench.device.start()
            let card = try #require(bench.device.card)
            #expect(card.specificData.isPermanentlyWriteProtected == isPermanent)
            #expect(card.specificData.isTemporarilyWriteProtected == !isPermanent)
            #expect(bench.device.geometry.isReadOnly)
        }
    }

    @Test func `registers are given as the card sent them`() throws {
        let card = try #require(try CardBench.started().device.card)
        #expect(card.identity.words[3] == 0x0353_4441)
        #expect(card.identity.words[0] & 0xFF == 0)
        #expect(card.specificData.words[3] >> 30 == 1)
        #expect(card.operatingConditions >> 31 == 1 && card.address != 0)
    }
}
