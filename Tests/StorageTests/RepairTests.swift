import Testing

@testable import Storage

/// Damage that is found, named, and put right.
@Suite struct RepairTests {
    /// Repairs `disk`, and requires that `fsck.fat` then finds nothing to say.
    static func repair(_ disk: MemoryDisk, _ what: String = "") throws -> FATCheck {
        let volume = try FATVolume(disk)
        let (found, left) = try volume.repair()
        try #require(left.isClean, "\(what): \(left.problems), \(left.lostClusters) lost, \(left.tableDifferences)")
        try volume.unmount()
        #expect(try FATVolume(disk).wasCleanlyUnmounted(), "\(what)")
        let shop = try Workshop()
        try shop.write("image", disk.bytes)
        try shop.run("fsck.fat -n $I")
        return found
    }

    @Test(arguments: [0, 3, 9, 14] as [UInt64])
    func `a card that was pulled is put right, and counts as taken leave of`(_ seed: UInt64) throws {
        let workload = try PlugTests.run(seed, steps: 30)
        let disk = MemoryDisk(workload.disk.bytes)
        #expect(try FATVolume(disk).wasCleanlyUnmounted() == (try FATVolume(disk).bits == 12))
        let found = try Self.repair(disk)
        #expect(found.problems.isEmpty)
    }

    @Test func `a volume that is checked and found whole counts as taken leave of`() throws {
        let disk = MemoryDisk(ScenarioTests.base)
        _ = try FATVolume(disk).open("/new", .create).close()
        let volume = try FATVolume(disk)
        #expect(try !volume.wasCleanlyUnmounted())
        #expect(try volume.check().isClean)
        try volume.open("/new", .append).write([1])
        try volume.unmount()
        #expect(try FATVolume(disk).wasCleanlyUnmounted())
    }

    static func cluster(_ name: String, _ disk: MemoryDisk) throws -> (entry: Int, first: Int) {
        let entry = try FATDamageTests.entry(name, in: disk.bytes)
        return (entry, Int(disk.bytes[entry + 26]) | Int(disk.bytes[entry + 27]) << 8)
    }

    /// Changes that nothing but a card, or a fault, makes, and the problem that each is.
    static let damages: [(String, FATCheck.Problem?, @Sendable (MemoryDisk) throws -> Void)] = [
        ("a chain that breaks", .brokenChain, { try link($0, "LARGE      ", 3, 0) }),
        ("a chain that ends early", .shortChain, { try link($0, "LARGE      ", 3, 0x0FFF_FFFF) }),
        (
            "a chain into another file", .sharedCluster,
            { disk in
                try link(disk, "LARGE      ", 3, try cluster("FILENU~1   ", disk).first)
            }
        ),
        ("a first cluster that is free", .brokenChain, { try link($0, "LARGE      ", 0, 0) }),
        (
            "a size that cannot be", .shortChain,
            { disk in disk.bytes[try cluster("LARGE      ", disk).entry + 31] = 0xFF }
        ),
        ("a size that is too small", nil, { disk in disk.bytes[try cluster("LARGE      ", disk).entry + 29] = 1 }),
        (
            "a size of nothing", nil,
            { disk in
                for index in 28..<32 { disk.bytes[try cluster("LARGE      ", disk).entry + index] = 0 }
            }
        ),
        (
            "the same short name twice", .duplicateName,
            { disk in
                disk.bytes[try cluster("FILENU~2   ", disk).entry + 7] = 0x31
            }
        ),
        (
            "a link to the parent that leads elsewhere", .wrongLink,
            { disk in
                disk.bytes[try cluster("..         ", disk).entry + 26] ^= 7
            }
        ),
        (
            "a directory that was erased", .garbage,
            { disk in
                let start = try cluster(".          ", disk).entry
                for index in start..<start + 512 { disk.bytes[index] = 0xFF }
            }
        ),
        (
            "a directory that was emptied", .wrongLink,
            { disk in
                let start = try cluster(".          ", disk).entry
                for index in start..<start + 512 { disk.bytes[index] = 0 }
            }
        ),
        (
            "a directory that begins with a block of another's", .wrongLink,
            { disk in
                let start = try cluster(".          ", disk).entry
                let record = Array("OLD     TXT".utf8) + [0x20] + [UInt8](repeating: 0, count: 20)
                disk.bytes.replaceSubrange(start..<start + 32, with: record)
            }
        ),
        (
            "a piece of a name without a file", nil,
            { disk in
                disk.bytes[try cluster("FILENU~3   ", disk).entry] = 0xE5
            }
        ),
        (
            "an entry with control characters in its name", .garbage,
            { disk in
                disk.bytes[try cluster("FILENU~3   ", disk).entry + 2] = 3
            }
        ),
    ]

