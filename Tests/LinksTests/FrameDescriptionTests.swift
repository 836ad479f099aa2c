import Interfaces
import Links
import Network
import Testing

@Suite struct FrameDescriptionTests {
    private static let addresses: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: FrameDescription(bytes.span.bytes).text.bytes, as: UTF8.self)
    }

    /// An IPv4 datagram of 10.0.0.1 to 10.0.0.2; the word at byte 6 says what fragment it is.
    private func datagram(_ number: UInt8, _ payload: [UInt8], fragment: UInt16 = 0) -> [UInt8] {
        var header: [UInt8] = [0x45, 0, 0, UInt8(20 + payload.count), 0, 9]
        header += [UInt8(fragment >> 8), UInt8(fragment & 0xFF)]
        header += [64, number, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        (header[10], header[11]) = (UInt8(~sum >> 8 & 0xFF), UInt8(~sum & 0xFF))
        return Self.addresses + [8, 0] + header + payload
    }

    @Test func `each kind of frame has its words`() {
        let udp: [UInt8] = [0x10, 0, 0, 53, 0, 12, 0, 0, 1, 2, 3, 4]
        #expect(text(datagram(17, udp)) == "10.0.0.1:4096 > 10.0.0.2:53 UDP data 4 length 32")
        #expect(text(datagram(2, [1, 2])) == "10.0.0.1 > 10.0.0.2 protocol 2 length 22")
        #expect(text(datagram(17, udp, fragment: 100)).hasPrefix("10.0.0.1 > 10.0.0.2 fragment of 9 at "))
        #expect(text(Self.addresses + [0x88, 0xB5, 1, 2]).contains("type 0x88b5"))
        #expect(text(datagram(6, udp)) == "10.0.0.1 > 10.0.0.2 TCP malformed length 32")
    }

    @Test func `frames of every length, cut off anywhere, are described without harm`() {
        let whole = datagram(6, [0x10, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x12, 1, 0, 0, 0, 0, 0])
        #expect(text(whole).contains("TCP SYN ACK seq 1 ack 2 window 256 data 0"))
        for count in 0..<whole.count { #expect(!text(Array(whole[..<count])).isEmpty) }
        for count in 0..<28 { #expect(!text(Self.addresses + [8, 6] + [UInt8](repeating: 1, count: count)).isEmpty) }
    }
}
