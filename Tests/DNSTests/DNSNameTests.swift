import Network
import Testing

@testable import DNS

struct DNSNameTests {
    @Test(
        arguments: [
            ("a", [1, 0x61, 0]), ("a.", [1, 0x61, 0]), ("a.bc", [1, 0x61, 2, 0x62, 0x63, 0]), (".", [0]),
            ("_x._tcp.a", [2, 0x5F, 0x78, 4, 0x5F, 0x74, 0x63, 0x70, 1, 0x61, 0]),
            ("a\\.b.c", [3, 0x61, 0x2E, 0x62, 1, 0x63, 0]),
            ("\\032\\\\", [2, 32, 0x5C, 0]), ("\\255", [1, 255, 0]),
        ] as [(String, [UInt8])])
    func `RFC 1035 section 5.1: a text is the name of its labels`(text: String, encoded: [UInt8]) {
        #expect(DNSName(text)?.encoded == encoded)
        #expect(
            DNSName(encoded: encoded).description
                == (text == "." || !text.hasSuffix(".") ? text : String(text.dropLast())))
    }

    @Test(arguments: [
        "", "..", ".a", "a..b", "a b", "a\n", "é", "\\", "a\\", "\\25", "\\256", "\\2a5", "a..",
        String(repeating: "a", count: 64),
        Array(repeating: "abcdefg", count: 32).joined(separator: "."),
    ])
    func `a text that is no name is refused`(text: String) { #expect(DNSName(text) == nil) }

    @Test func `the longest label and the longest name fit`() throws {
        let label = String(repeating: "a", count: 63)
        let longest = try #require(DNSName([label, label, label, String(label.dropLast(2))].joined(separator: ".")))
        #expect(longest.encoded.count == 255 && longest.labelCount == 4)
        #expect(longest.appending(name("a")) == nil && longest.appending(.root) == longest)
    }

    @Test func `RFC 4343: the case of letters does not count, but is kept`() {
        #expect(name("WwW.Example.com") == name("www.eXample.COM") && name("a") != name("b"))
        #expect(Set([name("A.b"), name("a.B")]).count == 1 && name("WwW").description == "WwW")
        // Only letters of ASCII: '[' and '{' are as far apart as 'A' and 'a'.
        #expect(name("[") != name("{"))
    }

    @Test func `an address has the name of its numbers backwards`() {
        #expect(DNSName(reverse: IPv4Address(192, 0, 2, 10)) == name("10.2.0.192.in-addr.arpa"))
    }

    @Test func `mixed letters are the same name, and different ones each time`() {
        let plain = name("www.example.com")
        let mixed = (0..<50 as Range<UInt64>).map { plain.mixed(($0 &* 0x9E37_79B9_7F4A_7C15, $0)) }
        #expect(mixed.allSatisfy { $0 == plain } && Set(mixed.map { $0.description }).count > 40)
    }

    private func read(_ bytes: [UInt8], at start: Int) throws(DNSMessageError) -> (DNSName, Int) {
        var offset = start
        let name = try DNSName(parsing: bytes.span.bytes, at: &offset)
        return (name, offset)
    }

    @Test func `RFC 1035 section 4.1.4: the example of compression reads as it says`() throws {
        var bytes = [UInt8](repeating: 0, count: 94)
        bytes.replaceSubrange(20..<32, with: [1, 0x46, 3, 0x49, 0x53, 0x49, 4, 0x41, 0x52, 0x50, 0x41, 0])
        bytes.replaceSubrange(40..<46, with: [3, 0x46, 0x4F, 0x4F, 0xC0, 20])
        bytes.replaceSubrange(64..<66, with: [0xC0, 26])
        for (offset, text, end) in [
            (20, "F.ISI.ARPA", 32), (40, "FOO.F.ISI.ARPA", 46), (64, "ARPA", 66), (92, ".", 93),
        ] {
            let (name, next) = try read(bytes, at: offset)
            #expect(name.description == text && next == end)
        }
    }

    @Test(
        arguments: [
            ([0xC0, 0], 0), ([0xC0, 2, 0xC0, 0], 0), ([0xC0, 2, 0xC0, 0], 2), ([1, 0x61, 0xC0, 0], 0),
            ([1, 0x61, 0xC0, 0], 2),
            ([0, 1, 0x61, 0xC0, 1], 1), ([0xC0, 9], 0), ([0xC0], 0), ([5, 1, 2], 0), ([0x40, 0], 0), ([0x80, 0], 0),
            ([], 0), ([1, 0x61], 0),
        ] as [([UInt8], Int)])
    func `a pointer forwards, to itself or in a circle, and a name that ends early are refused`(
        bytes: [UInt8], start: Int
    ) {
        #expect(throws: DNSMessageError.self) { try read(bytes, at: start) }
    }

    @Test func `pointers cannot make a name longer than 255 bytes`() {
        var bytes: [UInt8] = [63] + [UInt8](repeating: 0x61, count: 63) + [0]
        var target = 0
        for step in 1...8 {
            let start = bytes.count
            bytes += [63] + [UInt8](repeating: 0x62, count: 63) + [0xC0 | UInt8(target >> 8), UInt8(target & 0xFF)]
            target = start
            let isShort = step <= 2
            #expect(((try? read(bytes, at: start)) != nil) == isShort)
        }
    }
}
