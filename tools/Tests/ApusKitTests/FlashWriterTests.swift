import Testing

@testable import ApusKit

/// Image files that look as they should.
enum FlashImage {
    /// An MBR with one partition from 1 MiB on that ends at `end`, and `size` bytes of a pattern.
    static func bytes(size: Int, end: Int) -> [UInt8] {
        var image = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 12) }
        image.replaceSubrange(446..<512, with: [UInt8](repeating: 0, count: 66))
        (image[510], image[511], image[450]) = (0x55, 0xaa, 0x0c)
        let (start, count) = (UInt32(2048), UInt32(end / 512 - 2048))
        for byte in 0..<4 {
            image[454 + byte] = UInt8(truncatingIfNeeded: start >> UInt32(8 * byte))
            image[458 + byte] = UInt8(truncatingIfNeeded: count >> UInt32(8 * byte))
        }
        return image
    }

    static func write(_ path: String, size: Int, end: Int? = nil) throws -> CardImageFile {
        try Files.write(bytes(size: size, end: end ?? size / 512 * 512), to: path)
        return try CardImageFile(path: path)
    }
}

@Suite struct FlashWriterTests {
    @Test func `an image of odd length is written and read back`() throws {
        try Files.withTemporaryDirectory { directory in
            let path = directory + "/card"
            try Files.write([UInt8](repeating: 0xee, count: 12 << 20), to: path)
            let image = try FlashImage.write(directory + "/image", size: (9 << 20) + 512)
            var phases: [String] = []
            try FlashWriter(HeldDevice(path: path, isDevice: false)).write(image) { phase, done in
                phases.append("\(phase) \(done)")
            }
            let result = try Files.read(path)
            #expect(try Array(result.prefix(image.size)) == Files.read(image.path))
            #expect(result.count == 12 << 20 && result.last == 0xee)
            #expect(phases.first == "writing 4194304" && phases.last == "verifying \(image.size)")
        }
    }

    @Test func `a device that cannot be opened is named`() {
        #expect(throws: FlashError.self) { try HeldDevice(path: "/dev/no such device", isDevice: false) }
    }

    @Test func `a device that swallows what it is given is found out`() throws {
        try Files.withTemporaryDirectory { directory in
            let image = try FlashImage.write(directory + "/image", size: 2 << 20)
            #expect(throws: FlashError.self) {
                try FlashWriter(HeldDevice(path: "/dev/null", isDevice: false)).write(image) { _, _ in }
            }
        }
    }

    @Test func `an image that is cut short is no image`() throws {
        try Files.withTemporaryDirectory { directory in
            let path = directory + "/image"
            #expect(throws: FlashError.truncatedImage(path, size: 2 << 20, needed: 64 << 20)) {
                try FlashImage.write(path, size: 2 << 20, end: 64 << 20)
            }
        }
    }

    @Test func `nor is one whose second partition table is missing`() throws {
        var head = [UInt8](repeating: 0, count: 1024)
        head[450] = 0xee
        for byte in 0..<8 { head[454 + byte] = 0xff }
        head.replaceSubrange(512..<520, with: Array("EFI PART".utf8))
        head[545] = 0x80  // LBA 0x8000
        #expect(CardImageFile.end(of: head) == 0x8001 * 512)
    }

    @Test func `the bar fills`() {
        #expect(ProgressBar.text("Writing", done: 0, total: 10_000_000).hasSuffix("]   0 %  0 of 10 MB"))
        let full = "Writing    [##############################] 100 %  10 of 10 MB"
        #expect(ProgressBar.text("Writing", done: 10_000_000, total: 10_000_000) == full)
    }
}
