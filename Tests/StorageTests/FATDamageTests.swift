import Foundation
import Interfaces
import Testing

@testable import Storage

@Suite struct FATDamageTests {
    /// A volume with a directory of long names and a fragmented tree, made once by the tools.
    static let originals: [(Format, [UInt8])] = {
        [Format.all[0], Format.all[2], Format.all[4]].map { format in
            do {
                let shop = try FATReadingTests.format(format)
                try shop.write("large", pattern(9_000, 9))
                try shop.run(
                    """
                    mkdir -p 'in/a directory/sub'; for n in $(seq 12); do echo $n > "in/a directory/file number $n"; done
                    cp large in; cp large 'in/a directory/sub'; mcopy -s -i $I in ::; mcopy -i $I large ::
                    """)
                return (format, try shop.disk().bytes)
            } catch {
                fatalError("the tools made no image: \(error)")
            }
        }
    }()

    static func disk(_ bits: Int) -> MemoryDisk { MemoryDisk(originals.first { $0.0.bits == bits }!.1) }

    /// Asks a volume everything, with bounded work; errors are fine.
    static func exhaust(_ device: any BlockDevice) {
        guard let volume = try? FATVolume(device) else { return }
        _ = (try? volume.label(), try? volume.freeClusterCount())
        var budget = 500
        func walk(_ path: String, _ depth: Int) {
            var entries: [DirectoryEntry] = []
            do {
                var reader = try volume.directory(path)
                while budget > 0, let entry = try reader.next() {
                    budget -= 1
                    entries.append(entry)
                }
            } catch {
                _ = error.description
            }
            for entry in entries {
                if entry.isDirectory, depth < 6 { walk(path + "/" + entry.name, depth + 1) }
                guard let file = try? volume.open(path + "/" + entry.name) else { continue }
                var bytes = [UInt8](repeating: 0, count: 3000)
                for offset in [0, file.size / 2, file.size &- 1, 100] { _ = try? file.read(at: offset, into: &bytes) }
            }
        }
        walk("", 0)
    }

