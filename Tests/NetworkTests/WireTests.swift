import Interfaces
import Testing

@testable import Network

private let here = IPv4Address(192, 168, 0, 1)
private let there = IPv4Address(192, 168, 0, 199)

/// A header as it stands in captures of DNS traffic: UDP, 115 bytes, DF.
private let captured = hex("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7")

struct EthernetTests {
    @Test func `a header reads as it was written`() throws {
        let header = EthernetHeader(
            destination: .broadcast, source: HardwareAddress(bits: 0x0201_0203_0405), type: .arp)
        let bytes = written(14) { header.emit(into: &$0) }
        #expect(bytes == hex("ffffffffffff 020102030405 0806"))
        #expect(try read(bytes) { span throws(WireError) in try EthernetHeader(parsing: span) } == header)
    }

    @Test func `a tag is read and moves the payload`() throws {
        let header = try read(hex("ffffffffffff 020102030405 8100 a00c 0800")) { span throws(WireError) in
            try EthernetHeader(parsing: span)
        }
        #expect(header.type == .ipv4 && header.payloadOffset == 18 && header.virtualNetwork == 12)
    }

    @Test func `a priority tag names no network`() throws {
        let header = try read(hex("ffffffffffff 020102030405 8100 a000 0800")) { span throws(WireError) in
            try EthernetHeader(parsing: span)
        }
        #expect(header.virtualNetwork == nil && header.tag == 0xA000)
    }

    @Test(arguments: [
        ("ffffffffffff 020102030405 08", WireError.truncated(.ethernetHeader)),
        ("ffffffffffff 020102030405 8100 0001", .truncated(.vlanTag)),
        ("ffffffffffff 020102030405 8100 0001 8100", .unsupported(.etherType)),
        ("ffffffffffff 020102030405 05dc", .unsupported(.etherType)),
    ])
    func `what is no header is refused by name`(text: String, error: WireError) {
        #expect(failure(hex(text)) { span throws(WireError) in try EthernetHeader(parsing: span) } == error)
    }
}

struct ARPPacketTests {
    private let request = hex("0001 0800 06 04 0001 020000000001 c0a80001 000000000000 c0a800c7")

    private func parse(_ bytes: [UInt8]) throws(WireError) -> ARPPacket {
        try read(bytes) { span throws(WireError) in try ARPPacket(parsing: span) }
    }

    @Test func `a request reads as it was written`() throws {
        let packet = ARPPacket(.request, from: here, at: HardwareAddress(bits: 0x0200_0000_0001), to: there)
        #expect(written(28) { packet.emit(into: &$0) } == request)
        #expect(try parse(request + [0, 0, 0]) == packet)
        #expect(!packet.isProbe)
    }

    @Test(arguments: [
        (0, 6, WireError.unsupported(.arpHardwareType)), (2, 0x86, .unsupported(.arpProtocolType)),
        (4, 8, .malformed(.arpAddressLength)), (5, 16, .malformed(.arpAddressLength)),
        (7, 3, .unsupported(.arpOperation)),
    ])
    func `another kind of packet is refused by name`(offset: Int, value: Int, error: WireError) {
        var bytes = request
        bytes[offset] = UInt8(value)
        #expect(throws: error) { try parse(bytes) }
    }

    @Test func `a packet that ends early is refused`() {
        for count in 0..<28 { #expect(throws: WireError.truncated(.arpPacket)) { try parse(Array(request[..<count])) } }
    }
}

struct IPv4HeaderTests {
    private func parse(_ bytes: [UInt8]) throws(WireError) -> IPv4Header {
        try read(bytes) { span throws(WireError) in try IPv4Header(parsing: span) }
    }

    /// `header` with its checksum made right, and `length` bytes in all.
    private func datagram(_ header: [UInt8], _ length: Int) -> [UInt8] {
        var bytes = header
        (bytes[10], bytes[11]) = (0, 0)
        let checksum = InternetChecksum(bytes.span.bytes).value
        (bytes[10], bytes[11]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
        return bytes + [UInt8](repeating: 0, count: max(0, length - header.count))
    }

    @Test func `a captured header is read and written the same`() throws {
        let header = try parse(captured + [UInt8](repeating: 0, count: 95))
        #expect(header.source == here && header.destination == there && header.payloadProtocol == .udp)
        #expect(header.payload == 20..<115 && header.dontFragment && !header.isFragment)
        #expect(written(20) { header.emit(into: &$0) } == captured)
    }

    @Test(arguments: 0..<200) func `any header reads as it was written`(seed: Int) throws {
        var random = Seeded(seed)
        var header = IPv4Header(
            IPProtocol(rawValue: random.next(UInt8.self)), from: IPv4Address(bits: random.next(UInt32.self)),
            to: IPv4Address(bits: random.next(UInt32.self)), payloadLength: random.below(20) * 8 + 8)
        header.typeOfService = random.next(UInt8.self)
        header.identification = random.next(UInt16.self)
        header.fragmentOffset = UInt16(random.below(8000) * 8)
        header.timeToLive = random.next(UInt8.self)
        (header.dontFragment, header.moreFragments) = (seed & 1 == 0, seed & 2 == 0)
        #expect(try parse(written(Int(header.totalLength)) { header.emit(into: &$0) }) == header)
    }

    @Test func `every single wrong bit is found`() {
        for bit in 0..<160 {
            var bytes = captured + [UInt8](repeating: 0, count: 95)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: WireError.self, "bit \(bit)") { try parse(bytes) }
        }
    }

