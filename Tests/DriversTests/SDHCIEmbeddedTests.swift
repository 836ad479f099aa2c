import Interfaces
import Models
import SDHCI
import Testing

/// The eMMC of a Compute Module 4.
@Suite struct SDHCIEmbeddedTests {
    private func bench(
        blockCount: UInt64 = 1 << 23, hasDMA: Bool = false, _ change: (CardBench) -> Void = { _ in }
    ) throws -> CardBench {
        var options = CardBench.Options()
        options.kind = .embedded
        options.blockCount = blockCount
        options.hasDMA = hasDMA
        options.has1V8 = true
        let bench = CardBench(options)
        change(bench)
        try bench.device.start()
        return bench
    }

    @Test(arguments: [false, true], [1 << 21, 1 << 23] as [UInt64])
    func `an eMMC is identified, on eight lines at high speed`(hasDMA: Bool, blockCount: UInt64) throws {
        let bench = try bench(blockCount: blockCount, hasDMA: hasDMA)
        let card = try #require(bench.device.card)
        #expect(card.isEmbedded && bench.device.geometry == BlockGeometry(blockCount: blockCount))
        #expect(card.isHighCapacity == (blockCount > 1 << 22))
        #expect(bench.device.isEightBits && bench.device.mode == .highSpeed && bench.device.clockRate == 50_000_000)
        let data = pattern(70 * 512)
        try bench.write(blockCount - 70, data, at: 4)
        #expect(try bench.read(blockCount - 70, 70, at: 100) == data)
        try bench.device.flush()
        #expect(!bench.card.wasPartitionTouched && bench.violations == [])
        #expect(bench.host.commandClocks.max() == 50_000_000 && bench.device.statistics.retries == 0)
    }

    @Test func `lines that are not connected are found out`() throws {
        let bench = try bench { $0.host.connectedLines = 4 }
        #expect(!bench.device.isEightBits && bench.device.isFourBits)
        #expect(try bench.device.readBlocks(7, 2) == bench.card.content(7) + bench.card.content(8))
        let single = try self.bench { $0.host.connectedLines = 1 }
        #expect(!single.device.isEightBits && !single.device.isFourBits)
        #expect(try single.device.readBlocks(7, 1) == single.card.content(7))
    }

    @Test func `a device without eight lines or high speed goes without`() throws {
        let bench = try bench {
            $0.card.hasEightBits = false
            $0.card.hasHighSpeed = false
        }
        #expect(bench.device.isFourBits && bench.device.clockRate == 25_000_000)
        #expect(try bench.device.readBlocks(7, 1) == bench.card.content(7))
        #expect(bench.violations == [])
    }

    @Test(arguments: [1, 2, 3, 7] as [UInt8])
    func `one that is set to its boot or other areas is left alone`(area: UInt8) throws {
        var device: CardBench?
        #expect(throws: BlockError.self) {
            try bench { (bench) in
                bench.card.partitionConfiguration = 0x48 | area
                device = bench
            }
        }
        #expect(device?.card.wasPartitionTouched == false && device?.card.written == [])
    }

    @Test(arguments: [1, 2, 3, 6, 7, 8, 9] as [UInt32])
    func `a command that is lost once does not keep it from being identified`(index: UInt32) throws {
        let bench = try bench { $0.card.silences[index] = 1 }
        #expect(bench.device.card?.isEmbedded == true)
    }

    @Test func `erasing takes whole groups`() throws {
        let bench = try bench()
        bench.card.eraseUnit = 64
        let before = bench.card.content(63)
        try bench.device.discard(60..<200)
        #expect(bench.card.content(63) == before && bench.card.content(64) == Array(repeating: 0, count: 512))
        #expect(bench.card.content(191) == Array(repeating: 0, count: 512))
        #expect(bench.card.content(192) != Array(repeating: 0, count: 512))
    }

    @Test func `faults are recovered from as with a card`() throws {
        let bench = try bench(hasDMA: true)
        for times in 1...3 {
            bench.card.faults[12] = Array(repeating: .checksum, count: times)
            #expect(try bench.read(10, 5, at: 0) == (10..<15).flatMap { bench.card.content($0) })
        }
        #expect(bench.violations == [])
    }

    @Test func `a register that nobody drives is none`() {
        for filling in [0, 0xFF] as [UInt8] {
            #expect(ExtendedCardData([UInt8](repeating: filling, count: 512).span.bytes) == nil)
        }
        #expect(ExtendedCardData([UInt8](repeating: 1, count: 511).span.bytes) == nil)
        #expect(ExtendedCardData([UInt8](repeating: 1, count: 512).span.bytes)?.blockCount == 0x0101_0101)
    }
}