    @Test(arguments: [12, 16, 32], 0..<4 as Range<UInt64>)
    func `flipped bytes of the metadata never crash, and always end`(_ bits: Int, _ seed: UInt64) throws {
        let disk = Self.disk(bits)
        let layout = try FATBootSector(disk.bytes.span)
        let original = disk.bytes
        var random = Seeded(seed)
        let regions = [
            0..<64, Int(layout.tableStart)..<Int(layout.tableStart) + 200,
            Int(layout.rootEntryCount > 0 ? layout.rootStart : layout.dataStart)..<Int(layout.dataStart) + 3000,
        ]
        for _ in 0..<40 {
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let region = regions[Int.random(in: 0..<3, using: &random)]
                disk.bytes[Int.random(in: region, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            Self.exhaust(disk)
            disk.bytes.replaceSubrange(
                0..<Int(layout.dataStart) + 3000, with: original[..<(Int(layout.dataStart) + 3000)])
        }
    }

    @Test(arguments: [12, 16, 32], 0..<4 as Range<UInt64>)
    func `writing to a volume with flipped bytes never crashes, and always ends`(_ bits: Int, _ seed: UInt64) throws {
        let original = Self.disk(bits).bytes
        let layout = try FATBootSector(original.span)
        var random = Seeded(seed)
        let regions = [
            0..<64, Int(layout.tableStart)..<Int(layout.tableStart) + 200,
            Int(layout.rootEntryCount > 0 ? layout.rootStart : layout.dataStart)..<Int(layout.dataStart) + 3000,
        ]
        for round in 0..<12 as Range<UInt64> {
            var bytes = original
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                let region = regions[Int.random(in: 0..<3, using: &random)]
                bytes[Int.random(in: region, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let workload = try? Workload(bytes, seed: seed << 8 | round, startsFull: true) else { continue }
            for _ in 0..<40 { try? workload.step() }
            try? workload.volume.unmount()
            _ = try? FATCheck(workload.disk)
        }
    }

    @Test(
        arguments: [
            (510, [0], "signature 0x55AA"), (11, [0, 0], "BPB_BytsPerSec"), (11, [0, 1], "BPB_BytsPerSec"),
            (11, [0, 0x20], "BPB_BytsPerSec"), (11, [1, 2], "BPB_BytsPerSec"), (13, [0], "BPB_SecPerClus"),
            (13, [3], "BPB_SecPerClus"), (14, [0, 0], "BPB_RsvdSecCnt"), (16, [0], "BPB_NumFATs"),
            (16, [17], "BPB_NumFATs"),
            (21, [0x10], "BPB_Media"), (17, [1, 0], "BPB_RootEntCnt"), (36, [0, 0, 0, 0], "BPB_FATSz32"),
            (36, [0xFF, 0xFF, 0xFF, 0xFF], "BPB_TotSec32"), (32, [0, 0, 0, 0], "BPB_TotSec32"),
            (32, [0xFF, 0xFF, 0xFF, 0xFF], "number of clusters"),
            (32, [0, 0, 0, 0x0F], "BPB_TotSec32: larger than the device"),
            (42, [1, 0], "BPB_FSVer"), (40, [0x8F, 0], "BPB_ExtFlags"),
            (44, [1, 0, 0, 0], "BPB_RootClus"), (44, [0xFF, 0xFF, 0xFF, 0xFF], "BPB_RootClus"),
        ] as [(Int, [UInt8], String)])
    func `a field of the boot sector that cannot be is named`(_ offset: Int, _ bytes: [UInt8], _ field: String) throws {
        let disk = Self.disk(32)
        disk.bytes.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        do {
            _ = try FATVolume(disk)
            Issue.record("accepted")
        } catch {
            guard case .notFAT(let found) = error else { throw error }
            #expect(found.description == field)
        }
    }

    /// Where the short entry of `name` (eleven bytes) lies in the image.
    static func entry(_ name: String, in bytes: [UInt8]) throws -> Int {
        let name = Array(name.utf8)
        return try #require(
            stride(from: 0, to: bytes.count, by: 32).first {
                bytes[$0..<$0 + 11].elementsEqual(name) && bytes[$0 + 11] != 15
            })
    }

    static func setLink(_ disk: MemoryDisk, _ from: Int, _ to: Int) throws {
        let layout = try FATBootSector(disk.bytes.span)
        let offset = Int(layout.tableStart) + from * 4
        for index in 0..<4 { disk.bytes[offset + index] = UInt8(truncatingIfNeeded: to >> (8 * index)) }
    }

    @Test(
        arguments: [
            (0, "a file goes on in a cluster that is free"), (0x0FFF_FFF7, "a file goes on in a cluster that is bad"),
            (1, "an entry of the allocation table is out of range"),
            (0x00FF_FFFF, "an entry of the allocation table is out of range"),
            (0x0FFF_FFFF, "a file has fewer clusters than its size needs"),
            (-1, "a chain of clusters comes back to itself"),
        ] as [(Int, String)])
    func `a chain of a file that breaks says how`(_ link: Int, _ what: String) throws {
        let disk = Self.disk(32)
        let offset = try Self.entry("LARGE      ", in: disk.bytes)
        let first = Int(disk.bytes[offset + 26]) | Int(disk.bytes[offset + 27]) << 8
        try Self.setLink(disk, first + 3, link == -1 ? first + 1 : link)
        let file = try FATVolume(disk).open("/large")
        var bytes = [UInt8](repeating: 0, count: 2048)
        #expect(try file.read(at: 0, into: &bytes) == 2048)
        #expect(bytes[...] == pattern(9_000, 9)[..<2048])
        do {
            bytes = [UInt8](repeating: 0, count: 9_000)
            _ = try file.read(at: 0, into: &bytes)
            Issue.record("read")
        } catch {
            guard case .corrupted(let found) = error else { throw error }
            #expect(found.description == what)
        }
    }

    @Test func `a size or a first cluster that cannot be is refused at opening`() throws {
        let disk = Self.disk(32)
        let offset = try Self.entry("LARGE      ", in: disk.bytes)
        disk.bytes[offset + 31] = 0xFF
        let volume = try FATVolume(disk)
        #expect(throws: FileError.corrupted("a file is larger than its volume")) { _ = try volume.open("/large") }
        disk.bytes[offset + 31] = 0
        disk.bytes[offset + 21] = 0x0F
        let again = try FATVolume(disk)
        #expect(throws: FileError.corrupted("the first cluster of a file is out of range")) {
            _ = try again.open("/large")
        }
    }

    @Test func `a directory that comes back to itself ends with an error`() throws {
        let disk = Self.disk(32)
        let root = Int(try FATBootSector(disk.bytes.span).rootCluster)
        try Self.setLink(disk, root, root)
        // Without an end mark in the cluster the reader goes on to the next.
        let layout = try FATBootSector(disk.bytes.span)
        for offset in stride(from: Int(layout.dataStart), to: Int(layout.dataStart) + 512, by: 32)
        where disk.bytes[offset] == 0 { disk.bytes[offset] = 0xE5 }
        let volume = try FATVolume(disk)
        #expect(throws: FileError.corrupted("a chain of clusters comes back to itself")) {
            try volume.list("/") { _ in }
        }
    }

    @Test func `a directory that contains itself is not entered twice`() throws {
        let disk = Self.disk(32)
        let (parent, sub) = (
            try Self.entry("IN         ", in: disk.bytes), try Self.entry("SUB        ", in: disk.bytes)
        )
        disk.bytes[sub + 26] = disk.bytes[parent + 26]
        disk.bytes[sub + 27] = disk.bytes[parent + 27]
        let volume = try FATVolume(disk)
        #expect(throws: FileError.corrupted("a directory contains itself")) {
            _ = try volume.entry(at: "/in/a directory/sub/a directory/sub/a directory")
        }
    }