    @Test(arguments: [
        ("45000073000040004011b861c0a80001c0a800", 115, WireError.truncated(.ipv4Header)),
        ("6500 0014 0000 0000 4011 0000 c0a80001 c0a800c7", 20, .malformed(.ipv4Version)),
        ("4400 0014 0000 0000 4011 0000 c0a80001 c0a800c7", 20, .malformed(.ipv4HeaderLength)),
        ("4600 0018 0000 0000 4011 0000 c0a80001 c0a800c7", 20, .truncated(.ipv4Options)),
        ("4500 0013 0000 0000 4011 0000 c0a80001 c0a800c7", 20, .malformed(.ipv4TotalLength)),
        ("4500 0015 0000 0000 4011 0000 c0a80001 c0a800c7", 20, .truncated(.ipv4TotalLength)),
        ("4600 0018 0000 0000 4011 0000 c0a80001 c0a800c7 01010144", 24, .malformed(.ipv4Options)),
        ("4600 0018 0000 0000 4011 0000 c0a80001 c0a800c7 44000000", 24, .malformed(.ipv4Options)),
        ("4600 0018 0000 0000 4011 0000 c0a80001 c0a800c7 44050000", 24, .malformed(.ipv4Options)),
        ("4600 0018 0000 0000 4011 0000 c0a80001 c0a800c7 44010000", 24, .malformed(.ipv4Options)),
        ("4500 001c 0000 3fff 4011 0000 c0a80001 c0a800c7", 28, .malformed(.ipv4FragmentOffset)),
        ("4500 0017 0000 2000 4011 0000 c0a80001 c0a800c7", 23, .malformed(.ipv4FragmentOffset)),
        ("4500 0014 0000 2001 4011 0000 c0a80001 c0a800c7", 20, .malformed(.ipv4FragmentOffset)),
    ])
    func `what is no header is refused by name`(text: String, length: Int, error: WireError) {
        let bytes = hex(text)
        #expect(throws: error) { try parse(bytes.count < 20 ? bytes : datagram(bytes, length)) }
    }

    @Test(arguments: [
        ("01010100", false), ("44040500", false), ("83030400", true), ("89030400", true), ("00ff83ff", false),
    ])
    func `options are skipped, and a source route is seen`(options: String, isRoute: Bool) throws {
        let header = try parse(datagram(hex("4600 001a 0000 0000 4011 0000 c0a80001 c0a800c7 \(options)"), 26))
        #expect(header.hasSourceRoute == isRoute && header.payload == 24..<26)
    }
}

struct ICMPTests {
    private func parse(_ bytes: [UInt8]) throws(WireError) -> ICMPv4Message {
        try read(bytes) { span throws(WireError) in try ICMPv4Message(parsing: span) }
    }

    @Test(arguments: [
        ICMPv4Message.Kind.echoRequest(identifier: 0x1234, sequence: 7), .echoReply(identifier: 1, sequence: 0xFFFF),
        .unreachable(.port, nextHopMTU: 0), .unreachable(.fragmentationNeeded, nextHopMTU: 1280), .redirect,
        .timeExceeded(inReassembly: false), .timeExceeded(inReassembly: true), .parameterProblem(pointer: 20),
        .other(type: 13, code: 0), .other(type: 42, code: 9),
    ])
    func `a message reads as it was written`(kind: ICMPv4Message.Kind) throws {
        for length in [8, 9, 36] {
            let bytes = written(length) { ICMPv4Message(kind).emit(into: &$0) }
            #expect(try parse(bytes).kind == kind)
            var wrong = bytes
            wrong[length - 1] ^= 0x10
            #expect(throws: WireError.checksum(.icmpMessage)) { try parse(wrong) }
        }
    }

