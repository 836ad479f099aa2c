import Foundation
import Interfaces
import Testing

@testable import Storage

/// Formats that mkfs.vfat makes: arguments, size of the image in KiB, width of a table entry, cluster size.
struct Format: CustomStringConvertible, Sendable {
    var arguments: String
    var kibibytes: Int
    var bits: Int
    var clusterSize: Int
    var description: String { "FAT\(bits), clusters of \(clusterSize), \(arguments)" }

    static let all = [
        Format(arguments: "-F 12 -s 1", kibibytes: 1440, bits: 12, clusterSize: 512),
        Format(arguments: "-F 12 -s 8", kibibytes: 8192, bits: 12, clusterSize: 4096),
        Format(arguments: "-F 16 -s 1", kibibytes: 8192, bits: 16, clusterSize: 512),
        Format(arguments: "-F 16 -s 4", kibibytes: 16384, bits: 16, clusterSize: 2048),
        Format(arguments: "-F 32 -s 1", kibibytes: 40960, bits: 32, clusterSize: 512),
        Format(arguments: "-F 32 -s 8", kibibytes: 270_000, bits: 32, clusterSize: 4096),
        Format(arguments: "-F 32 -s 64", kibibytes: 2_200_000, bits: 32, clusterSize: 32768),
        Format(arguments: "-F 16 -S 1024 -s 2", kibibytes: 16384, bits: 16, clusterSize: 2048),
        Format(arguments: "-F 32 -S 2048 -s 1", kibibytes: 140_000, bits: 32, clusterSize: 2048),
        Format(arguments: "-F 32 -S 4096 -s 1", kibibytes: 270_000, bits: 32, clusterSize: 4096),
    ]
}

@Suite struct FATReadingTests {
    static func format(_ format: Format, label: String = "APUS") throws -> Workshop {
        let shop = try Workshop()
        try shop.run(
            "truncate -s \(format.kibibytes)K $I; mkfs.vfat \(format.arguments) -n \(label) -i CAFE1234 $I")
        return shop
    }

    @Test(arguments: Format.all)
    func `every format gives back byte for byte what was copied in`(_ format: Format) throws {
        let shop = try Self.format(format)
        let sizes = [
            0, 1, 511, 512, 513, 4095, 4096, 4097, format.clusterSize, format.clusterSize + 1, 100_000, 300_001,
        ]
        for size in sizes { try shop.write("f\(size)", pattern(size, UInt64(size))) }
        try shop.run("mmd -i $I ::sub; mcopy -i $I f* ::; mcopy -i $I f* ::sub/; fsck.fat -n $I")
        let volume = try FATVolume(try FileDisk(shop.image))
        #expect(volume.bits == format.bits)
        #expect(volume.clusterSize == format.clusterSize)
        #expect(volume.serialNumber == 0xCAFE_1234)
        #expect(try volume.label() == "APUS")
        for size in sizes {
            let expected = pattern(size, UInt64(size))
            #expect(try volume.contents(of: "/f\(size)", limit: 1 << 20) == expected)
            #expect(try volume.contents(of: "/SUB/F\(size)", limit: 1 << 20) == expected)
        }
    }

    @Test(arguments: [512, 1024, 2048, 4096])
    func `the device's blocks may be smaller or larger than the sectors`(_ blockSize: Int) throws {
        let shop = try Self.format(
            Format(arguments: "-F 32 -S 1024 -s 1", kibibytes: 70_000, bits: 32, clusterSize: 1024))
        let content = pattern(77_777, 1)
        try shop.write("file", content)
        try shop.run("mcopy -i $I file ::")
        let volume = try FATVolume(try FileDisk(shop.image, blockSize: blockSize))
        #expect(try volume.contents(of: "file", limit: 1 << 20) == content)
    }