    @Test(
        arguments: [
            (0, 0x45), (0, 0x01), (0, 0x40), (12, 1), (13, 0x77), (32, 0x03), (45, 0x77), (1, 0x2F), (1, 0x07),
        ] as [(Int, UInt8)])
    func `a long name with a broken piece gives way to the short name`(_ place: Int, _ byte: UInt8) throws {
        let disk = Self.disk(32)
        let short = try Self.entry("FILENU~1   ", in: disk.bytes)
        // "file number 1" has thirteen letters; with "file number 10" there are two pieces.
        let (name, offset) = try Self.twoPieces(disk.bytes, after: short)
        disk.bytes[offset + place] = byte
        var names: [String] = []
        try FATVolume(disk).list("/in/a directory") { names.append($0.name) }
        #expect(!names.contains(name))
        #expect(names.count == 13 && names.contains { $0.hasPrefix("FILENU~") })
    }

    @Test func `surrogates in pairs are a letter, and alone a sign that the file can still be found by`() throws {
        let disk = Self.disk(32)
        let short = try Self.entry("FILENU~1   ", in: disk.bytes)
        let (name, offset) = try Self.twoPieces(disk.bytes, after: short)
        // The second entry holds the first piece, "file number 1".
        disk.bytes.replaceSubrange(offset + 33..<offset + 37, with: [0x3D, 0xD8, 0x00, 0xDE])
        let paired = try FATVolume(disk).entry(at: "/in/a directory/😀" + name.dropFirst(2))
        #expect(paired.name == "😀" + name.dropFirst(2))
        disk.bytes.replaceSubrange(offset + 35..<offset + 37, with: [0x41, 0x00])
        let alone = try FATVolume(disk).entry(at: "/in/a directory/\u{FFFD}A" + name.dropFirst(2))
        #expect(alone.name == "\u{FFFD}A" + name.dropFirst(2))
    }