    @Test func `errors are told from questions, the unknown taken for errors (RFC 1122 section 3.2.2)`() {
        #expect(ICMPv4Message(.redirect).isError && ICMPv4Message(.other(type: 4, code: 0)).isError)
        #expect(ICMPv4Message(.other(type: 99, code: 0)).isError && !ICMPv4Message(.other(type: 13, code: 0)).isError)
        #expect(!ICMPv4Message(.echoRequest(identifier: 0, sequence: 0)).isError)
    }

    @Test func `a message that ends early is refused`() {
        #expect(throws: WireError.truncated(.icmpMessage)) { try parse([8, 0, 0xF7, 0xFF, 0, 0, 0]) }
    }
}

struct UDPTests {
    private func parse(_ bytes: [UInt8]) throws(WireError) -> UDPHeader {
        try read(bytes) { span throws(WireError) in try UDPHeader(parsing: span, from: here, to: there) }
    }

    @Test(arguments: 0..<100) func `any datagram reads as it was written, and a wrong bit is found`(seed: Int) throws {
        var random = Seeded(seed)
        let payload = random.bytes(random.below(60))
        let header = UDPHeader(from: Port(rawValue: random.next(UInt16.self)), to: 53, payloadLength: payload.count)
        var bytes = written([UInt8](repeating: 0xA5, count: 8) + payload) {
            header.emit(into: &$0, from: here, to: there)
        }
        #expect(try parse(bytes + [1, 2, 3]) == header)
        bytes[6 + random.below(bytes.count - 6)] ^= 1 << random.below(8)
        #expect(throws: WireError.checksum(.udpHeader)) { try parse(bytes) }
    }

    @Test func `a checksum that comes out as zero is sent as its other form (RFC 768)`() throws {
        let header = UDPHeader(from: 1, to: 2, payloadLength: 2)
        var zero = written(hex("0000000000000000 0000")) { header.emit(into: &$0, from: here, to: there) }
        (zero[8], zero[9]) = (zero[6], zero[7])
        zero = written(zero) { header.emit(into: &$0, from: here, to: there) }
        #expect(zero[6] == 0xFF && zero[7] == 0xFF)
        #expect(try parse(zero) == header)
    }

    @Test(arguments: [
        ("0001 0002 0008 00", WireError.truncated(.udpHeader)), ("0001 0002 0007 0000", .malformed(.udpLength)),
        ("0001 0002 0009 0000", .truncated(.udpLength)), ("0001 0000 0008 0000", .malformed(.udpHeader)),
    ])
    func `what is no datagram is refused by name`(text: String, error: WireError) {
        #expect(throws: error) { try parse(hex(text)) }
    }

    @Test func `a datagram without a checksum is taken (RFC 1122 section 4.1.3.4)`() throws {
        #expect(try parse(hex("0001 0002 0008 0000")).payload.isEmpty)
    }
}

struct IGMPTests {
    private func parse(_ bytes: [UInt8]) throws(WireError) -> IGMPMessage {
        try read(bytes) { span throws(WireError) in try IGMPMessage(parsing: span) }
    }

    @Test func `a message reads as it was written`() throws {
        let report = IGMPMessage(.report, group: IPv4Address(224, 0, 0, 251))
        let bytes = written(8) { report.emit(into: &$0) }
        #expect(bytes == hex("1600 0904 e00000fb"))
        #expect(try parse(bytes) == report)
    }

    @Test func `messages about no group are refused, except the query about all`() {
        let query = written(8) { IGMPMessage(.query, group: .unspecified, maximumResponseTime: 100).emit(into: &$0) }
        #expect(throws: Never.self) { try parse(query) }
        let report = written(8) { IGMPMessage(.report, group: .unspecified).emit(into: &$0) }
        #expect(throws: WireError.malformed(.igmpMessage)) { try parse(report) }
    }
}

struct TCPHeaderTests {
    private func parse(_ bytes: [UInt8]) throws(WireError) -> TCPHeader {
        try read(bytes) { span throws(WireError) in try TCPHeader(parsing: span, from: here, to: there) }
    }

