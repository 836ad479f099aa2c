import Foundation
import Testing

@testable import Storage

/// What is on the medium when the plug is pulled at any moment: the promise of `FATVolume+Commit.swift`.
///
/// `APUS_LONG=1` in the environment takes ten times as many workloads.
@Suite struct PlugTests {
    static let isLong = ProcessInfo.processInfo.environment["APUS_LONG"] != nil
    static var seeds: Range<UInt64> { 0..<(isLong ? 2000 : 200) }

    static var failureSeeds: Range<UInt64> { 0..<(isLong ? 200 : 24) }

    /// Small volumes with several blocks of table, so that clusters of a file have their entries in different ones.
    static let images: [[UInt8]] = {
        [("-F 12 -s 1", 300), ("-F 16 -s 1", 4400), ("-F 32 -s 1", 500), ("-F 32 -s 4 -f 1", 900)].map {
            arguments, size in
            do {
                let shop = try Workshop()
                try shop.run("truncate -s \(size)K $I; mkfs.vfat \(arguments) -n APUS $I")
                return try shop.disk().bytes
            } catch {
                fatalError("the tools made no image: \(error)")
            }
        }
    }()

    static func image(_ seed: UInt64) -> [UInt8] { images[[0, 2, 2, 3, 1, 2, 3, 2][Int(seed % 8)]] }

    /// The states in which `events` may have left a disk that began as `image`: after each event, and with some of the blocks
    /// missing that were written since the last flush: all subsets of few, `samples` of many. Calls `body` with each, and the number of events.
    static func states(
        _ image: [UInt8], _ events: [MemoryDisk.Event], samples: Int, _ random: inout Seeded,
        _ body: (Int, [UInt8]) throws -> Void
    ) rethrows {
        var durable = image
        var loose: [(Int, ArraySlice<UInt8>)] = []
        for (number, event) in events.enumerated() {
            switch event {
            case .flush:
                for (block, bytes) in loose { durable.replaceSubrange(block * 512..<block * 512 + 512, with: bytes) }
                loose = []
            case .write(let first, let bytes):
                for start in stride(from: 0, to: bytes.count, by: 512) {
                    loose.append((first + start / 512, bytes[start..<start + 512]))
                }
            }
            var state = durable
            for (block, bytes) in loose { state.replaceSubrange(block * 512..<block * 512 + 512, with: bytes) }
            try body(number + 1, state)
            let isFew = samples > 1 && loose.count <= 6
            for number in 0..<(loose.count < 2 ? 0 : isFew ? 1 << loose.count : samples) {
                state = durable
                for (index, (block, bytes)) in loose.enumerated()
                where isFew ? number & 1 << index != 0 : Bool.random(using: &random) {
                    state.replaceSubrange(block * 512..<block * 512 + 512, with: bytes)
                }
                try body(number + 1, state)
            }
        }
    }

    static func run(_ seed: UInt64, steps: Int, allowsVeryLongNames: Bool = false) throws -> Workload {
        let workload = try Workload(image(seed), seed: seed, allowsVeryLongNames: allowsVeryLongNames)
        for _ in 0..<steps { try workload.step() }
        return workload
    }

    @Test(arguments: PlugTests.seeds)
    func `whenever the plug is pulled, the volume is whole and has what was flushed`(_ seed: UInt64) throws {
        let workload = try Self.run(seed, steps: 14, allowsVeryLongNames: seed % 10 == 9)
        try workload.commit(synchronizes: true)
        var random = Seeded(seed)
        try Self.states(Self.image(seed), workload.disk.events ?? [], samples: 1, &random) { events, state in
            let complaints = workload.complaints(about: MemoryDisk(state), after: events)
            try #require(
                complaints.isEmpty, "seed \(seed), after event \(events): \(complaints.joined(separator: "; "))")
        }
    }

    @Test(arguments: [0..<8, 8..<16, 16..<24] as [Range<UInt64>])
    func `fsck agrees with what may be found`(_ seeds: Range<UInt64>) throws {
        let shop = try Workshop()
        var count = 0
        for seed in seeds {
            let workload = try Self.run(seed, steps: 20)
            var random = Seeded(seed)
            var choice = Seeded(~seed)
            let keep = Self.isLong ? 2 : 12
            try Self.states(Self.image(seed), workload.disk.events ?? [], samples: 1, &random) { _, state in
                guard Int.random(in: 0..<keep, using: &choice) == 0, count < 4000 else { return }
                try shop.write("state\(count)", state)
                count += 1
            }
        }
        let report = try shop.run("for f in state*; do echo \"== $f\"; fsck.fat -n $f || true; done")
        #expect(count > 20)
        #expect(FsckReport.complaints(report) == [])
    }

    @Test(arguments: PlugTests.failureSeeds)
    func `after a failure of the device nothing is lost, and all is well when it works again`(_ seed: UInt64) throws {
        let image = Self.image(seed)
        let total = try Self.run(seed, steps: 14).disk.events?.count ?? 0
        for failure in stride(from: Int(seed % 5), to: total, by: 5) {
            let workload = try Workload(image, seed: seed)
            workload.disk.failureIn = failure
            var failures = 0
            for _ in 0..<14 {
                do { try workload.step() } catch let error as FileError {
                    // What failed was not done, which the workload does not know.
                    guard case .device = error else {
                        if failures == 0 { throw error }
                        continue
                    }
                    failures += 1
                }
            }
            workload.disk.failureIn = nil
            try workload.volume.synchronize()
            let check = try FATCheck(workload.disk)
            try #require(check.problems.isEmpty, "seed \(seed), failure \(failure): \(check.problems)")
            #expect(failures <= 1)
        }
    }

    @Test(arguments: PlugTests.failureSeeds)
    func `nor is anything worse than lost clusters when a failure comes first and then the plug`(_ seed: UInt64) throws
    {
        let image = Self.image(seed)
        let total = try Self.run(seed, steps: 14).disk.events?.count ?? 0
        for failure in [total / 4 + Int(seed % 7), total / 2 + Int(seed % 5)] {
            let workload = try Workload(image, seed: seed)
            workload.disk.failureIn = failure
            for _ in 0..<20 { try? workload.step() }
            workload.disk.failureIn = nil
            try workload.volume.synchronize()
            var random = Seeded(seed)
            try Self.states(image, workload.disk.events ?? [], samples: 1, &random) { event, state in
                let check = try FATCheck(MemoryDisk(state))
                try #require(
                    check.problems.isEmpty, "seed \(seed), failure \(failure), event \(event): \(check.problems)")
            }
        }
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `a volume that was taken leave of has everything, and fsck finds nothing to say`(_ seed: UInt64) throws {
        let workload = try Self.run(seed, steps: 60, allowsVeryLongNames: true)
        try workload.volume.unmount()
        let check = try FATCheck(workload.disk)
        #expect(check.isClean, "\(check)")
        let volume = try FATVolume(workload.disk)
        #expect(try volume.wasCleanlyUnmounted())
        #expect(try volume.freeClusterCount() == check.freeClusters)
        for (path, content) in workload.current.files {
            #expect(try volume.contents(of: path, limit: 1 << 24) == content)
        }
        #expect(check.fileCount == workload.current.files.count)
        #expect(check.directoryCount == workload.current.directories.count - 1)
        let shop = try Workshop()
        try shop.write("image", workload.disk.bytes)
        try shop.run("fsck.fat -n $I")
    }
}