    @Test func `reads start anywhere, have any length and stop at the end`() throws {
        let shop = try Self.format(Format.all[3])
        let content = pattern(200_003, 7)
        try shop.write("file", content)
        try shop.run("mcopy -i $I file ::")
        let file = try FATVolume(try shop.disk()).open("file")
        var random = Seeded(3)
        for _ in 0..<400 {
            let offset = Int.random(in: 0..<210_000, using: &random)
            var buffer = [UInt8](repeating: 0xAA, count: Int.random(in: 0..<20_000, using: &random))
            let count = try file.read(at: UInt64(offset), into: &buffer)
            #expect(count == max(0, min(buffer.count, content.count - offset)))
            #expect(count == 0 || buffer[..<count] == content[offset..<offset + count])
            #expect(buffer[count...].allSatisfy { $0 == 0xAA })
        }
        var buffer = [UInt8](repeating: 0, count: 10)
        #expect(try file.read(at: .max, into: &buffer) == 0)
    }

    @Test func `fragmented files are followed from cluster to cluster`() throws {
        let shop = try Self.format(Format.all[4])
        let (small, large) = (pattern(512, 1), pattern(100_000, 2))
        try shop.write("small", small)
        try shop.write("large", large)
        // Every other of three hundred small files is deleted; the large one goes into the holes.
        try shop.run(
            """
            mmd -i $I ::d; mkdir many; for n in $(seq 300); do cp small many/n$n; done
            mcopy -i $I many/* ::d/
            mdel -i $I $(for n in $(seq 1 2 300); do echo ::d/n$n; done)
            # The next free cluster is where the holes are.
            printf '\\2\\0\\0\\0' | dd of=$I bs=1 seek=$((512 + 492)) conv=notrunc status=none
            mcopy -i $I large ::; fsck.fat -n $I
            """)
        let disk = try shop.disk()
        let volume = try FATVolume(disk)
        let file = try volume.open("large")
        var bytes = [UInt8](repeating: 0, count: 100_000)
        #expect(try file.read(at: 0, into: &bytes) == 100_000)
        #expect(bytes == large)
        var chain = ClusterChain(try volume.resolve("large").firstCluster)
        var (last, gaps) = (chain.cluster, 0)
        while try chain.advance(volume) {
            if chain.cluster != last + 1 { gaps += 1 }
            last = chain.cluster
        }
        #expect(gaps > 10, "the file was not fragmented")
        for offset in [99_000, 10, 50_000, 49_999, 0] {
            var part = [UInt8](repeating: 0, count: 1_000)
            #expect(try file.read(at: UInt64(offset), into: &part) == 1_000)
            #expect(part[...] == large[offset..<offset + 1_000])
        }
    }

    @Test func `adjacent clusters are read in one request`() throws {
        let shop = try Self.format(Format.all[4])
        try shop.write("file", pattern(1 << 20, 1))
        try shop.run("mcopy -i $I file ::")
        let disk = try shop.disk()
        let file = try FATVolume(disk).open("file")
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let (requests, blocks) = (disk.requests, disk.blocksRead)
        _ = try file.read(at: 0, into: &bytes)
        // 2048 clusters have 8 KiB of table: two or three lines, and one request for the content.
        #expect(disk.requests - requests <= 4)
        #expect(disk.blocksRead - blocks <= 2048 + 24)
        #expect(bytes == pattern(1 << 20, 1))
    }

    @Test func `a file of four gigabytes less one byte is read at both ends and in the middle`() throws {
        let shop = try Workshop()
        try shop.run("truncate -s 6G $I; mkfs.vfat -F 32 -s 64 $I")
        // Copying four gigabytes takes minutes, so the chain and the entry are written by hand.
        try ImageSurgery.addContiguousFile(shop.image, size: 4_294_967_295, marks: [0, 2_147_483_648, 4_294_967_286])
        let volume = try FATVolume(try FileDisk(shop.image))
        let file = try volume.open("BIG")
        #expect(file.size == 4_294_967_295)
        for offset in [4_294_967_286, 0, 2_147_483_648, 4_294_967_286] as [UInt64] {
            var bytes = [UInt8](repeating: 0, count: 20)
            let count = try file.read(at: offset, into: &bytes)
            #expect(count == (offset == 4_294_967_286 ? 9 : 20))
            #expect(bytes[..<9].elementsEqual("at 000007".utf8))
        }
    }
}