    @Test(arguments: 0..<300) func `any segment reads as it was written, and a wrong bit is found`(seed: Int) throws {
        var random = Seeded(seed)
        var options = TCPOptions()
        if seed & 1 != 0 { options.maximumSegmentSize = random.next(UInt16.self) }
        if seed & 2 != 0 { options.windowScale = UInt8(random.below(15)) }
        if seed & 4 != 0 { options.timestamps = TCPTimestamps(value: random.next(UInt32.self), echo: 5) }
        if seed & 3 == 0 {
            for _ in 0..<random.below(6) {
                let start = SequenceNumber(random.next(UInt32.self))
                guard options.sack.count < (options.timestamps == nil ? 4 : 3) else { break }
                options.sack.append(SequenceRange(start, SequenceNumber(random.next(UInt32.self))))
            }
        } else {
            options.isSACKPermitted = seed & 8 != 0
        }
        let header = TCPHeader(
            from: 81, to: 50000,
            SegmentHeader(
                sequence: SequenceNumber(random.next(UInt32.self)),
                acknowledgement: SequenceNumber(random.next(UInt32.self)),
                flags: TCPFlags(rawValue: random.next(UInt8.self)), window: random.next(UInt16.self), options: options))
        let data = random.bytes(random.below(30))
        var bytes = written([UInt8](repeating: 0xA5, count: header.dataOffset) + data) {
            header.emit(into: &$0, from: here, to: there)
        }
        let parsed = try parse(bytes)
        #expect(parsed == header)
        #expect(Array(bytes[parsed.dataOffset...]) == data)
        bytes[random.below(bytes.count)] ^= 1 << random.below(8)
        #expect(throws: WireError.self) { try parse(bytes) }
    }

    @Test func `a checksum left to the device is complete once the device has added what it covers`() throws {
        let header = TCPHeader(
            from: 81, to: 50000,
            SegmentHeader(sequence: SequenceNumber(7), acknowledgement: SequenceNumber(9), flags: .ack, window: 5))
        let data: [UInt8] = [1, 2, 3, 4, 5]
        var bytes = written([UInt8](repeating: 0xA5, count: header.dataOffset) + data) {
            header.emit(into: &$0, from: here, to: there, isChecksumLeftToDevice: true)
        }
        // The device adds up everything from the header on, the partial sum included, and stores the complement.
        let sum = InternetChecksum(bytes.span.bytes).value
        bytes[TCPHeader.checksumField] = UInt8(sum >> 8)
        bytes[TCPHeader.checksumField + 1] = UInt8(sum & 0xFF)
        #expect(try parse(bytes) == header)
    }

    private func options(_ text: String) throws(WireError) -> TCPOptions {
        try read(hex(text)) { span throws(WireError) in try TCPOptions(parsing: span) }
    }

    @Test func `the options of a usual SYN are all read`() throws {
        let read = try options("020405b4 0402 080a 00000001 00000000 01 030307")
        #expect(read.maximumSegmentSize == 1460 && read.windowScale == 7 && read.isSACKPermitted)
        #expect(read.timestamps == TCPTimestamps(value: 1, echo: 0))
    }

    @Test(arguments: ["0200", "0201", "02", "0205 05b4", "01 01 01 08", "080a 0000"])
    func `an illegal length is refused (RFC 9293 MUST-7)`(text: String) {
        #expect(throws: WireError.malformed(.tcpOptions)) { try options(text) }
    }

    @Test(arguments: ["", "00ffffff", "01010101", "fe04 abcd", "0203 05", "0502", "0503 00", "0803 00"])
    func `unknown options and known ones of a wrong length are skipped`(text: String) throws {
        #expect(try options(text) == TCPOptions())
    }

    @Test func `a window is scaled by 14 at most (RFC 7323 section 2.3)`() throws {
        #expect(try options("0303 ff 00").windowScale == 14)
    }

    @Test(arguments: [
        (19, 0x50, WireError.truncated(.tcpHeader)), (20, 0x40, .malformed(.tcpDataOffset)),
        (20, 0x60, .truncated(.tcpOptions)), (20, 0x50, .checksum(.tcpHeader)),
    ])
    func `what is no segment is refused by name`(count: Int, offset: Int, error: WireError) {
        var bytes = [UInt8](repeating: 1, count: count)
        bytes[12] = UInt8(offset)
        #expect(throws: error) { try parse(bytes) }
    }
}

struct MalformedInputTests {
    @Test(arguments: 0..<40) func `no parser traps on noise of any length`(seed: Int) {
        var random = Seeded(seed)
        for length in 0..<128 {
            var bytes = random.bytes(length)
            if length > 0, seed & 1 == 0 { bytes[0] = 0x45 + UInt8(random.below(11)) }
            let span = bytes.span.bytes
            _ = try? EthernetHeader(parsing: span)
            _ = try? ARPPacket(parsing: span)
            if let header = try? IPv4Header(parsing: span, isChecksumVerified: true) {
                #expect(header.payload.upperBound <= length)
            }
            _ = try? ICMPv4Message(parsing: span)
            _ = try? IGMPMessage(parsing: span)
            if let header = try? UDPHeader(parsing: span, from: here, to: there, isChecksumVerified: true) {
                #expect(header.payload.upperBound <= length)
            }
            if let header = try? TCPHeader(parsing: span, from: here, to: there, isChecksumVerified: true) {
                #expect(header.dataOffset <= length)
            }
        }
    }
}
