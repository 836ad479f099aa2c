/// Reads a capture (draft-ietf-opsawg-pcap, sections 4 and 5), without trust in who wrote it.
enum CaptureReader {
    struct Malformed: Error {}

    static func frames(in file: [UInt8]) throws -> [(time: UInt64, bytes: [UInt8])] {
        func word(_ offset: Int) throws -> UInt32 {
            guard offset + 4 <= file.count else { throw Malformed() }
            return file[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        // Big-endian, nanoseconds, version 2.4, Ethernet.
        guard try word(0) == 0xA1B2_3C4D, try word(4) == 0x0002_0004, try word(20) == 1 else { throw Malformed() }
        var frames: [(UInt64, [UInt8])] = []
        var offset = 24
        while offset < file.count {
            let (kept, length) = (Int(try word(offset + 8)), Int(try word(offset + 12)))
            guard kept == length, kept <= 1518, offset + 16 + kept <= file.count else { throw Malformed() }
            let time = UInt64(try word(offset)) * 1_000_000_000 + UInt64(try word(offset + 4))
            frames.append((time, Array(file[offset + 16..<offset + 16 + kept])))
            offset += 16 + kept
        }
        return frames
    }
}
