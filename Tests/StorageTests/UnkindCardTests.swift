import Foundation
import Models
import Testing

@testable import Storage

/// Cards that do worse than the contract of a block device when their power goes: what `docs/HARDWARE.md` promises then.
///
/// `APUS_LONG=1` in the environment takes thousands of workloads.
@Suite(.enabled(if: PlugTests.isLong)) struct UnkindCardTests {
    static var seeds: Range<UInt64> { 0..<(PlugTests.isLong ? 3000 : 20) }
    static let ways: [PowerLossModel.Unkindness] = [
        .torn, .neighbours(4096), .neighbours(16_384), .neighbours(65_536), .forgetful(12),
    ]

    /// Volumes like those of `PlugTests`, and one as cards have it: boot sector, tables and data further apart than a card damages at once.
    static let roomy: [UInt8] = {
        do {
            let shop = try Workshop()
            try shop.run("truncate -s 11M $I; mkfs.vfat -F 32 -s 1 -R 256 -n APUS $I")
            return try shop.disk().bytes
        } catch {
            fatalError("the tools made no image: \(error)")
        }
    }()

    static func workload(_ seed: UInt64) throws -> (image: [UInt8], Workload) {
        let image = seed % 4 == 0 ? roomy : PlugTests.image(seed)
        let workload = try Workload(image, seed: seed)
        for _ in 0..<14 { try workload.step() }
        try workload.commit(synchronizes: true)
        return (image, workload)
    }

    @Test(arguments: seeds)
    func
        `whatever a card does when its power goes, the volume mounts, what was not touched is there, and the rest is named`(
            _ seed: UInt64
        ) throws
    {
        let (image, workload) = try Self.workload(seed)
        let way = Self.ways[Int(seed / 4 % 5)]
        let events = (workload.disk.events ?? []).map { event -> PowerLossModel.Event in
            switch event {
            case .write(let first, let bytes): .write(first: first, bytes: bytes)
            case .flush: .flush
            }
        }
        var model = PowerLossModel(image, events, seed: seed)
        var count = 0
        try model.losses(way, every: max(1, events.count / 8)) { loss in
            count += 1
            let complaints =
                way == .forgetful(12)
                ? workload.complaints(about: MemoryDisk(loss.image), after: loss.events)
                : Self.complaints(loss, workload)
            try #require(
                complaints.isEmpty, "seed \(seed), \(way), event \(loss.events): \(complaints.joined(separator: "; "))")
        }
        #expect(count > 0)
    }

    @Test(arguments: [0..<5, 5..<10] as [Range<UInt64>])
    func `fsck finds nothing to say about what was repaired`(_ seeds: Range<UInt64>) throws {
        let shop = try Workshop()
        var count = 0
        for seed in seeds {
            let (image, workload) = try Self.workload(seed * 3 + 1)
            let events = (workload.disk.events ?? []).map { event -> PowerLossModel.Event in
                if case .write(let first, let bytes) = event { .write(first: first, bytes: bytes) } else { .flush }
            }
            var model = PowerLossModel(image, events, seed: seed)
            try model.losses(Self.ways[Int(seed % 4)], every: max(1, events.count / 4)) { loss in
                let disk = MemoryDisk(loss.image)
                guard let volume = try? FATVolume(disk) else { return }
                let left = try volume.repair().left
                try #require(left.isClean, "seed \(seed), event \(loss.events): \(left.problems)")
                try volume.unmount()
                try shop.write("state\(count)", disk.bytes)
                count += 1
            }
        }
        #expect(count > 3)
        let report = try shop.run("for f in state*; do echo \"== $f\"; fsck.fat -n $f || true; done")
        // What says of a volume that somebody else has to look at it is not there any more.
        #expect(!report.contains("Dirty bit is set") && !report.contains("Reclaimed"))
        #expect(FsckReport.complaints(report) == [])
    }

    // MARK: What must be true

    static func complaints(_ loss: PowerLossModel.Loss, _ workload: Workload) -> [String] {
        guard let checkpoint = workload.checkpoints.last(where: { $0.events <= loss.events }) else { return [] }
        var found: [String] = []
        let disk = MemoryDisk(loss.image)
        do throws(FileError) {
            let reference = try FATVolume(MemoryDisk(loss.reference), readOnly: true)
            let volume: FATVolume
            do throws(FileError) { volume = try FATVolume(disk) } catch {
                // Where the card erased the boot sector and its copy there is no volume, and the error says so.
                if case .notFAT = error, loss.damage.contains(0) { return [] }
                throw error
            }
            var foreign: [String] = []
            for (path, expected) in checkpoint.durable.files where !checkpoint.touched.contains(path) {
                let places = try Places(of: path, on: reference)
                let content = try? volume.contents(of: path, limit: 1 << 24)
                if content == expected { continue }
                if !places.mayDiffer(loss) { found.append("\(path) was not near the damage, and is not what it was") }
                // What lies in a damaged block, or in a directory that is older than the files, is beyond what can be known.
                if let content, !places.isInData(loss), holdsForeign(content, path, workload) { foreign.append(path) }
            }
            let check = try volume.check()
            if !foreign.isEmpty, check.problems.isEmpty {
                found.append("\(foreign) hold what is not theirs, unnoticed")
            }
            let left = try volume.repair().left
            if !left.isClean { found.append("not repaired: \(left.problems) \(left.lostClusters)") }
            try volume.open("/afterwards", .create).write([1])
            try volume.unmount()
            if try !FATCheck(disk).isClean { found.append("damaged after the repair") }
        } catch {
            // A small volume may have lost its root directory's room with the rest.
            if error != .full, error != .directoryFull { found.append("\(error)") }
        }
        return found
    }

    /// True when a block of `content` is one that another file had, and this one never.
    private static func holdsForeign(_ content: [UInt8], _ path: String, _ workload: Workload) -> Bool {
        var own: Set<ArraySlice<UInt8>> = []
        var others: Set<ArraySlice<UInt8>> = []
        for contents in workload.checkpoints.map(\.durable) + [workload.current] {
            for (name, bytes) in contents.files {
                for start in stride(from: 0, to: bytes.count - 511, by: 512) {
                    let block = bytes[start..<start + 512]
                    if name == path { own.insert(block) } else { others.insert(block) }
                }
            }
        }
        return stride(from: 0, to: content.count - 511, by: 512).contains { start in
            let block = content[start..<start + 512]
            return others.contains(block) && !own.contains(block)
        }
    }
}

