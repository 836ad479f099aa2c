import Interfaces
import Testing

@testable import KeyValue

/// The plug is pulled: what may be on the device then, and what the store makes of it.
@Suite struct CrashTests {
    /// Commits for a while, so that the log goes round the ring and records move, and then with `record`ed writes.
    static func record(_ seed: UInt64, commits: Int) throws -> (base: [UInt8], [RecordingDisk.Event], [Contents]) {
        var workload = Workload(seed: seed)
        let (disk, store) = try makeStore()
        disk.isRecording = false
        for _ in 0..<Int.random(in: 0..<400, using: &workload.random) { try workload.step(store) }
        let base = disk.bytes
        disk.isRecording = true
        var states = [workload.contents]
        for _ in 0..<commits {
            let flushes = disk.flushes
            try workload.step(store)
            // A commit may be several batches: those before the last only move records.
            states += [Contents](repeating: states.last!, count: max(0, disk.flushes - flushes - 1))
            if disk.flushes > flushes { states.append(workload.contents) }
        }
        return (base, disk.events, states)
    }

    /// Mounts `image` and requires it to hold one of `allowed`.
    static func check(_ image: [UInt8], _ allowed: ArraySlice<Contents>, _ what: @autoclosure () -> String) throws {
        let disk = RecordingDisk(image)
        let store = try KeyValueStore(disk, .strict)
        let found = try store.contents()
        #expect(disk.blocksWritten == 0, "mounting writes")
        guard allowed.contains(found) else {
            Issue.record("no commit: \(what())")
            return
        }
        // The store goes on from there.
        var transaction = Transaction()
        transaction.put([1, 2, 3], for: [0xFF])
        try store.commit(transaction)
        var after = found
        after[[0xFF]] = [1, 2, 3]
        #expect(try KeyValueStore(disk).contents() == after, "after \(what())")
    }

    /// The blocks of `writes`, each by itself, in the order they were written.
    static func blocks(of writes: ArraySlice<RecordingDisk.Event>) -> [(Int, ArraySlice<UInt8>)] {
        writes.flatMap { event -> [(Int, ArraySlice<UInt8>)] in
            guard case .write(let first, let bytes) = event else { return [] }
            return (0..<bytes.count / 512).map { (first + $0, bytes[$0 * 512..<($0 + 1) * 512]) }
        }
    }

    static func lay(_ block: (Int, ArraySlice<UInt8>), _ length: Int = 512, on image: inout [UInt8]) {
        image.replaceSubrange(block.0 * 512..<block.0 * 512 + length, with: block.1.prefix(length))
    }

    @Test(arguments: 0..<240 as Range<UInt64>)
    func `whatever part of the writes arrived, the store is at a commit, the last durable one or a later`(
        _ seed: UInt64
    ) throws {
        let (base, events, states) = try Self.record(seed, commits: 6)
        var random = SplitMix(seed + 1000)
        var image = base
        var (durable, start) = (0, 0)
        for (index, event) in events.enumerated() {
            guard case .flush = event else { continue }
            // Everything since the last flush, block by block: each prefix, some subsets, torn blocks among them.
            let pending = Self.blocks(of: events[start..<index])
            let allowed = states[durable...durable + 1]
            var prefixes = Array(0...pending.count)
            if prefixes.count > 4 { prefixes = [0, 1, pending.count - 1, pending.count] }
            for count in prefixes {
                var partial = image
                for block in pending.prefix(count) { Self.lay(block, on: &partial) }
                try Self.check(partial, allowed, "seed \(seed), commit \(durable), the first \(count) blocks")
            }
            for round in 0..<2 {
                var partial = image
                for block in pending {
                    let length = [0, 512, 512, Int.random(in: 1..<512, using: &random)].randomElement(using: &random)!
                    Self.lay(block, length, on: &partial)
                }
                try Self.check(partial, allowed, "seed \(seed), commit \(durable), subset \(round)")
            }
            for block in pending { Self.lay(block, on: &image) }
            durable += 1
            start = index + 1
        }
        #expect(durable == states.count - 1)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `a block of an unfinished commit that cannot be read afterwards harms nothing`(_ seed: UInt64) throws {
        let (base, events, states) = try Self.record(seed, commits: 1)
        let pending = Self.blocks(of: events[...])
        guard let (bad, _) = pending.last, states.count == 2 else { return }
        let disk = RecordingDisk(base)
        disk.unreadable = [bad]
        #expect(try KeyValueStore(disk).contents() == states[0])
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `a flipped bit is an error or costs the last commit, and never mixes commits`(_ seed: UInt64) throws {
        let (base, events, states) = try Self.record(seed, commits: 2)
        var image = base
        for block in Self.blocks(of: events[...]) { Self.lay(block, on: &image) }
        var random = SplitMix(seed)
        var refused = 0
        for _ in 0..<30 {
            var damaged = image
            damaged[Int.random(in: 0..<image.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let store: KeyValueStore
            do throws(KeyValueError) {
                store = try KeyValueStore(RecordingDisk(damaged), .strict)
            } catch {
                refused += 1
                guard case .damaged = error else { throw error }
                // What can be read is still there for those who ask for it.
                _ = try KeyValueStore(RecordingDisk(damaged), .salvaging).contents()
                continue
            }
            let found = try store.contents()
            #expect(states.suffix(2).contains(found), "seed \(seed)")
        }
        #expect(refused < 30)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `with failing reads, writes and flushes a commit happens or does not`(_ seed: UInt64) throws {
        var workload = Workload(seed: seed)
        let (disk, store) = try makeStore()
        disk.isRecording = false
        var random = SplitMix(seed + 500)
        // What the device may hold: the last commit that returned and those that failed since, each on top of it.
        var possible: [Contents] = [[:]]
        for round in 0..<250 {
            let rate = round % 50 < 25 ? 0 : 12
            disk.failure = { _ in rate > 0 && Int.random(in: 0..<rate, using: &random) == 0 }
            let (transaction, after) = workload.next()
            do throws(KeyValueError) {
                try store.commit(transaction)
                workload.contents = after
                possible = [after]
            } catch {
                if case .device = error { possible.append(after) }
            }
            disk.failure = nil
            if round % 10 == 0 { #expect(try store.contents() == workload.contents) }
            #expect(possible.contains(try KeyValueStore(RecordingDisk(disk.bytes)).contents()), "round \(round)")
        }
    }
}
