import Foundation
import Interfaces
import Testing

@testable import Storage

@Suite struct PartitionTests {
    static func partitioned(_ script: String, mebibytes: Int = 16) throws -> Workshop {
        let shop = try Workshop()
        try shop.run("truncate -s \(mebibytes)M $I; printf '\(script)' | sfdisk --no-reread --no-tell-kernel $I")
        return shop
    }

    @Test func `primary and logical partitions have the numbers and places that sfdisk gave them`() throws {
        let shop = try Self.partitioned(
            "label: dos\\nstart=2048,size=4096,type=c,bootable\\nstart=8192,size=2048,type=83\\nstart=10240,type=5\\n"
                + "start=12288,size=2048,type=6\\nstart=16384,size=1024,type=83\\nstart=20480,size=4096,type=b\\n"
        )
        let table = try PartitionTable(try shop.disk())
        #expect(table.scheme == .mbr && table.defect == nil)
        let rows = table.entries.map { "\($0.number) \($0.blocks.lowerBound)+\($0.blocks.count) \($0.isBootable)" }
        #expect(
            rows == [
                "1 2048+4096 true", "2 8192+2048 false", "3 10240+22528 false", "5 12288+2048 false",
                "6 16384+1024 false",
                "7 20480+4096 false",
            ])
        #expect(table.entries.map(\.kind.suggestsFAT) == [true, true, false, true, true, true])
    }

    @Test func `a GPT gives types, identities and names`() throws {
        let shop = try Self.partitioned(
            "label: gpt\\nstart=2048,size=4096,type=U,name=\"boot ☃\",uuid=00112233-4455-6677-8899-AABBCCDDEEFF\\n"
                + "start=8192,size=2048,type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7,name=data\\nstart=12288,size=2048,type=L\\n"
        )
        let table = try PartitionTable(try shop.disk())
        #expect(table.scheme == .gpt && table.defect == nil)
        #expect(table.entries.map(\.number) == [1, 2, 3])
        #expect(table.entries.map(\.blocks) == [2048..<6144, 8192..<10240, 12288..<14336])
        #expect(table.entries.map(\.name) == ["boot ☃", "data", ""])
        #expect(table.entries.map(\.kind.suggestsFAT) == [true, true, true])
        #expect(table.entries[0].kind == .gpt(.efiSystem) && table.entries[1].kind == .gpt(.basicData))
        #expect(table.entries[0].identifier.description == "00112233-4455-6677-8899-AABBCCDDEEFF")
    }

    @Test(
        arguments: [
            (512, "signature"), (512 + 8, "revision"), (512 + 12, "header size"), (512 + 16, "header checksum"),
            (512 + 24, "header checksum"), (512 + 40, "header checksum"), (512 + 88, "header checksum"),
            (1024 + 40, "checksum of the entries"),
        ] as [(Int, String)])
    func `a GPT whose primary copy is damaged is read from its backup`(_ offset: Int, _ field: String) throws {
        let shop = try Self.partitioned("label: gpt\\nstart=2048,size=4096,type=U\\n")
        let disk = try shop.disk()
        disk.bytes[offset + (offset == 520 ? 2 : 0)] ^= 0x55
        let table = try PartitionTable(disk)
        #expect(table.entries.map(\.blocks) == [2048..<6144])
        guard case .invalidGPT(let found) = table.defect else { throw table.defect ?? .noTable }
        #expect(found.description == field)
        // With the backup damaged as well there is nothing left to read.
        disk.bytes[disk.bytes.count - 512] ^= 1
        guard
            case .invalidGPTCopies = #expect(throws: PartitionError.self, performing: { _ = try PartitionTable(disk) })
        else {
            Issue.record("no error about both copies")
            return
        }
    }

    @Test func `an unreadable primary copy of a GPT is replaced by its backup`() throws {
        let disk = try Self.partitioned("label: gpt\\nstart=2048,size=4096,type=U\\n").disk()
        disk.badBlocks = [1]
        let table = try PartitionTable(disk)
        #expect(table.entries.count == 1 && table.defect == .device(BlockError(.corrupted, unknown: 1..<2)))
    }

    @Test(arguments: ["n", "y"])
    func `a file system without a table is recognised, with and without a table for show`(_ show: String) throws {
        let shop = try Workshop()
        try shop.run("truncate -s 16M $I; mkfs.vfat -F 16 --mbr=\(show) $I")
        let disk = try shop.disk()
        let table = try PartitionTable(disk)
        #expect(table.scheme == .none && table.entries.isEmpty)
        _ = try FATVolume(disk)
    }

    @Test func `a table wins over what an earlier file system left in the block`() throws {
        let shop = try Workshop()
        try shop.run(
            "truncate -s 16M $I; mkfs.vfat -F 16 $I; printf 'start=2048,size=4096,type=c\\n' | sfdisk -w never -X dos $I"
        )
        #expect(try PartitionTable(try shop.disk()).scheme == .mbr)
    }

    @Test func `what is no table says so`() throws {
        #expect(throws: PartitionError.noSignature) {
            _ = try PartitionTable(MemoryDisk([UInt8](repeating: 0, count: 8192)))
        }
        #expect(throws: PartitionError.noSignature) { _ = try PartitionTable(MemoryDisk([])) }
        var random = pattern(8192, 4)
        (random[510], random[511], random[446]) = (0x55, 0xAA, 0x17)
        #expect(throws: PartitionError.noTable) { _ = try PartitionTable(MemoryDisk(random)) }
        let unreadable = MemoryDisk(random)
        unreadable.badBlocks = [0]
        unreadable.cause = .absent
        #expect(throws: PartitionError.device(BlockError(.absent, unknown: 0..<1))) {
            _ = try PartitionTable(unreadable)
        }
        #expect(throws: PartitionError.unsupportedBlockSize) {
            _ = try PartitionTable(MemoryDisk([UInt8](repeating: 0, count: 16384), blockSize: 8192))
        }
        var empty = [UInt8](repeating: 0, count: 8192)
        (empty[510], empty[511]) = (0x55, 0xAA)
        #expect(try PartitionTable(MemoryDisk(empty)).entries.isEmpty)
    }

    /// A disk with an extended partition at block 10, whose tables stand at `tables` (relative to it), the last of which goes
    /// on at `end`.
    static func chain(_ tables: [Int], end: Int?, blocks: Int = 1000) -> MemoryDisk {
        var bytes = [UInt8](repeating: 0, count: blocks * 512)
        func put(_ block: Int, _ index: Int, _ type: UInt8, _ start: Int) {
            let offset = block * 512 + 446 + 16 * index
            bytes[offset + 4] = type
            for place in 0..<4 { bytes[offset + 8 + place] = UInt8(truncatingIfNeeded: start >> (8 * place)) }
            bytes[offset + 12] = 1
            (bytes[block * 512 + 510], bytes[block * 512 + 511]) = (0x55, 0xAA)
        }
        put(0, 0, 0x0C, 1)
        put(0, 1, 0x05, 10)
        for (index, table) in tables.enumerated() {
            put(10 + table, 0, 0x83, 1)
            if let next = index + 1 < tables.count ? tables[index + 1] : end { put(10 + table, 1, 0x05, next) }
        }
        return MemoryDisk(bytes)
    }

    @Test func `a chain of logical partitions that is broken gives what came before the break`() throws {
        let good = try PartitionTable(Self.chain([0, 2, 4], end: nil))
        #expect(good.entries.map(\.number) == [1, 2, 5, 6, 7] && good.defect == nil)
        let loop = try PartitionTable(Self.chain([0, 2, 4], end: 2))
        #expect(loop.entries.count == 5 && loop.defect == .invalidExtendedChain("it comes back to itself"))
        let unsigned = try PartitionTable(Self.chain([0, 2], end: 6))
        #expect(unsigned.entries.count == 4 && unsigned.defect == .invalidExtendedChain("a table has no signature"))
        let outside = try PartitionTable(Self.chain([0], end: 5000))
        #expect(outside.defect == .invalidExtendedChain("a table lies past the end of the device"))
        let endless = try PartitionTable(Self.chain(Array(stride(from: 0, to: 600, by: 2)), end: nil))
        #expect(endless.defect == .invalidExtendedChain("it does not end"))
        #expect(endless.entries.count == 2 + PartitionTable.maximumLogical)
    }

    @Test func `a partition is a device of its own and lets nobody out`() throws {
        let disk = MemoryDisk(pattern(100 * 512, 5))
        let partition = try #require(Partition(disk, blocks: 10..<20))
        #expect(partition.geometry.blockCount == 10)
        var bytes = [UInt8](repeating: 0, count: 1024)
        try bytes.withMutableRawSpan { (span) throws(BlockError) in try partition.read(8, into: &span) }
        #expect(bytes[...] == disk.bytes[18 * 512..<20 * 512])
        for first in [9, 10, 11, .max] as [UInt64] {
            #expect(throws: BlockError(.outOfRange)) {
                try bytes.withMutableRawSpan { (span) throws(BlockError) in try partition.read(first, into: &span) }
            }
            #expect(throws: BlockError(.outOfRange)) { try partition.write(first, bytes) }
        }
        let before = disk.bytes
        try partition.write(0, bytes)
        try partition.discard(9..<10)
        #expect(disk.bytes[10 * 512..<12 * 512] == bytes[...])
        #expect(disk.bytes[..<5120] == before[..<5120] && disk.bytes[10240...] == before[10240...])
        #expect(throws: BlockError(.outOfRange)) { try partition.discard(9..<11) }
        disk.badBlocks = [11]
        #expect(throws: BlockError(.corrupted, unknown: 1..<2)) { try partition.write(0, bytes) }
    }

    @Test func `a partition past the end of the card is named`() throws {
        let shop = try Self.partitioned("label: dos\\nstart=2048,size=4096,type=c\\nstart=8192,size=8192,type=83\\n")
        let disk = try shop.disk()
        disk.geometry.blockCount = 10_000
        let table = try PartitionTable(disk)
        _ = try Partition(disk, table.entries[0])
        #expect(throws: PartitionError.beyondDevice(number: 2)) { _ = try Partition(disk, table.entries[1]) }
    }
}
