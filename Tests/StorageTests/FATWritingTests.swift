import Foundation
import Interfaces
import Testing

@testable import Storage

@Suite struct FATWritingTests {
    /// An empty volume of `format`.
    static func disk(_ format: Format) throws -> MemoryDisk { try FATReadingTests.format(format).disk() }

    static func write(_ volume: FATVolume, _ path: String, _ content: [UInt8]) throws(FileError) {
        try volume.open(path, [.create, .truncate]).write(content)
    }

    // MARK: Content

    @Test(arguments: [Format.all[0], Format.all[1], Format.all[3], Format.all[4], Format.all[7], Format.all[9]])
    func `what is written in pieces of any size at any place is read back, by us and by mtools`(
        _ format: Format
    ) throws {
        let shop = try FATReadingTests.format(format)
        let volume = try FATVolume(try FileDisk(shop.image, isReadOnly: false))
        let file = try volume.open("/a file.bin", .create)
        var content: [UInt8] = []
        var random = Seeded(UInt64(format.clusterSize))
        for _ in 0..<60 {
            let offset = Int.random(in: 0...content.count + 3000, using: &random)
            let data = pattern([1, 511, 512, 513, 4096, 10_000][Int.random(in: 0..<6, using: &random)], random.next())
            try file.write(at: UInt64(offset), from: data.span.bytes)
            if offset > content.count { content += [UInt8](repeating: 0, count: offset - content.count) }
            content.replaceSubrange(offset..<min(content.count, offset + data.count), with: data)
            if Int.random(in: 0..<8, using: &random) == 0 {
                let size = Int.random(in: 0...content.count, using: &random)
                try file.truncate(to: UInt64(size))
                content = Array(content[..<size])
            }
            if Int.random(in: 0..<8, using: &random) == 0 { try file.flush() }
        }
        #expect(try volume.contents(of: "/a file.bin", limit: 1 << 24) == content)
        try file.close()
        try volume.unmount()
        try shop.write("expected", content)
        try shop.run("fsck.fat -n $I; mcopy -i $I '::a file.bin' found; cmp found expected")
    }

