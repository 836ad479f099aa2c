import Interfaces
import KeyValue
import Runtime
import Storage

/// What file system and store add to the blocks.
extension BenchStorage {
    private static var piece: Int { 64 << 10 }

    // MARK: - Files

    /// 64 KiB a request from a file of the card, and from the card, in turn.
    func files() {
        do throws(FileError) {
            let file = try FATVolume(firstOn: device).open("FILE.BIN")
            let bytes = unsafe Self.buffer(Self.piece)
            var (fileTime, blockTime) = (UInt64(0), UInt64(0))
            var (fileWork, blockWork) = (UInt64(0), UInt64(0))
            let count = file.size / UInt64(Self.piece)
            for request in 0..<count {
                var (start, work) = (SystemTime.now, Self.busyTime())
                var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
                _ = try file.read(into: &span)
                fileTime += (SystemTime.now - start).nanoseconds
                fileWork += Self.busyTime() - work
                (start, work) = (SystemTime.now, Self.busyTime())
                do throws(BlockError) { try unsafe read(request * 128, bytes) } catch { throw .device(error) }
                blockTime += (SystemTime.now - start).nanoseconds
                blockWork += Self.busyTime() - work
            }
            Self.report("file-read-64k", fileWork / max(1, count), "instructions")
            Self.report("block-read-64k", blockWork / max(1, count), "instructions")
            Self.report("file-of-blocks", blockTime * 100 / max(1, fileTime), "%")
        } catch {
            print("bench failed: \\(error.description)")
        }
    }

    // MARK: - The store

    /// Commits of 100 bytes into a store on the card, a quarter and three quarters full.
    func commits() {
        do throws(KeyValueError) {
            try commits(part: 1, most: "kv-commit-writes", "kv-commit-flushes", mean: nil)
            try commits(part: 3, most: nil, nil, mean: "kv-commit-writes-full")
        } catch {
            print("bench failed: the store")
        }
    }

    private func commits(
        part: Int, most: StaticString?, _ mostFlushes: StaticString?, mean: StaticString?
    ) throws(KeyValueError) {
        let counting = CountingDevice(device, first: 1 << 18, count: 2048)
        try KeyValueStore.format(counting)
        let store = try KeyValueStore(counting)
        let value = [UInt8](repeating: 0x41, count: 100)
        var key = 0
        while store.usedBytes < store.capacity * part / 4 {
            try store.put(value, for: Self.key(key))
            key += 1
        }
        var (writes, flushes, sum) = (0, 0, 0)
        let rounds = 1000
        for round in 0..<rounds {
            let before = (counting.writes, counting.flushes)
            try store.put(value, for: Self.key(round * 7 % key))
            writes = max(writes, counting.writes - before.0)
            flushes = max(flushes, counting.flushes - before.1)
            sum += counting.writes - before.0
        }
        if let most { Self.report(most, UInt64(writes), "block writes") }
        if let mostFlushes { Self.report(mostFlushes, UInt64(flushes), "flushes") }
        if let mean { Self.report(mean, UInt64(sum * 10 / rounds), "tenths of a block write") }
    }

    private static func key(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(number & 0xFF)]
    }
}
