import Interfaces
import Models
import SDHCI
import Testing

/// Cards that are known to be wrong in a way of their own.
@Suite struct SDHCIQuirkTests {
    @Test(arguments: [SDCardModel.Maker.atp, .apacer, .canvas], [false, true])
    func `a card that CMD23 locks up is never sent it`(maker: SDCardModel.Maker, hasDMA: Bool) throws {
        var options = CardBench.Options()
        options.hasDMA = hasDMA
        let bench = CardBench(options)
        bench.card.maker = maker
        try bench.device.start()
        let data = pattern(8 * 512)
        try bench.write(40, data, at: 0)
        #expect(try bench.read(40, 8, at: 0) == data)
        #expect(!bench.card.commands.contains(23) && bench.card.commands.contains(12))
        #expect(bench.device.statistics.retries == 0 && bench.violations == [])
    }

    @Test func `the model of such a card does lock up`() {
        let card = SDCardModel()
        card.maker = .atp
        #expect(card.locksUpOnBlockCount)
        card.maker = .apus
        #expect(!card.locksUpOnBlockCount)
    }

    @Test(arguments: [0..<64, 8191..<24577, 8192..<16384, 8193..<16384, 100..<8192] as [Range<UInt64>])
    func `a card that small erases damage is erased by whole allocation units`(range: Range<UInt64>) throws {
        let bench = CardBench()
        bench.card.maker = .kingston
        try bench.device.start()
        let around: [UInt64] = [0, 63, 64, 99, 8191, 8192, 12000, 16383, 16384, 24576]
        let before = around.map { bench.card.content($0) }
        try bench.device.discard(range)
        for (block, content) in zip(around, before) {
            let unit = block / 8192 * 8192
            let isErased = range.lowerBound <= unit && unit + 8192 <= range.upperBound
            #expect(bench.card.content(block) == (isErased ? Array(repeating: 0, count: 512) : content))
        }
        #expect(!bench.card.wasDamaged)
    }

    @Test func `others are erased as before`() throws {
        let bench = try CardBench.started()
        try bench.device.discard(100..<102)
        #expect(bench.card.content(101) == Array(repeating: 0, count: 512))
    }
}