    @Test func `positions move, appending goes to the end, and a gap is zero`() throws {
        let volume = try FATVolume(try Self.disk(Format.all[2]))
        let file = try volume.open("f", .create)
        try file.write([1, 2, 3])
        file.position = 6
        try file.write([7])
        #expect(file.size == 7 && file.position == 7)
        let tail = try volume.open("f", .append)
        try tail.write([8])
        file.position = 1
        var bytes = [UInt8](repeating: 9, count: 10)
        let count = try bytes.withMutableRawSpan { (span) throws(FileError) in try file.read(into: &span) }
        #expect(count == 7 && bytes[..<7] == [2, 3, 0, 0, 0, 7, 8] && file.position == 8)
        try file.truncate(to: 10_000)
        #expect(
            try volume.contents(of: "f", limit: 20_000) == [1, 2, 3, 0, 0, 0, 7, 8] + [UInt8](repeating: 0, count: 9992)
        )
    }

    @Test func `a handle that was closed, or opened for reading, cannot be written through`() throws {
        let volume = try FATVolume(try Self.disk(Format.all[2]))
        let file = try volume.open("f", .create)
        try file.close()
        try file.close()
        #expect(throws: FileError.notOpen) { try file.write([1]) }
        let reader = try volume.open("f")
        #expect(throws: FileError.notOpen) { try reader.write([1]) }
        #expect(throws: FileError.notOpen) { try reader.truncate(to: 0) }
    }

    @Test func `handles to one file see what each of them does, whatever becomes of its name`() throws {
        let disk = try Self.disk(Format.all[2])
        let volume = try FATVolume(disk)
        let (one, other) = (try volume.open("f", .create), try volume.open("F", .write))
        try one.write([1, 2, 3])
        #expect(other.size == 3)
        #expect(try volume.entry(at: "f").size == 3)
        try volume.makeDirectory("a directory")
        try volume.rename("f", to: "a directory/g")
        try other.write(at: 3, from: ([4] as [UInt8]).span.bytes)
        #expect(try volume.contents(of: "a directory/g", limit: 10) == [1, 2, 3, 4])
        try volume.remove("a directory/g")
        let free = try volume.freeClusterCount()
        try one.write(at: 0, from: pattern(5000, 1).span.bytes)
        var bytes = [UInt8](repeating: 0, count: 5000)
        #expect(try other.read(at: 0, into: &bytes) == 5000 && bytes == pattern(5000, 1))
        try one.close()
        try other.close()
        try volume.synchronize()
        #expect(try volume.freeClusterCount() == free + 1)
        #expect(try FATCheck(disk).isClean)
    }

    @Test func `a file grows to four gigabytes less one byte, and not further`() throws {
        let shop = try Workshop()
        try shop.run("truncate -s 6G $I; mkfs.vfat -F 32 -s 64 $I")
        try ImageSurgery.addContiguousFile(shop.image, size: 4_294_967_290, marks: [])
        let volume = try FATVolume(try FileDisk(shop.image, isReadOnly: false))
        let file = try volume.open("BIG", .append)
        try file.write([1, 2, 3, 4, 5])
        #expect(file.size == 4_294_967_295)
        #expect(throws: FileError.tooLarge(4_294_967_296)) { try file.write([6]) }
        #expect(throws: FileError.tooLarge(4_294_967_296)) { try file.truncate(to: 4_294_967_296) }
        try file.truncate(to: 100)
        try volume.unmount()
        let again = try FATVolume(try FileDisk(shop.image))
        #expect(try again.open("BIG").size == 100)
        // The root directory and one cluster: everything else is free again.
        #expect(try again.freeClusterCount() == again.clusterCount - 2)
    }

    // MARK: Room

    @Test(arguments: [Format.all[0], Format.all[2], Format.all[4]])
    func `a full volume refuses, loses nothing, and takes again what is made free`(_ format: Format) throws {
        let disk = try Self.disk(format)
        let volume = try FATVolume(disk)
        try Self.write(volume, "first", pattern(3000, 1))
        let file = try volume.open("big", .create)
        let block = pattern(100_000, 2)
        var size = 0
        while (try? file.write(block)) != nil { size += block.count }
        #expect(throws: FileError.full) { try file.write(block) }
        #expect(file.size == UInt64(size))
        #expect(throws: FileError.full) { try file.truncate(to: UInt64(size + 1_000_000)) }
        try volume.synchronize()
        #expect(try FATCheck(disk).isClean)
        #expect(try volume.contents(of: "first", limit: 4000) == pattern(3000, 1))
        let content = try volume.contents(of: "big", limit: 1 << 26)
        #expect(content.count == size && content[..<100_000] == block[...] && content.suffix(100_000) == block[...])
        try volume.remove("first")
        try file.truncate(to: 10)
        try file.write(at: 10, from: block.span.bytes)
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
    }

    @Test func `the root directory of FAT16 fills up, and says so`() throws {
        let disk = try Self.disk(Format.all[2])
        let volume = try FATVolume(disk)
        var count = 0
        while (try? volume.open("FILE\(count)", .create)) != nil { count += 1 }
        // 512 entries, one of them the label.
        #expect(count == 510)
        #expect(throws: FileError.directoryFull) { _ = try volume.open("one more", .create) }
        #expect(throws: FileError.directoryFull) { try volume.makeDirectory("one more") }
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
    }

    @Test func `bad clusters stay what they are, and what was marked is never written`() throws {
        let shop = try Workshop()
        // Every tenth KiB from 1500 on is bad.
        try shop.run(
            "truncate -s 4400K $I; seq 1500 10 3000 > bad; mkfs.vfat -F 16 -s 1 -l bad $I"
        )
        let disk = try shop.disk()
        let before = try FATVolume(disk)
        let bad = try (2..<before.layout.clusterCount + 2).filter { try before.tableEntry($0) == 0xFFF7 }
        #expect(bad.count > 200)
        disk.badBlocks = Set(bad.map { before.layout.start(of: $0) / 512 })
        let volume = try FATVolume(disk)
        let file = try volume.open("file", .create)
        let block = pattern(20_000, 3)
        while (try? file.write(block)) != nil {}
        try volume.unmount()
        #expect(file.size > 1_500_000)
        for cluster in bad { #expect(try volume.tableEntry(cluster) == 0xFFF7) }
        try shop.write("image", disk.bytes)
        try shop.run("fsck.fat -n $I")
    }

    // MARK: What must not be written

    @Test func `a read-only device and read-only files are refused by name`() throws {
        let shop = try FATReadingTests.format(Format.all[2])
        try shop.write("file", [1])
        try shop.run("mcopy -i $I file ::; mattrib -i $I +r ::file")
        let disk = try shop.disk()
        let volume = try FATVolume(disk)
        #expect(throws: FileError.readOnly("/file")) { _ = try volume.open("/file", .write) }
        #expect(throws: FileError.readOnly("file")) { try volume.remove("file") }
        try Self.write(volume, "other", [2])
        #expect(throws: FileError.readOnly("file")) { try volume.rename("other", to: "file") }
        disk.geometry.isReadOnly = true
        let locked = try FATVolume(disk)
        #expect(throws: FileError.readOnly("")) { _ = try locked.open("new", .create) }
        #expect(throws: FileError.readOnly("")) { try locked.makeDirectory("new") }
        #expect(try locked.contents(of: "file", limit: 1) == [1])
    }

    @Test(
        arguments: [
            ("dir", "x", .isADirectory("x")), ("file", "dir", .isADirectory("dir")),
            ("dir", "file", .notADirectory("file")),
            ("dir", "full", .notEmpty("full")), ("none", "x", .notFound("none")), ("file", "none/x", .notFound("none")),
            ("full", "full/inner/x", .invalidName("full/inner/x")), ("/", "x", .busy("/")),
            ("file", "a:b", .invalidName("a:b")), ("file", "end.", .invalidName("end.")),
            ("file", "..", .invalidName("..")),
        ] as [(String, String, FileError)])
    func `a renaming that cannot be says why, and changes nothing`(
        _ old: String, _ new: String, _ error: FileError
    ) throws {
        let disk = try Self.disk(Format.all[2])
        let volume = try FATVolume(disk)
        try Self.write(volume, "file", [1])
        for path in ["dir", "full", "full/inner"] { try volume.makeDirectory(path) }
        if new == "x" && old == "dir" {
            // The one that can be.
            try volume.rename(old, to: new)
            #expect(throws: error) { _ = try volume.open("x") }
            return
        }
        #expect(throws: error) { try volume.rename(old, to: new) }
        #expect(try volume.contents(of: "file", limit: 1) == [1])
        try volume.unmount()
        let check = try FATCheck(disk)
        #expect(check.isClean && check.fileCount == 1 && check.directoryCount == 3)
    }

    @Test(arguments: [
        "a\"b", "a*b", "a:b", "a<b", "a>b", "a?b", "a\\b", "a|b", "a\u{7F}", "dot.", "blank ", "", ".", "..",
        String(repeating: "x", count: 256),
    ])
    func `a name that other systems could not use is not made`(_ name: String) throws {
        let volume = try FATVolume(try Self.disk(Format.all[0]))
        #expect(throws: FileError.invalidName("/" + name)) { _ = try volume.open("/" + name, .create) }
        #expect(throws: FileError.invalidName("/" + name)) { try volume.makeDirectory("/" + name) }
    }

    @Test func `making and removing says what is in the way`() throws {
        let volume = try FATVolume(try Self.disk(Format.all[0]))
        try volume.makeDirectory("d")
        try Self.write(volume, "d/f", [1])
        #expect(throws: FileError.exists("D")) { try volume.makeDirectory("D") }
        #expect(throws: FileError.exists("d/F")) { _ = try volume.open("d/F", .exclusive) }
        #expect(throws: FileError.notEmpty("d")) { try volume.removeDirectory("d") }
        #expect(throws: FileError.isADirectory("d")) { try volume.remove("d") }
        #expect(throws: FileError.notADirectory("d/f")) { try volume.removeDirectory("d/f") }
        #expect(throws: FileError.busy("/")) { try volume.removeDirectory("/") }
        #expect(throws: FileError.notFound("e")) { _ = try volume.open("e/f", .create) }
    }

    // MARK: The volume

    @Test func `a task that is cancelled while it waits for its turn has done nothing`() throws {
        let turnstile = Turnstile()
        let volume = try FATVolume(try Self.disk(Format.all[0]), exclusion: turnstile)
        let file = try volume.open("f", .create)
        turnstile.isClosed = true
        #expect(throws: FileError.cancelled) { try file.write([1]) }
        #expect(throws: FileError.cancelled) { _ = try volume.entry(at: "f") }
        turnstile.isClosed = false
        #expect(try volume.contents(of: "f", limit: 1) == [])
    }

    @Test(arguments: [Format.all[2], Format.all[4]])
    func `the mark of a clean volume goes with the first write and comes back, unless it was not there`(
        _ format: Format
    ) throws {
        let disk = try Self.disk(format)
        let volume = try FATVolume(disk)
        #expect(try volume.wasCleanlyUnmounted())
        try Self.write(volume, "f", [1])
        #expect(try !FATVolume(MemoryDisk(disk.bytes)).wasCleanlyUnmounted())
        try volume.unmount()
        #expect(try FATVolume(disk).wasCleanlyUnmounted())
        try Self.write(volume, "f", [1, 2])
        let interrupted = MemoryDisk(disk.bytes)
        let next = try FATVolume(interrupted)
        try Self.write(next, "g", [3])
        try next.unmount()
        #expect(try !FATVolume(interrupted).wasCleanlyUnmounted())
    }

    @Test func `FSInfo and the second table are kept`() throws {
        let disk = try Self.disk(Format.all[4])
        let volume = try FATVolume(disk)
        try Self.write(volume, "f", pattern(100_000, 1))
        try volume.unmount()
        let layout = volume.layout
        let first = Int(layout.tableStart)
        let length = Int(layout.tableBytes)
        #expect(disk.bytes[first..<first + length] == disk.bytes[first + length..<first + 2 * length])
        let stated = try #require(try volume.freeClusterHint())
        #expect(try FATCheck(disk).freeClusters == stated)
        #expect(stated == volume.clusterCount - 1 - 196)
    }

    @Test(
        arguments: [
            (0, "1980-01-01 00:00:00"), (315_532_801, "1980-01-01 00:00:01"), (1_709_251_199, "2024-02-29 23:59:59"),
            (1_800_000_000, "2027-01-15 08:00:00"), (4_107_542_400, "2100-03-01 00:00:00"),
            (4_354_819_199, "2107-12-31 23:59:59"), (.max, "2107-12-31 23:59:59"),
        ] as [(UInt64, String)])
    func `a time becomes the fields of an entry and comes back`(_ seconds: UInt64, _ text: String) throws {
        let time = FATTimestamp(secondsSince1970: seconds)
        #expect(time.description == text)
        let back = FATTimestamp(
            date: time.encodedDate, time: time.encodedTime, hundredths: time.encodedHundredths)
        #expect(back == time)
    }

    @Test func `entries carry the time of whoever makes and changes them`() throws {
        var now: UInt64 = 1_700_000_000
        let volume = try FATVolume(try Self.disk(Format.all[2])) { FATTimestamp(secondsSince1970: now) }
        let file = try volume.open("f", .create)
        now += 3601
        try file.write([1])
        try file.close()
        let entry = try volume.entry(at: "f")
        #expect(entry.created?.description == "2023-11-14 22:13:20")
        #expect(entry.modified?.description == "2023-11-14 23:13:20")
        #expect(entry.attributes == .archive)
    }
}
