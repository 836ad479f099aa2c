import Interfaces
import Models
import SDHCI
import Testing

/// What the board says about the controller's view of memory, and what is made of it.
@Suite struct SDHCITrustTests {
    static let b0 = DMAWindow(physical: 0..<0x4000_0000, bus: 0xC000_0000)
    static let c0 = DMAWindow(physical: 0..<0xFC00_0000, bus: 0)

    private func bench(told: DMAWindow, real: DMAWindow) throws -> CardBench {
        var options = CardBench.Options()
        options.hasDMA = true
        options.window = told
        let bench = CardBench(options)
        bench.host.window = real
        bench.host.hasForeignMemory = true
        try bench.device.start()
        return bench
    }

    @Test(arguments: [(b0, b0), (c0, c0)] as [(DMAWindow, DMAWindow)])
    func `a window that is right is used`(told: DMAWindow, real: DMAWindow) throws {
        let bench = try bench(told: told, real: real)
        #expect(bench.device.usesDMA && !bench.device.distrustsDMA)
        #expect(bench.host.foreignWrites == 0 && bench.violations == [])
    }

    @Test(arguments: [(b0, c0), (c0, b0)] as [(DMAWindow, DMAWindow)])
    func `a window that is wrong ends in the port, with the right bytes, and nothing is written elsewhere`(
        told: DMAWindow, real: DMAWindow
    ) throws {
        let bench = try bench(told: told, real: real)
        #expect(!bench.device.usesDMA && bench.device.distrustsDMA)
        let data = pattern(20 * 512)
        try bench.write(30, data, at: 100)
        #expect((30..<50).flatMap { bench.card.content($0) } == data)
        #expect(try bench.read(30, 20, at: 20_000) == data)
        #expect(bench.host.foreignWrites == 0)
    }

    @Test(arguments: [1, 2, 3])
    func `a controller that leaves the data where it was is not believed`(times: Int) throws {
        var options = CardBench.Options()
        options.hasDMA = true
        let bench = CardBench(options)
        bench.host.misplacedTransfers = times
        try bench.device.start()
        #expect(bench.device.usesDMA == (times < 2))
        #expect(try bench.read(30, 20, at: 0) == (30..<50).flatMap { bench.card.content($0) })
        #expect(bench.violations == [])
    }

    @Test func `the driver's memory may be as dirty as whoever made it left it`() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let bench = try CardBench.withDMA {
                $0.seed = seed
                $0.restlessness = 64
            }
            #expect(try bench.device.readBlocks(5, 100) == (5..<105).flatMap { bench.card.content($0) })
            #expect(try bench.read(5, 8, at: 4) == (5..<13).flatMap { bench.card.content($0) })
            #expect(bench.violations == [])
        }
    }
}