    /// The name of a file with a long name of two pieces, and where the first of these lies.
    static func twoPieces(_ bytes: [UInt8], after start: Int) throws -> (String, Int) {
        let offset = try #require(
            stride(from: start, to: bytes.count, by: 32).first { bytes[$0] == 0x42 && bytes[$0 + 11] == 15 })
        return ("file number 1" + String(UnicodeScalar(bytes[offset + 1])), offset)
    }

    @Test func `short names have the case that their entry says and letters of code page 437`() throws {
        let disk = Self.disk(12)
        let offset = try Self.entry("LARGE      ", in: disk.bytes)
        disk.bytes.replaceSubrange(
            offset..<offset + 11, with: [0x05, 0x81, 0x41, 0x20, 0x20, 0x20, 0x20, 0x20] + Array("TXT".utf8))
        disk.bytes[offset + 12] = 0x10
        var names: [String] = []
        try FATVolume(disk).list("/") { names.append($0.name) }
        #expect(names.contains("σüA.txt"))
        disk.bytes[offset + 12] = 0x08
        names = []
        try FATVolume(disk).list("/") { names.append($0.name) }
        #expect(names.contains("σüa.TXT"))
        #expect(try FATVolume(disk).open("ΣÜA.txt").size == 9_000)
    }

    // MARK: Errors of the device

    @Test func `every failing block becomes an error of the device, and the same volume works when it is back`() throws
    {
        let disk = Self.disk(16)
        let volume = try FATVolume(disk)
        let expected = pattern(9_000, 9)
        for block in 0..<disk.geometry.blockCount where block < 300 {
            disk.badBlocks = [block]
            disk.cause = .timeout("test")
            do {
                let fresh = try FATVolume(disk)
                #expect(try fresh.contents(of: "/in/a directory/sub/large", limit: 10_000) == expected)
            } catch {
                guard case .device(let cause) = error else { throw error }
                #expect(cause.cause == .timeout("test"))
            }
        }
        disk.badBlocks = []
        #expect(try volume.contents(of: "/in/a directory/sub/large", limit: 10_000) == expected)
    }

    @Test func `a bad block in one copy of the table is read from the other`() throws {
        let disk = Self.disk(16)
        let layout = try FATBootSector(disk.bytes.span)
        let first = layout.tableStart / 512
        disk.badBlocks = Set(first..<first + layout.tableBytes / 512)
        #expect(try FATVolume(disk).contents(of: "/in/a directory/sub/large", limit: 10_000) == pattern(9_000, 9))
        disk.badBlocks.formUnion(first..<first + 2 * layout.tableBytes / 512)
        #expect(throws: FileError.self) { _ = try FATVolume(disk).contents(of: "/large", limit: 10_000) }
    }

    // MARK: The volume

    @Test(arguments: [12, 16, 32])
    func `free clusters are those that fsck counts`(_ bits: Int) throws {
        let shop = try Workshop()
        let disk = Self.disk(bits)
        try shop.write("image", disk.bytes)
        let report = try shop.run("fsck.fat -n $I")
        let numbers = try #require(report.split(separator: " ").first { $0.contains("/") && $0.first!.isNumber }).split(
            separator: "/")
        let volume = try FATVolume(disk)
        #expect(volume.clusterCount == Int(numbers[1]))
        #expect(try volume.freeClusterCount() == Int(numbers[1])! - Int(numbers[0])!)
    }

    @Test func `what FSInfo says of free clusters is never taken for their number, and is put right`() throws {
        let disk = Self.disk(32)
        let counted = try FATCheck(disk).freeClusters
        for (offset, byte) in [(488, 0xFF), (488, 0), (490, 0xFF), (491, 0xFF), (0, 0), (484, 0), (511, 0)]
            as [(Int, UInt8)]
        {
            let changed = MemoryDisk(disk.bytes)
            changed.bytes[512 + offset] = byte
            let volume = try FATVolume(changed)
            #expect(try volume.freeClusterCount() == counted)
            try volume.remove("/large")
            try volume.unmount()
            #expect(try volume.freeClusterCount() == FATCheck(changed).freeClusters)
            // Where there is such a sector, it says what is true.
            if offset > 487, offset < 500 { #expect(try volume.freeClusterHint() == volume.freeClusterCount()) }
        }
    }

    @Test func `the label comes from the root directory, else from the boot sector, else there is none`() throws {
        let shop = try FATReadingTests.format(Format.all[2], label: "'MY CARD'")
        let disk = try shop.disk()
        #expect(try FATVolume(disk).label() == "MY CARD")
        disk.bytes[try Self.labelOffset(disk.bytes)] = 0xE5
        #expect(try FATVolume(disk).label() == "MY CARD")
        disk.bytes.replaceSubrange(43..<54, with: Array("NO NAME    ".utf8))
        #expect(try FATVolume(disk).label() == "")
    }

    static func labelOffset(_ bytes: [UInt8]) throws -> Int {
        try #require(stride(from: 512, to: bytes.count, by: 32).first { bytes[$0 + 11] == 0x08 && bytes[$0] != 0 })
    }
}
