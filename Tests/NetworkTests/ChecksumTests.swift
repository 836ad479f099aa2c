import Testing

@testable import Network

struct ChecksumTests {
    /// RFC 1071 section 1, word by word.
    private func slow(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
        }
        while sum >> 16 != 0 { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }

    @Test func `the example of RFC 1071 section 3 adds up`() {
        #expect(InternetChecksum(hex("0001 f203 f4f5 f6f7").span.bytes).value == ~0xDDF2)
    }

    @Test func `every length from every alignment agrees with the sum word by word`() {
        var random = Seeded(1)
        for start in 0..<9 {
            for count in 0..<150 {
                let bytes = random.bytes(start + count)
                let part = InternetChecksum(bytes.span.bytes.extracting(start..<start + count))
                #expect(part.value == slow(Array(bytes[start...])), "\(count) bytes from \(start)")
            }
        }
    }

    @Test func `carries are not lost`() {
        for count in [2, 63, 64, 65, 1500, 65535] {
            let ones = [UInt8](repeating: 0xFF, count: count)
            #expect(InternetChecksum(ones.span.bytes).value == slow(ones))
        }
    }

    @Test(arguments: 0..<50) func `parts of any length add up to the whole`(seed: Int) {
        var random = Seeded(seed)
        let bytes = random.bytes(random.below(400))
        var (sum, offset) = (InternetChecksum(), 0)
        while offset < bytes.count {
            let end = min(bytes.count, offset + random.below(40))
            sum.add(bytes.span.bytes.extracting(offset..<end))
            offset = end
        }
        #expect(sum.value == slow(bytes))
    }

    @Test func `the examples of RFC 1624 section 4 hold`() {
        #expect(InternetChecksum.updated(0xDD2F, replacing: 0x5555, by: 0x3285) == 0x0000)
    }

    @Test(arguments: 0..<50) func `a change is followed without a look at the rest`(seed: Int) {
        var random = Seeded(seed)
        var bytes = random.bytes(40)
        let (before, new) = (slow(bytes), random.next(UInt16.self))
        let old = UInt16(bytes[12]) << 8 | UInt16(bytes[13])
        bytes[12] = UInt8(new >> 8)
        bytes[13] = UInt8(new & 0xFF)
        #expect(InternetChecksum.updated(before, replacing: old, by: new) == slow(bytes))
    }

    @Test func `the pseudo header is addresses, protocol and length`() {
        let sum = InternetChecksum(pseudoHeader: IPv4Address(10, 1, 2, 3), IPv4Address(10, 4, 5, 6), .udp, length: 300)
        #expect(sum.value == slow(hex("0a010203 0a040506 0011 012c")))
    }
}
