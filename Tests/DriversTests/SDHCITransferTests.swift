import Interfaces
import Models
import SDHCI
import Testing

@Suite struct SDHCITransferTests {
    @Test(arguments: SDCardModel.Kind.cards, [1, 2, 7, 64])
    func `blocks that were written are read back`(kind: SDCardModel.Kind, count: Int) throws {
        let bench = try CardBench.started(kind)
        let data = pattern(count * 512)
        try bench.device.writeBlocks(1000, data)
        try bench.device.flush()
        #expect(try bench.device.readBlocks(1000, count) == data)
        #expect(bench.card.written == (1000..<1000 + UInt64(count)).map { $0 })
        #expect(try bench.device.readBlocks(999, 1) == bench.card.content(999))
        #expect(bench.host.violations == [])
    }

    @Test func `a request longer than a command is split`() throws {
        let bench = try CardBench.started()
        let data = pattern(2500 * 512)
        try bench.device.writeBlocks(3, data)
        #expect(try bench.device.readBlocks(3, 2500) == data)
        #expect(bench.card.commands.suffix(16).contains(18))
        #expect(bench.device.statistics.blocksRead == 2500 && bench.device.statistics.blocksWritten == 2500)
    }

    @Test(arguments: [(65536, 1), (65535, 2), (UInt64.max, 1), (0, 65537)] as [(UInt64, Int)])
    func `a request past the end is refused before anything moves`(first: UInt64, count: Int) throws {
        let bench = try CardBench.started()
        let commands = bench.card.commands.count
        #expect(throws: BlockError(.outOfRange)) { try bench.device.readBlocks(first, count) }
        #expect(throws: BlockError(.outOfRange)) {
            try bench.device.writeBlocks(first, pattern(512 * min(count, 2)))
            if count > 2 { throw BlockError(.outOfRange) }
        }
        #expect(bench.card.commands.count == commands || count > 2)
    }

    @Test(arguments: [1, 511, 513])
    func `a length that is no multiple of the block size is refused`(length: Int) throws {
        let bench = try CardBench.started()
        #expect(throws: BlockError(.outOfRange)) { try bench.device.readBytes(0, length) }
        #expect(throws: BlockError(.outOfRange)) { try bench.device.writeBlocks(0, pattern(length)) }
    }

    @Test func `the last blocks of the card are read, although it runs past its end`() throws {
        let bench = try CardBench.started()
        #expect(try bench.device.readBlocks(65533, 3) == (65533..<65536).flatMap { bench.card.content($0) })
        #expect(bench.device.statistics.retries == 0)
    }

    @Test func `an empty request moves nothing`() throws {
        let bench = try CardBench.started()
        #expect(try bench.device.readBlocks(65536, 0) == [])
        try bench.device.writeBlocks(65536, [])
    }

    @Test func `transfer complete together with a data timeout is success`() throws {
        let bench = try CardBench.started()
        bench.host.reportsTimeoutWithCompletion = true
        #expect(try bench.device.readBlocks(5, 3) == (5..<8).flatMap { bench.card.content($0) })
        #expect(bench.device.statistics.retries == 0)
    }

    // MARK: - Recovery

    @Test(arguments: [SDCardModel.BlockFault.checksum, .timeout, .status(1 << 21)], [1, 2, 3])
    func `a fault that passes is not noticed by the reader`(fault: SDCardModel.BlockFault, times: Int) throws {
        let bench = try CardBench.started()
        bench.card.faults[12] = Array(repeating: fault, count: times)
        let data = try bench.device.readBlocks(10, 5)
        #expect(data == (10..<15).flatMap { bench.card.content($0) })
        #expect(bench.host.violations == [])
    }

    @Test(arguments: [SDCardModel.BlockFault.checksum, .timeout, .status(1 << 21)], [1, 2, 3])
    func `a fault that passes is not noticed by the writer`(fault: SDCardModel.BlockFault, times: Int) throws {
        let bench = try CardBench.started()
        let data = pattern(5 * 512)
        bench.card.faults[12] = Array(repeating: fault, count: times)
        try bench.device.writeBlocks(10, data)
        #expect(try bench.device.readBlocks(10, 5) == data)
        #expect(bench.device.statistics.retries == UInt64(times))
        #expect(bench.host.violations == [])
    }

    @Test(
        arguments: [
            (.checksum, .corrupted), (.timeout, .timeout("")), (.status(1 << 21), .corrupted),
        ] as [(SDCardModel.BlockFault, BlockError.Cause)])
    func `a fault that stays is a typed error that names the blocks, and the card goes on`(
        fault: SDCardModel.BlockFault, cause: BlockError.Cause
    ) throws {
        let bench = try CardBench.started()
        bench.card.faults[12] = Array(repeating: fault, count: 4)
        let error = #expect(throws: BlockError.self) { try bench.device.writeBlocks(10, pattern(5 * 512)) }
        #expect(error?.cause == cause)
        // With an error in the status at the end all blocks have been sent; else the transfer stopped at block 12.
        let isAtEnd = if case .status = fault { true } else { false }
        #expect(error?.unknown == 10..<(isAtEnd ? 15 : 13))
        #expect(try bench.device.readBlocks(20, 1) == bench.card.content(20))
        // A block that the card itself finds damaged is no reason to slow down.
        #expect(bench.device.clockRate == (isAtEnd ? 50_000_000 : 25_000_000))
    }

    @Test func `a later part's failure leaves the earlier parts written`() throws {
        let bench = try CardBench.started()
        bench.card.faults[2100] = Array(repeating: .checksum, count: 4)
        let error = #expect(throws: BlockError.self) { try bench.device.writeBlocks(0, pattern(2200 * 512)) }
        #expect(error == BlockError(.corrupted, unknown: 2048..<2101))
        #expect(try bench.device.readBlocks(0, 2048) == Array(pattern(2200 * 512).prefix(2048 * 512)))
    }

    @Test(arguments: [13, 18] as [UInt32])
    func `commands that are lost on the way are repeated`(index: UInt32) throws {
        let bench = try CardBench.started()
        bench.card.silences[index] = 1
        try bench.device.writeBlocks(0, pattern(1024))
        #expect(try bench.device.readBlocks(0, 2) == pattern(1024))
    }

    @Test func `the third attempt is made at 25 MHz`() throws {
        let bench = try CardBench.started()
        bench.card.cleanUpTo = 25_000_000
        #expect(try bench.device.readBlocks(3, 1) == bench.card.content(3))
        #expect(bench.device.clockRate == 25_000_000)
        #expect(bench.device.statistics.retries == 2)
    }

    // MARK: - The card goes

    @Test func `a card that is pulled in mid-read is absent`() throws {
        let bench = try CardBench.started()
        bench.host.removesCardAtBlock = 3
        let duration = bench.time {
            #expect(throws: BlockError(.absent)) { try bench.device.readBlocks(0, 8) }
        }
        #expect(duration < .seconds(3))
        #expect(bench.device.card == nil && bench.device.geometry.blockCount == 0)
        #expect(throws: BlockError(.absent)) { try bench.device.readBlocks(0, 1) }
    }

    @Test func `a card that is pulled in mid-write is absent, and the blocks that may have got through are named`()
        throws
    {
        let bench = try CardBench.started()
        bench.host.removesCardAtBlock = 3
        #expect(throws: BlockError(.absent, unknown: 100..<104)) {
            try bench.device.writeBlocks(100, pattern(8 * 512))
        }
    }

    @Test func `another card in the slot is not taken for the first one, until it is started`() throws {
        let bench = try CardBench.started()
        let other = SDCardModel(.highCapacity, blockCount: 2048)
        other.serialNumber = 0x9999
        bench.host.card = other
        #expect(throws: BlockError(.absent)) { try bench.device.writeBlocks(0, pattern(512)) }
        #expect(other.written == [])
        #expect(throws: BlockError(.absent)) { try bench.device.writeBlocks(0, pattern(512)) }
        try bench.device.start()
        #expect(bench.device.geometry.blockCount == 2048)
    }

    @Test func `a card that lost its power for a moment is identified anew`() throws {
        let bench = try CardBench.started()
        bench.card.cyclePower()
        #expect(try bench.device.readBlocks(9, 2) == bench.card.content(9) + bench.card.content(10))
        #expect(bench.device.statistics.reidentifications == 1)
    }

    @Test func `a card that stays busy for ever is an error within bounds`() throws {
        let bench = try CardBench.started()
        bench.card.getsStuckBusy = true
        let duration = bench.time {
            let error = #expect(throws: BlockError.self) { try bench.device.writeBlocks(50, pattern(512)) }
            #expect(error?.unknown == 50..<51)
        }
        #expect(duration < .seconds(30))
    }

    // MARK: - Write protection

    @Test func `a protected card is read only`() throws {
        let bench = CardBench()
        bench.card.isWriteProtected = true
        try bench.device.start()
        #expect(bench.device.geometry.isReadOnly)
        #expect(throws: BlockError(.readOnly)) { try bench.device.writeBlocks(0, pattern(512)) }
        #expect(throws: BlockError(.readOnly)) { try bench.device.discard(0..<1) }
        #expect(try bench.device.readBlocks(0, 1) == bench.card.content(0))
        #expect(bench.card.written == [])
    }

    @Test func `a protected group is read only, without a second attempt`() throws {
        let bench = try CardBench.started()
        bench.card.hasProtectedGroups = true
        #expect(throws: BlockError(.readOnly)) { try bench.device.writeBlocks(0, pattern(512)) }
        #expect(bench.device.statistics.retries == 0)
    }

    // MARK: - Discard

    @Test func `discard erases what was named and nothing else`() throws {
        let bench = try CardBench.started()
        try bench.device.writeBlocks(99, pattern(4 * 512))
        try bench.device.discard(100..<102)
        #expect(try bench.device.readBlocks(100, 2) == Array(repeating: 0, count: 1024))
        #expect(bench.card.content(99) == Array(pattern(4 * 512).prefix(512)))
        #expect(bench.card.content(102) == Array(pattern(4 * 512).suffix(512)))
    }

    @Test(arguments: [(3..<5, []), (0..<8, [0]), (5..<30, [8, 16]), (8..<8, [])] as [(Range<UInt64>, [UInt64])])
    func `a card that erases in units keeps the blocks beside the range`(range: Range<UInt64>, units: [UInt64]) throws {
        let bench = CardBench(.standard)
        bench.card.eraseUnit = 8
        try bench.device.start()
        let before = (0..<40).map { bench.card.content($0) }
        try bench.device.discard(range)
        for block in 0..<40 as Range<UInt64> {
            let isErased = units.contains { $0..<$0 + 8 ~= block }
            #expect(bench.card.content(block) == (isErased ? Array(repeating: 0, count: 512) : before[Int(block)]))
        }
    }

    @Test func `discard on a card that cannot erase does nothing`() throws {
        let bench = CardBench()
        bench.card.canErase = false
        try bench.device.start()
        let commands = bench.card.commands.count
        try bench.device.discard(0..<100)
        #expect(bench.card.commands.count == commands)
        #expect(throws: BlockError(.outOfRange)) { try bench.device.discard(65530..<65537) }
    }

    @Test func `an erase may take longer than the controller's timeout`() throws {
        let bench = try CardBench.started()
        bench.card.programmingTime = .seconds(6)
        try bench.device.discard(0..<8192)
        #expect(bench.clock.now > Instant(nanoseconds: 6_000_000_000))
        #expect(bench.card.content(8191) == Array(repeating: 0, count: 512))
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `random faults never corrupt, never hang`(seed: UInt64) throws {
        let bench = try CardBench.started(seed % 3 == 0 ? .standard : .highCapacity)
        var generator = SeededGenerator(seed: seed)
        var expected: [UInt64: [UInt8]] = [:]
        for round in 0..<20 as Range<UInt64> {
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let block = UInt64.random(in: 0..<64, using: &generator)
                bench.card.faults[block, default: []].append(Bool.random(using: &generator) ? .checksum : .timeout)
            }
            let first = UInt64.random(in: 0..<56, using: &generator)
            let count = Int.random(in: 1...8, using: &generator)
            let data = pattern(count * 512, seed: seed * 100 + round)
            let range = first..<first + UInt64(count)
            do throws(BlockError) {
                try bench.device.writeBlocks(first, data)
                for (index, block) in range.enumerated() {
                    expected[block] = Array(data[index * 512..<(index + 1) * 512])
                }
            } catch {
                for block in range { expected[block] = nil }
                #expect(error.unknown.clamped(to: range) == error.unknown)
            }
            bench.card.faults = [:]
            for (block, content) in expected { #expect(try bench.device.readBlocks(block, 1) == content) }
        }
        #expect(bench.host.violations == [] && bench.host.lostWrites == 0)
    }
}
