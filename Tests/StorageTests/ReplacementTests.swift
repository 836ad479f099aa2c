import Testing

@testable import Storage

/// Files that are written anew: the old content until the new one is whole.
@Suite struct ReplacementTests {
    static func volume() throws -> (MemoryDisk, FATVolume) {
        let disk = MemoryDisk(ScenarioTests.base)
        return (disk, try FATVolume(disk, exclusion: Turnstile()))
    }

    @Test(arguments: ["/small", "/new", "/d/a file that was not there"])
    func `whenever the plug is pulled, a file has its old content or the new`(_ path: String) throws {
        let (disk, volume) = try Self.volume()
        disk.events = []
        let old = try? volume.contents(of: path, limit: 1000)
        let new = pattern(20_000, 77)
        let replacement = try volume.replace(path)
        try replacement.file.write(Array(new[..<7000]))
        try replacement.file.flush()
        #expect((try? volume.contents(of: path, limit: 1000)) == old)
        try replacement.file.write(Array(new[7000...]))
        try replacement.finish()
        let done = disk.events?.count ?? 0
        try volume.synchronize()
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
        var random = Seeded(3)
        var seen: Set<Bool> = []
        try PlugTests.states(ScenarioTests.base, disk.events ?? [], samples: 3, &random) { event, state in
            let check = try FATCheck(MemoryDisk(state))
            try #require(check.problems.isEmpty && check.orphanPieces == 0, "event \(event): \(check.problems)")
            let found = try? FATVolume(MemoryDisk(state)).contents(of: path, limit: 30_000)
            try #require(found == old || found == new, "event \(event)")
            try #require(event < done || found == new, "event \(event): not durable")
            seen.insert(found == new)
        }
        #expect(seen == [true, false])
    }

    @Test func `a replacement that is not finished leaves nothing behind`() throws {
        let (disk, volume) = try Self.volume()
        let free = try volume.freeClusterCount()
        for path in ["/small", "/new"] {
            let replacement = try volume.replace(path)
            try replacement.file.write(pattern(5000, 1))
        }
        try volume.synchronize()
        #expect(try volume.freeClusterCount() == free)
        #expect(try volume.contents(of: "/small", limit: 1000) == ScenarioTests.small)
        #expect(throws: FileError.notFound("/new")) { _ = try volume.entry(at: "/new") }
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
    }

    @Test func `without room for the new content the old one stays, and a new file is not there`() throws {
        let (disk, volume) = try Self.volume()
        let size = try volume.freeClusterCount() * volume.clusterSize
        for path in ["/small", "/new"] {
            let replacement = try volume.replace(path)
            #expect(throws: FileError.full) {
                for _ in 0..<size / 5000 + 1 { try replacement.file.write(pattern(5000, 1)) }
            }
        }
        #expect(try volume.contents(of: "/small", limit: 1000) == ScenarioTests.small)
        #expect(throws: FileError.notFound("/new")) { _ = try volume.entry(at: "/new") }
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
    }

    @Test func `what may not be replaced is named, and who has the old file open keeps it`() throws {
        let (_, volume) = try Self.volume()
        #expect(throws: FileError.isADirectory("/d")) { _ = try volume.replace("/d") }
        #expect(throws: FileError.invalidName("/x?")) { _ = try volume.replace("/x?") }
        let old = try volume.open("/small")
        let replacement = try volume.replace("/small")
        try replacement.file.write([1, 2])
        try replacement.finish()
        #expect(throws: FileError.notOpen) { try replacement.finish() }
        var bytes = [UInt8](repeating: 0, count: 700)
        #expect(try old.read(at: 0, into: &bytes) == 700 && bytes == ScenarioTests.small)
        #expect(try volume.contents(of: "/small", limit: 10) == [1, 2])
        try volume.synchronize()
    }

    // MARK: Full volumes

    static func fill(_ volume: FATVolume, _ path: String) throws {
        let file = try volume.open(path, .create)
        while true {
            do throws(FileError) { try file.write([UInt8](repeating: 7, count: 512)) } catch {
                #expect(error == .full)
                return try file.flush()
            }
        }
    }

    @Test(arguments: 0..<4)
    func `a name moves to another directory on a full volume`(_ image: Int) throws {
        let disk = MemoryDisk(PlugTests.images[image])
        let volume = try FATVolume(disk)
        try volume.makeDirectory("/d")
        try volume.open("/file", .create).write([5])
        // So many that the other directory has to grow.
        for number in 0..<volume.clusterSize / 32 - 2 { _ = try volume.open("/d/F\(number)", .create) }
        try Self.fill(volume, "/filler")
        try volume.rename("/file", to: "/d/other")
        try volume.rename("/d/other", to: "/back again")
        #expect(try volume.contents(of: "/back again", limit: 1) == [5])
        try volume.unmount()
        #expect(try FATCheck(disk).problems.isEmpty)
    }

    @Test func `a name moves out of a fixed root directory that is full`() throws {
        let disk = MemoryDisk(PlugTests.images[1])
        let volume = try FATVolume(disk)
        try volume.makeDirectory("/d")
        var count = 0
        while (try? volume.open("/F\(count)", .create)) != nil { count += 1 }
        #expect(throws: FileError.directoryFull) { _ = try volume.open("/G", .create) }
        try volume.rename("/F1", to: "/d/other")
        #expect(try volume.entry(at: "/d/other").size == 0)
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
    }
}
