import Testing

@testable import KeyValue

/// What a commit costs, in blocks and flushes.
@Suite struct CostTests {
    /// Commits values of 100 bytes to a store of 1 MiB that is filled to `fill` of its blocks, twice round the ring and
    /// more, and returns the most blocks that one wrote, and the average.
    static func commit(fill: Double, commits: Int = 4500) throws -> (most: Int, average: Double, read: Int) {
        let (disk, store) = try makeStore(blocks: 2048)
        disk.isRecording = false
        var random = SplitMix(7)
        let keys = Int(Double(2046 * 508) * fill) / (12 + 20 + 100)
        func key(_ number: Int) -> [UInt8] {
            [UInt8]("a key of 20 bytes \(100 + number)".utf8.prefix(17)) + number.bytes
        }
        for start in stride(from: 0, to: keys, by: 100) {
            var transaction = Transaction()
            for number in start..<min(keys, start + 100) {
                transaction.put([UInt8](repeating: 1, count: 100), for: key(number))
            }
            try store.commit(transaction)
        }
        var (most, read) = (0, 0)
        let before = disk.blocksWritten
        for round in 0..<commits {
            let (written, flushes, reads) = (disk.blocksWritten, disk.flushes, disk.blocksRead)
            let number = Int.random(in: 0..<keys, using: &random)
            try store.put([UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 100), for: key(number))
            most = max(most, disk.blocksWritten - written)
            read = max(read, disk.blocksRead - reads)
            #expect(disk.flushes == flushes + 1)
        }
        return (most, Double(disk.blocksWritten - before) / Double(commits), read)
    }

    @Test(arguments: [0.01, 0.1, 0.2, 0.25])
    func `up to a quarter full, a commit of 100 bytes is at most two blocks and one flush`(fill: Double) throws {
        let cost = try Self.commit(fill: fill)
        #expect(cost.most <= 2 && cost.read <= 200, "\(cost)")
    }

    @Test(arguments: [0.35, 0.45, 0.49])
    func `fuller, it is at most four blocks and one flush`(fill: Double) throws {
        let cost = try Self.commit(fill: fill)
        #expect(cost.most <= 4 && cost.read <= 200, "\(cost)")
    }

    @Test func `all blocks wear alike, although most keys never change`() throws {
        let (disk, store) = try makeStore()
        disk.isRecording = false
        for key in 0..<100 as Range<UInt8> { try store.put([UInt8](repeating: key, count: 200), for: [key, 0]) }
        for round in 0..<20000 { try store.put([UInt8(truncatingIfNeeded: round)], for: [1]) }
        let wear = disk.wear[2...]
        #expect(wear.max()! - wear.min()! <= 2 && wear.min()! > 50, "\(wear.min()!) to \(wear.max()!)")
        #expect(store.count == 101)
    }

    @Test func `records can be moved ahead of time`() throws {
        let (disk, store) = try makeStore()
        for round in 0..<160 { try store.put([UInt8](repeating: UInt8(round), count: 300), for: [UInt8(round % 140)]) }
        let contents = try store.contents()
        var batches = 0
        while try store.compact() { batches += 1 }
        #expect(batches > 0 && batches < 20)
        #expect(try store.contents() == contents)
        #expect(try KeyValueStore(disk).contents() == contents)
    }
}

extension Int {
    /// Three bytes that tell numbers apart.
    fileprivate var bytes: [UInt8] { [UInt8(self & 255), UInt8(self >> 8 & 255), 0x2E] }
}