/// The blocks that a file depends on.
private struct Places {
    /// Directories on the way, and the content.
    private var data: Set<Int> = []
    /// The entries of their clusters, in each copy of the table.
    private var tables: [Set<Int>] = [[], []]

    init(of path: String, on volume: FATVolume) throws(FileError) {
        var prefix = ""
        try add(0, volume)
        for part in path.split(separator: "/") {
            prefix += "/" + part
            let entry = try volume.resolve(prefix)
            if entry.firstCluster != 0 { try add(entry.firstCluster, volume) }
        }
    }

    private mutating func add(_ cluster: UInt32, _ volume: FATVolume) throws(FileError) {
        let layout = volume.layout
        if cluster == 0, layout.rootEntryCount > 0 {
            let start = Int(layout.rootStart) / 512
            return data.formUnion(start..<start + layout.rootEntryCount * 32 / 512)
        }
        var chain = ClusterChain(cluster == 0 ? layout.rootCluster : cluster)
        repeat {
            let start = Int(layout.start(of: chain.cluster)) / 512
            data.formUnion(start..<start + volume.clusterSize / 512)
            for copy in 0..<2 {
                let position = layout.tableStart + UInt64(copy) * layout.tableBytes + volume.offset(of: chain.cluster)
                tables[copy].formUnion([Int(position) / 512, Int(position + 1) / 512])
            }
        } while try chain.advance(volume)
    }

    func isInData(_ loss: PowerLossModel.Loss) -> Bool { loss.damage.contains { data.contains($0) } }

    /// True when the damage is where one copy of the table is no help: in the content, in directories, in both copies, or where a copy came out
    /// as it was some time ago, so that nothing in it is wrong.
    func mayDiffer(_ loss: PowerLossModel.Loss) -> Bool {
        let isInTable = tables.map { table in loss.damage.contains { table.contains($0) } }
        return isInData(loss) || isInTable == [true, true] || (loss.remains == .old && isInTable.contains(true))
    }
}
