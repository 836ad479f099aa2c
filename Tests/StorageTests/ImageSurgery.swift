import Foundation

/// Changes to images that no tool makes.
enum ImageSurgery {
    /// Adds to an empty FAT32 volume a file `BIG` in adjacent clusters from 3 on, which holds "at 000007" at each of
    /// `marks` and zeros elsewhere.
    static func addContiguousFile(_ path: String, size: UInt32, marks: [UInt64]) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let boot = [UInt8](try handle.read(upToCount: 512) ?? Data())
        func u16(_ at: Int) -> Int { Int(boot[at]) | Int(boot[at + 1]) << 8 }
        let sectorSize = u16(11)
        let clusterSize = sectorSize * Int(boot[13])
        let tableStart = u16(14) * sectorSize
        let tableBytes = (u16(36) | u16(38) << 16) * sectorSize
        let dataStart = tableStart + 2 * tableBytes
        let clusters = (Int(size) + clusterSize - 1) / clusterSize
        var chain = Data(capacity: clusters * 4)
        for index in 0..<clusters {
            let entry = index == clusters - 1 ? UInt32(0x0FFF_FFFF) : UInt32(index + 4)
            for shift in stride(from: 0, to: 32 as UInt32, by: 8) {
                chain.append(UInt8(truncatingIfNeeded: entry >> shift))
            }
        }
        for table in 0..<2 {
            try handle.seek(toOffset: UInt64(tableStart + table * tableBytes + 12))
            try handle.write(contentsOf: chain)
        }
        var entry = [UInt8]("BIG        ".utf8) + [UInt8](repeating: 0, count: 21)
        entry[11] = 0x20
        entry[26] = 3
        for index in 0..<4 { entry[28 + index] = UInt8(truncatingIfNeeded: size >> UInt32(8 * index)) }
        try handle.seek(toOffset: UInt64(dataStart))
        try handle.write(contentsOf: Data(entry))
        for mark in marks {
            try handle.seek(toOffset: UInt64(dataStart + clusterSize) + mark)
            try handle.write(contentsOf: Data("at 000007".utf8))
        }
        // The count of free clusters in FSInfo is no longer known.
        try handle.seek(toOffset: UInt64(sectorSize + 488))
        try handle.write(contentsOf: Data([0xFF, 0xFF, 0xFF, 0xFF]))
        try handle.close()
    }
}
