import FuzzSupport

/// Small disks with a valid table.
enum TableTemplates {
    private static let blocks = 128

    /// Two primary partitions and a chain of three logical ones.
    static var masterBootRecord: PatchedImage {
        var bytes = [UInt8](repeating: 0, count: blocks * 512)
        table(&bytes, 0, [(0x0C, 2, 20), (0x83, 22, 10), (0x05, 40, 60)])
        table(&bytes, 40, [(0x83, 1, 9), (0x05, 10, 20)])
        table(&bytes, 50, [(0x0C, 1, 9), (0x05, 30, 20)])
        table(&bytes, 70, [(0x83, 1, 9)])
        return PatchedImage(bytes, regions: [40, 50, 70, 0].map { 512 * $0 + 440..<512 * ($0 + 1) } + [0..<64])
    }

    /// Three partitions of four entries, with the backup at the end.
    static var guidPartitionTable: PatchedImage {
        var bytes = [UInt8](repeating: 0, count: blocks * 512)
        table(&bytes, 0, [(0xEE, 1, 127)])
        for (header, other, entries) in [(1, 127, 2), (127, 1, 126)] {
            let base = header * 512
            put(&bytes, base, 0x5452_4150_2049_4645, 8)
            put(&bytes, base + 8, 0x10000, 4)
            put(&bytes, base + 12, 92, 4)
            put(&bytes, base + 24, UInt64(header), 8)
            put(&bytes, base + 32, UInt64(other), 8)
            put(&bytes, base + 40, 3, 8)
            put(&bytes, base + 48, 125, 8)
            put(&bytes, base + 72, UInt64(entries), 8)
            put(&bytes, base + 80, 4, 4)
            put(&bytes, base + 84, 128, 4)
            for index in 0..<3 {
                let entry = entries * 512 + index * 128
                put(&bytes, entry, 0x4433_B9E5_EBD0_A0A2, 8)
                put(&bytes, entry + 8, 0xC799_26B7_B668_C087, 8)
                put(&bytes, entry + 16, UInt64(index + 1), 8)
                put(&bytes, entry + 32, UInt64(10 + index * 20), 8)
                put(&bytes, entry + 40, UInt64(19 + index * 20), 8)
                for (place, letter) in "boot".utf8.enumerated() {
                    put(&bytes, entry + 56 + 2 * place, UInt64(letter), 2)
                }
            }
        }
        let image = PatchedImage(
            bytes, regions: [512..<604, 1024..<1536, 127 * 512..<127 * 512 + 92, 126 * 512..<127 * 512, 440..<512])
        // The checksums belong to the template, so they are set for good.
        let fixed = checksums(image.bytes)
        for (offset, byte) in fixed { bytes[offset] = byte }
        return PatchedImage(
            bytes, regions: [512..<604, 1024..<1536, 127 * 512..<127 * 512 + 92, 126 * 512..<127 * 512, 440..<512])
    }

    /// Makes the checksums of both copies right, as far as their numbers allow.
    static func repair(_ image: PatchedImage) {
        for (offset, byte) in checksums(image.bytes) { image.set(offset, byte) }
    }

    private static func checksums(_ bytes: [UInt8]) -> [(Int, UInt8)] {
        var bytes = bytes
        var changes: [(Int, UInt8)] = []
        func store(_ offset: Int, _ value: UInt32) {
            for index in 0..<4 {
                bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
                changes.append((offset + index, bytes[offset + index]))
            }
        }
        for base in [512, 127 * 512] {
            let start = number(bytes, base + 72, 8)
            let (count, width) = (number(bytes, base + 80, 4), number(bytes, base + 84, 4))
            let length = count.multipliedReportingOverflow(by: width).partialValue
            if start < UInt64(blocks), length <= UInt64(bytes.count) - start * 512 {
                store(base + 88, checksum(bytes[Int(start) * 512..<Int(start * 512 + length)]))
            }
            store(base + 16, 0)
            store(base + 16, checksum(bytes[base..<base + Int(min(number(bytes, base + 12, 4), 512))]))
        }
        return changes
    }

    // MARK: Bytes

    private static func table(_ bytes: inout [UInt8], _ block: Int, _ entries: [(type: UInt8, start: Int, count: Int)])
    {
        put(&bytes, block * 512 + 510, 0xAA55, 2)
        for (index, entry) in entries.enumerated() {
            let offset = block * 512 + 446 + 16 * index
            bytes[offset + 4] = entry.type
            put(&bytes, offset + 8, UInt64(entry.start), 4)
            put(&bytes, offset + 12, UInt64(entry.count), 4)
        }
    }

    private static func put(_ bytes: inout [UInt8], _ offset: Int, _ value: UInt64, _ count: Int) {
        for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        return value
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var state: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = state >> 1 ^ (state & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~state
    }
}
