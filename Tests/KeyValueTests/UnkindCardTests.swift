import Foundation
import Models
import Testing

@testable import KeyValue

/// Cards that forget what they said was durable, or damage what lies around a write: the store mounts, at a commit or with values that each
/// key was given once, says what is missing, and goes on.
///
/// `APUS_LONG=1` in the environment takes thousands of workloads.
@Suite struct UnkindCardTests {
    static let isLong = ProcessInfo.processInfo.environment["APUS_LONG"] != nil
    static var seeds: Range<UInt64> { 0..<(isLong ? 4000 : 40) }

    /// What the store held after each flush of a workload, and every value that each key had.
    static func record(
        _ seed: UInt64
    ) throws -> (
        base: [UInt8], [PowerLossModel.Event], states: [(events: Int, Contents)], values: [[UInt8]: Set<[UInt8]>],
        history: Set<Contents>
    ) {
        var workload = Workload(seed: seed)
        let (disk, store) = try makeStore()
        disk.isRecording = false
        var values: [[UInt8]: Set<[UInt8]>] = [:]
        var history: Set<Contents> = [[:]]
        func note() {
            history.insert(workload.contents)
            for (key, value) in workload.contents { values[key, default: []].insert(value) }
        }
        for _ in 0..<Int.random(in: 0..<200, using: &workload.random) {
            try workload.step(store)
            note()
        }
        let base = disk.bytes
        disk.isRecording = true
        var states = [(events: 0, workload.contents)]
        for _ in 0..<25 {
            try workload.step(store)
            note()
            states.append((disk.events.count, workload.contents))
        }
        let events = disk.events.map { event -> PowerLossModel.Event in
            if case .write(let first, let bytes) = event { .write(first: first, bytes: bytes) } else { .flush }
        }
        return (base, events, states, values, history)
    }

    @Test(.enabled(if: UnkindCardTests.isLong), arguments: UnkindCardTests.seeds)
    func `whatever a card does when its power goes, the store mounts with values that were there`(_ seed: UInt64) throws
    {
        let (base, events, states, values, history) = try Self.record(seed)
        let ways: [PowerLossModel.Unkindness] = [
            .torn, .neighbours(4096), .neighbours(16_384), .neighbours(65_536), .forgetful(10),
        ]
        let way = ways[Int(seed % 5)]
        var model = PowerLossModel(base, events, seed: seed)
        try model.losses(way, every: 3) { loss in
            let what = "seed \(seed), \(way), event \(loss.events)"
            let disk = RecordingDisk(loss.image)
            let store: KeyValueStore
            do throws(KeyValueError) { store = try KeyValueStore(disk) } catch {
                // A store that lies wholly in what was erased is gone, and nothing else.
                try #require(
                    error == .foreign && loss.remains == .erased && loss.damage.contains(0), "\(what): \(error)")
                return
            }
            #expect(disk.blocksWritten == 0, "mounting writes")
            let found = try store.contents()
            for (key, value) in found {
                try #require(values[key]?.contains(value) == true, "\(what): a value that was never there")
            }
            if store.recovery == nil {
                // Nothing was said to be missing: this is a commit. Where the card damaged what was around it as well, that may have been
                // the newest commits without a trace; otherwise it is the last durable one or a later.
                let last = states.lastIndex { $0.events <= loss.events } ?? 0
                let isNewest = states[last...min(last + 1, states.count - 1)].contains { $0.1 == found }
                try #require(
                    loss.damage.count > 1 ? loss.remains == .old || history.contains(found) : isNewest,
                    "\(what): no commit, and nothing said")
            }
            // The store goes on, and the next mount finds nothing wrong.
            var transaction = Transaction()
            transaction.put([1, 2, 3], for: [0xFF])
            try store.mend()
            try store.commit(transaction)
            var after = found
            after[[0xFF]] = [1, 2, 3]
            try #require(try KeyValueStore(disk, .strict).contents() == after, "\(what): after mending")
        }
    }

    @Test func `a commit that was lost after it was durable is one that never was`() throws {
        let (disk, store) = try makeStore()
        for key in 0..<20 as Range<UInt8> { try store.put([key], for: [key]) }
        let writes = disk.events.filter { if case .write = $0 { true } else { false } }
        #expect(writes.count == 20)
        // The batches of 17 and 18 are gone, that of 19 is there.
        for block in [2 + 17, 2 + 18] { for index in 0..<512 { disk.bytes[block * 512 + index] = 0xFF } }
        #expect(throws: KeyValueError.self) { _ = try KeyValueStore(disk, .strict) }
        let again = try KeyValueStore(disk)
        #expect(again.recovery == Recovery(lostBatches: 3) && again.count == 17)
        try again.mend()
        #expect(try KeyValueStore(disk, .strict).count == 17)
    }

    @Test func `an older batch that is torn costs what only it said`() throws {
        let (disk, store) = try makeStore()
        for key in 0..<40 as Range<UInt8> { try store.put([UInt8](repeating: key, count: 50), for: [key]) }
        disk.bytes[(2 + 7) * 512 + 80] ^= 1
        let again = try KeyValueStore(disk)
        #expect(again.count == 39 && again.recovery == Recovery(tornBatches: 1))
        #expect(again.recovery?.description == "1 of its changes are there in part")
        try again.put([9], for: [7])
        try again.mend()
        #expect(try KeyValueStore(disk, .strict).count == 40)
    }

    @Test func `the store is found without its first blocks where the card erased them, and nowhere else`() throws {
        let (disk, store) = try makeStore()
        try store.put([5], for: [1])
        for index in 0..<1024 { disk.bytes[index] = 0xFF }
        #expect(throws: KeyValueError.foreign) { _ = try KeyValueStore(disk, .strict) }
        let again = try KeyValueStore(disk)
        #expect(try again.value(for: [1]) == [5])
        #expect(again.recovery == Recovery(lostSuperblocks: true))
        try again.mend()
        #expect(try KeyValueStore(disk, .strict).count == 1)
        for byte in [0x00, 0x12] as [UInt8] {
            for index in 0..<1024 { disk.bytes[index] = byte }
            #expect(throws: KeyValueError.self) { _ = try KeyValueStore(disk) }
        }
    }
}
