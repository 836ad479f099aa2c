import Testing

@testable import Storage

/// What takes long on a large card: done once, in long requests, with pauses for others, and not to the end for somebody who gave up.
@Suite struct LongWorkTests {
    static let pieces = 2048

    /// 128 GiB in clusters of 4 KiB: 128 MiB of table.
    static func large(isClean: Bool, isFull: Bool = false) throws -> (SparseDisk, Turnstile, FATVolume) {
        let disk = SparseDisk(size: 128 << 30, sectorsPerCluster: 8, isClean: isClean, isFull: isFull)
        let turnstile = Turnstile()
        return (disk, turnstile, try FATVolume(disk, exclusion: turnstile))
    }

    @Test(arguments: [true, false])
    func `free clusters of 128 GiB are counted once, in long requests, with pauses`(_ isClean: Bool) throws {
        let (disk, turnstile, volume) = try Self.large(isClean: isClean)
        #expect(try volume.freeClusterCount() == volume.clusterCount - 1)
        // A volume that was not taken leave of has its tables compared as well.
        #expect(disk.reads < (isClean ? 1 : 3) * Self.pieces + 50)
        #expect(turnstile.pauses >= Self.pieces - 10)
        let reads = disk.reads
        #expect(try volume.freeClusterCount() == volume.clusterCount - 1)
        #expect(disk.reads == reads)
    }

    @Test func `somebody who gives up ends the count, and what was counted is kept`() throws {
        let (disk, turnstile, volume) = try Self.large(isClean: true)
        turnstile.pausesUntilCancelled = 1000
        #expect(throws: FileError.cancelled) { _ = try volume.freeClusterCount() }
        #expect(disk.reads < 1100)
        turnstile.isCancelled = false
        _ = try volume.freeClusterCount()
        #expect(disk.reads < Self.pieces + 50)
    }

    @Test func `others use the volume while one counts, and the count is right`() throws {
        let (_, turnstile, volume) = try Self.large(isClean: true)
        var written = 0
        turnstile.others = {
            written += 1
            guard written <= 20 else { return }
            turnstile.others.map { others in
                // What the other does pauses as well.
                turnstile.others = nil
                #expect((try? volume.open("/file \(written)", .create).write([1])) != nil)
                turnstile.others = others
            }
        }
        let free = try volume.freeClusterCount()
        turnstile.others = nil
        #expect(written > 20)
        #expect(try volume.freeClusterCount() == free)
        try volume.unmount()
        #expect(try FATCheck(volume.cache.device).freeClusters == free)
    }

    @Test func `a full volume says so at once, and looks for room once`() throws {
        let (disk, turnstile, volume) = try Self.large(isClean: true, isFull: true)
        #expect(throws: FileError.full) { try volume.makeDirectory("/d") }
        #expect(disk.reads < Self.pieces + 50 && turnstile.pauses > Self.pieces - 10)
        let before = (disk.reads, disk.writes)
        for _ in 0..<10 {
            #expect(throws: FileError.full) { try volume.makeDirectory("/d") }
            #expect(throws: FileError.full) { try volume.open("/f", .create).write([1]) }
        }
        #expect(disk.reads - before.0 < 20 && disk.writes - before.1 < 20)
    }

    @Test func `somebody who gives up ends the search for room, and nothing was done`() throws {
        let (disk, turnstile, volume) = try Self.large(isClean: true, isFull: true)
        turnstile.pausesUntilCancelled = 100
        #expect(throws: FileError.cancelled) { try volume.makeDirectory("/d") }
        #expect(disk.reads < 200 && disk.writes == 0)
    }

    @Test func `a check of 128 GiB takes long requests, pauses, and ends for somebody who gives up`() throws {
        let (disk, turnstile, volume) = try Self.large(isClean: false)
        turnstile.pausesUntilCancelled = 500
        #expect(throws: FileError.cancelled) { _ = try volume.check() }
        #expect(disk.reads < 2000)
        turnstile.isCancelled = false
        let reads = disk.reads
        #expect(try volume.check().isClean)
        #expect(disk.reads - reads < 3 * Self.pieces + 50 && turnstile.pauses > Self.pieces)
    }

    @Test func `a check begins again when somebody writes, and lets nobody write when that happens too often`() throws {
        let disk = MemoryDisk(PlugTests.images[2])
        let turnstile = Turnstile()
        let volume = try FATVolume(disk, exclusion: turnstile)
        try volume.makeDirectory("/d")
        var writes = 0
        turnstile.others = {
            writes += 1
            let others = turnstile.others
            turnstile.others = nil
            #expect((try? volume.open("/d/f\(writes)", .create).write([1])) != nil)
            turnstile.others = others
        }
        let check = try volume.check()
        #expect(check.isClean && writes >= 2 && check.fileCount == writes)
    }

    @Test func `a long chain is walked in long requests`() throws {
        let shop = try Workshop()
        try shop.run("truncate -s 300M $I; mkfs.vfat -F 32 -s 1 $I")
        try ImageSurgery.addContiguousFile(shop.image, size: 256 << 20, marks: [])
        let disk = MemoryDisk(try shop.disk().bytes)
        let volume = try FATVolume(disk)
        let before = disk.requests
        var bytes = [UInt8](repeating: 0, count: 1)
        #expect(try volume.open("BIG").read(at: 256 << 20 - 1, into: &bytes) == 1)
        // 2 MiB of table in pieces of 64 KiB, and a few.
        #expect(disk.requests - before < 2048 / 64 + 12)
    }
}
