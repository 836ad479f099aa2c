import Interfaces
import Models
import SDHCI
import Testing

/// Power, voltage and clock: in the right order, for long enough, not too fast.
@Suite struct SDHCIPowerTests {
    @Test(arguments: [true, false])
    func `a card that answers nothing until its power was off gets it off: supply, clock and lines`(has1V8: Bool) throws
    {
        var options = CardBench.Options()
        options.has1V8 = has1V8
        let bench = CardBench(options)
        bench.card.needsPowerCycle = true
        bench.host.supplyIsAt1V8 = has1V8
        try bench.device.start()
        #expect(bench.device.mode == (has1V8 ? .ddr50 : .highSpeed))
        #expect(bench.violations == [])
    }

    @Test func `whatever fails, the card's supply is on in the end`() throws {
        for what in 0..<4 {
            var options = CardBench.Options()
            options.has1V8 = true
            let bench = CardBench(options)
            switch what {
            case 0: bench.card.getsStuckSwitchingVoltage = true
            case 1: bench.host.refuses1V8 = true
            case 2: bench.card.neverPowersUp = true
            default: bench.host.isClockStuck = true
            }
            try? bench.device.start()
            #expect(bench.host.supplyIsOn)
        }
    }

    @Test(arguments: [0, 500, 900])
    func `a card may take almost a millisecond to follow CMD11`(microseconds: UInt64) throws {
        let bench = try CardBench.at1V8 { $0.card.switchingDelay = .microseconds(microseconds) }
        #expect(bench.device.mode == .ddr50 && bench.card.isAt1V8)
    }

    @Test func `a card that follows CMD11 too late is used at 3,3 V`() throws {
        let bench = try CardBench.at1V8 { $0.card.switchingDelay = .milliseconds(20) }
        #expect(bench.device.mode == .highSpeed && !bench.card.isAt1V8 && !bench.host.supplyIsAt1V8)
        #expect(try bench.device.readBlocks(7, 1) == bench.card.content(7))
    }

    // MARK: - Rate

    @Test(
        arguments: [
            (0, 0, 0, 100_000_000, false), (0, 0, 200_000_000, 200_000_000, false),
            (0, 0, 100_000_000, 100_000_000, false), (200_000_000, 0, 100_000_000, 200_000_000, true),
            (0, 199_990_000, 100_000_000, 200_000_000, true),
            (100_000_000, 100_001_200, 100_000_000, 100_000_000, false),
            (100_000_000, 200_000_400, 100_000_000, 200_000_000, true),
        ] as [(UInt32, UInt32, UInt32, UInt32, Bool)])
    func `the base clock is the fastest the firmware names, or else what the controller says`(
        set: UInt32, measured: UInt32, stated: UInt32, rate: UInt32, isDoubtful: Bool
    ) {
        let clock = CardClock(set: set, measured: measured, stated: stated)
        #expect(clock.rate == rate && clock.isDoubtful == isDoubtful)
    }

    @Test(
        arguments: [100_000_000, 200_000_000] as [UInt32],
        [(true, true), (true, false), (false, true), (false, false)])
    func `no card gets a faster clock than it may, whatever the firmware leaves out`(
        real: UInt32, answers: (set: Bool, measured: Bool)
    ) throws {
        // Nobody says that it is 200 MHz: that cannot be known.
        if real == 200_000_000, !answers.set, !answers.measured { return }
        let clock = CardClock(
            set: answers.set ? real : 0, measured: answers.measured ? real + 300 : 0, stated: 100_000_000)
        let bench = CardBench(hostClock: real, baseClock: clock.rate)
        try bench.device.start()
        #expect(bench.device.mode == .highSpeed && bench.host.violations == [])
        #expect(bench.host.fastestClock > 48_000_000)
    }

    @Test func `the model's card does not hear a clock that is called slower than it is`() {
        let bench = CardBench(hostClock: 200_000_000, baseClock: 100_000_000)
        #expect(throws: BlockError(.absent)) { try bench.device.start() }
        #expect(bench.host.violations.contains("identification at 800000 Hz"))
    }

    // MARK: - Tuning

    @Test func `DDR50 is tuned`() throws {
        let bench = try CardBench.at1V8()
        #expect(bench.device.mode == .ddr50 && bench.card.commands.count { $0 == 19 } == 7)
    }

    @Test(arguments: [true, false])
    func `a card without tuning in DDR50 is used there if its data comes through`(isNarrow: Bool) throws {
        let bench = try CardBench.at1V8 {
            $0.card.tunesAtDDR50 = false
            $0.host.needsTuningAtDDR50 = isNarrow
        }
        #expect(bench.device.mode == (isNarrow ? .sdr50 : .ddr50))
        #expect(try bench.device.readBlocks(7, 1) == bench.card.content(7))
        #expect(bench.host.violations == [])
    }

    @Test func `data errors that come again and again lead down, one step at a time`() throws {
        let bench = try CardBench.at1V8()
        var modes: [BusMode] = [bench.device.mode]
        for block in 0..<40 as Range<UInt64> {
            bench.card.faults[block] = [.checksum]
            #expect(try bench.device.readBlocks(block, 1) == bench.card.content(block))
            if bench.device.mode != modes.last { modes.append(bench.device.mode) }
        }
        #expect(modes == [.ddr50, .sdr50, .highSpeed, .defaultSpeed])
        #expect(bench.host.violations == [])
    }

    @Test func `data errors far between do not`() throws {
        let bench = try CardBench.at1V8()
        for block in 0..<8 as Range<UInt64> {
            bench.card.faults[block] = [.checksum]
            for _ in 0..<1001 { _ = try bench.device.readBlocks(block, 1) }
        }
        #expect(bench.device.mode == .ddr50)
    }

    // MARK: - Registers

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `bits that mean nothing may be anything`(seed: UInt64) throws {
        let bench = try CardBench.at1V8(hasDMA: seed % 2 == 0) { $0.host.seed = seed }
        #expect(try bench.device.readBlocks(7, 3) == (7..<10).flatMap { bench.card.content($0) })
        #expect(bench.violations == [])
    }
}
