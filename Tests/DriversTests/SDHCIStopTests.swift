import Interfaces
import Models
import SDHCI
import Testing

/// Leaving the card before a reset, from an orderly end and from a crash.
@Suite struct SDHCIStopTests {
    @Test(arguments: [false, true], [false, true])
    func `a stopped card has written everything, and is back at 3,3 V`(has1V8: Bool, hasDMA: Bool) throws {
        let bench = has1V8 ? try CardBench.at1V8(hasDMA: hasDMA) : try CardBench.started()
        bench.card.stalls[12] = .milliseconds(1500)
        try bench.write(10, pattern(3 * 512), at: 0)
        bench.device.stop()
        #expect(!bench.card.isBusy(at: bench.clock.now) && bench.card.timesCutOff == 0)
        #expect(!bench.card.isAt1V8 && !bench.host.supplyIsAt1V8 && bench.host.cardClock == 0)
        #expect(throws: BlockError(.absent)) { try bench.device.readBlocks(0, 1) }
        try bench.device.start()
        #expect(try bench.device.readBlocks(10, 3) == pattern(3 * 512))
    }

    /// Stops the card at `moment` of a write of 64 blocks: `crash` runs as an event of the clock, in the middle of whatever the driver waits for.
    private func interruptWrite(_ bench: CardBench, at moment: Interval, _ crash: @escaping () -> Void) {
        bench.clock.schedule(after: moment, crash)
        _ = try? bench.write(100, pattern(64 * 512), at: 0)
    }

    @Test(arguments: 0..<40, [false, true])
    func `after a crash anywhere in a write the card is at rest before its power may go`(step: Int, hasDMA: Bool) throws
    {
        var options = CardBench.Options()
        options.hasDMA = hasDMA
        let bench = CardBench(options)
        try bench.device.start()
        bench.card.programmingTime = .microseconds(900)
        var isAtRest: Bool?
        interruptWrite(bench, at: .microseconds(UInt64(step) * 700)) {
            guard isAtRest == nil else { return }
            isAtRest = bench.device.quiesce(on: bench.clock)
            #expect(!bench.card.isBusy(at: bench.clock.now))
            #expect(bench.card.state == .transfer || bench.card.state == .standby)
        }
        #expect(isAtRest == true)
        #expect(bench.clock.longestSpin > .nanoseconds(0))
    }

    @Test func `a card that is busy for ever keeps a reset waiting for seven seconds at most`() throws {
        let bench = try CardBench.started()
        bench.card.getsStuckBusy = true
        let duration = bench.time {
            _ = try? bench.device.writeBlocks(0, pattern(512))
        }
        #expect(duration < .seconds(60))
        let waiting = bench.time { _ = bench.device.quiesce(on: bench.clock) }
        #expect(waiting < .seconds(7))
    }

    @Test(arguments: 0..<30, [false, true])
    func `stop waits for another task's call, whole commands and all, and what comes after it is refused`(
        step: Int, hasDMA: Bool
    ) throws {
        var options = CardBench.Options()
        options.hasDMA = hasDMA
        options.has1V8 = true
        let bench = CardBench(options)
        try bench.device.start()
        bench.card.programmingTime = .microseconds(900)
        let data = pattern(64 * 512)
        // The other task is the one whose wait this happens in: it cannot go on before stop returns, and stop has waited in vain.
        bench.clock.schedule(after: .microseconds(UInt64(step) * 700)) { bench.device.stop() }
        let isDone = (try? bench.write(100, data, at: 0)) != nil
        #expect(isDone || bench.device.card == nil)
        #expect(bench.card.timesCutOff == 0)
        #expect(!bench.host.supplyIsAt1V8 && bench.host.cardClock == 0)
        #expect(throws: BlockError(.absent)) { try bench.device.readBlocks(0, 1) }
    }
}
