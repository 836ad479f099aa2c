import Interfaces
import Models
import SDHCI
import Testing

/// How long things may take, and who decides: the controller's own timeout clock, whatever its rate.
@Suite struct SDHCITimeTests {
    /// Capabilities of timeout clocks at 50 kHz, as on the board, at 1 MHz, and at 50 MHz, where three seconds cannot be counted.
    static let capabilities: [UInt32] = [0x45EE_6432, 0x45EE_6481, 0x45EE_64B2]

    private func bench(_ capabilities: UInt32, hasDMA: Bool) throws -> CardBench {
        var options = CardBench.Options()
        options.hasDMA = hasDMA
        let bench = CardBench(options)
        bench.host.capabilities = capabilities
        try bench.device.start()
        return bench
    }

    @Test(arguments: capabilities, [false, true])
    func `a card that is pulled in mid-read is noticed within two seconds`(capabilities: UInt32, hasDMA: Bool) throws {
        let bench = try bench(capabilities, hasDMA: hasDMA)
        bench.host.removesCardAtBlock = 3
        let duration = bench.time {
            #expect(throws: BlockError(.absent)) { _ = try bench.read(0, 8, at: 0) }
        }
        #expect(duration < .seconds(2))
    }

    @Test(arguments: capabilities, [false, true])
    func `a card that is pulled in mid-write is noticed within six seconds`(capabilities: UInt32, hasDMA: Bool) throws {
        let bench = try bench(capabilities, hasDMA: hasDMA)
        bench.host.removesCardAtBlock = 3
        let duration = bench.time {
            #expect(throws: BlockError.self) { try bench.write(0, pattern(8 * 512), at: 0) }
        }
        #expect(duration < .seconds(6))
    }

    @Test(arguments: capabilities, [1500, 2900])
    func `a card may be busy for three seconds, in the middle of a write and at its end`(
        capabilities: UInt32, milliseconds: Int
    ) throws {
        for (block, hasDMA) in [(12, false), (14, false), (12, true), (14, true)] as [(UInt64, Bool)] {
            let bench = try bench(capabilities, hasDMA: hasDMA)
            bench.card.stalls[block] = .milliseconds(UInt64(milliseconds))
            let data = pattern(5 * 512)
            try bench.write(10, data, at: 0)
            #expect((10..<15).flatMap { bench.card.content($0) } == data)
            #expect(bench.device.statistics.retries == 0 && bench.violations == [])
        }
    }

    @Test func `a card that is busy after the last block of all does not fail the flush`() throws {
        let bench = try bench(0x45EE_6432, hasDMA: true)
        bench.card.stalls[10] = .milliseconds(2900)
        try bench.write(10, pattern(512), at: 0)
        try bench.device.flush()
        #expect(bench.device.statistics.retries == 0)
    }

    @Test(arguments: 0...4)
    func `no wait stops the other tasks for a millisecond`(what: Int) throws {
        let bench = CardBench()
        if what == 0 { bench.host.card = nil }
        if what > 0 { try bench.device.start() }
        if what == 1 { bench.card.getsStuckBusy = true }
        if what == 2 { bench.host.removesCardAtBlock = 3 }
        if what == 3 { bench.card.stalls[5] = .milliseconds(900) }
        bench.clock.forgetSpins()
        switch what {
        case 0: try? bench.device.start()
        case 4: _ = try bench.device.readBlocks(0, 2048)
        default: try? bench.device.writeBlocks(0, pattern(8 * 512))
        }
        #expect(bench.clock.longestSpin < .milliseconds(1))
        #expect(bench.host.violations == [])
    }
}