    static func link(_ disk: MemoryDisk, _ name: String, _ index: Int, _ value: Int) throws {
        let layout = try FATBootSector(disk.bytes.span)
        let first = try cluster(name, disk).first
        let bytes = Int(layout.tableBytes)
        for copy in 0..<2 {
            let offset = Int(layout.tableStart) + copy * bytes + (first + index) * 4
            for index in 0..<4 { disk.bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
        }
    }

    @Test(arguments: damages.indices)
    func `damage is named and put right, and fsck agrees`(_ number: Int) throws {
        let (what, problem, damage) = Self.damages[number]
        let disk = FATDamageTests.disk(32)
        try damage(disk)
        let found = try Self.repair(disk, what)
        #expect(!found.isClean, "\(what)")
        if let problem { #expect(found.problems.contains { $0.problem == problem }, "\(what): \(found.problems)") }
    }

    @Test func `the volume is found by the copy of an erased boot sector, and gets a new one`() throws {
        let disk = FATDamageTests.disk(32)
        let boot = Array(disk.bytes[..<512])
        for index in 0..<512 { disk.bytes[index] = 0xFF }
        let volume = try FATVolume(disk)
        #expect(try volume.contents(of: "/large", limit: 10_000) == pattern(9_000, 9))
        #expect(try volume.check().problems.map(\.problem) == [.bootSector])
        #expect(try Self.repair(disk).problems.map(\.problem) == [.bootSector])
        #expect(Array(disk.bytes[..<512]) == boot)
        // Another file system may have left the copy behind.
        for index in 0..<512 { disk.bytes[index] = 0 }
        #expect(throws: FileError.notFAT("signature 0x55AA")) { _ = try FATVolume(disk) }
    }

    @Test func `directories may lie as deep as they like`() throws {
        let disk = MemoryDisk(PlugTests.images[2])
        let volume = try FATVolume(disk)
        var path = ""
        for _ in 0..<150 {
            path += "/d"
            try volume.makeDirectory(path)
        }
        try volume.open(path + "/f", .create).write([1])
        try volume.unmount()
        let check = try FATCheck(disk)
        #expect(check.isClean && check.directoryCount == 150 && check.fileCount == 1, "\(check.problems)")
        let shop = try Workshop()
        try shop.write("image", disk.bytes)
        try shop.run("fsck.fat -n $I")
    }

    @Test func `a file of impossible size can be deleted`() throws {
        let disk = FATDamageTests.disk(32)
        disk.bytes[try Self.cluster("LARGE      ", disk).entry + 31] = 0xFF
        let volume = try FATVolume(disk)
        #expect(throws: FileError.corrupted("a file is larger than its volume")) { _ = try volume.open("/large") }
        try volume.remove("/large")
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
    }

    @Test func `a file that begins in a free cluster is not read`() throws {
        let disk = FATDamageTests.disk(32)
        try Self.link(disk, "LARGE      ", 0, 0)
        let volume = try FATVolume(disk)
        #expect(throws: FileError.corrupted("a file begins in a cluster that is free")) {
            _ = try volume.open("/large")
        }
    }

    @Test(arguments: [1, 63, 64])
    func `a volume may be a track longer than its partition, and no more`(_ excess: Int) throws {
        let shop = try Workshop()
        try shop.run("truncate -s 40M $I; mkfs.vfat -F 32 -s 1 -n APUS $I; echo hello > f; mcopy -i $I f ::")
        let whole = try shop.disk().bytes
        let disk = MemoryDisk(Array(whole.dropLast(512 * excess)))
        guard excess < 64 else {
            #expect(throws: FileError.notFAT("BPB_TotSec32: larger than the device")) { _ = try FATVolume(disk) }
            return
        }
        let volume = try FATVolume(disk)
        #expect(try volume.contents(of: "f", limit: 10) == Array("hello\n".utf8))
        // None of the clusters that are not there is given out.
        try ReplacementTests.fill(volume, "/filler")
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
    }

    @Test func `a count of free clusters that is too high is not believed, nor written back`() throws {
        let disk = FATDamageTests.disk(32)
        let volume = try FATVolume(disk)
        let free = try volume.freeClusterCount()
        let high = UInt32(volume.clusterCount)
        for index in 0..<4 { disk.bytes[512 + 488 + index] = UInt8(truncatingIfNeeded: high >> UInt32(8 * index)) }
        let again = try FATVolume(disk)
        try again.remove("/large")
        #expect(try again.freeClusterCount() == free)
        try again.unmount()
        #expect(try again.freeClusterCount() == free + 18)
        #expect(try again.freeClusterHint() == free + 18)
    }
}
