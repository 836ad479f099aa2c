import Interfaces
import Network
import Testing

@testable import DHCP

struct DHCPMessageTests {
    private func discover() -> DHCPMessage {
        var message = DHCPMessage(.request, .discover, transaction: 0x1234_5678, hardware: hardware)
        (message.seconds, message.isBroadcast) = (7, true)
        return message
    }

    /// A reply whose options are `options`, and which has `file` and `sname` in the header.
    private func raw(_ options: [UInt8], file: [UInt8] = [], sname: [UInt8] = []) -> [UInt8] {
        var reply = bytes(DHCPMessage(.reply, .ack, transaction: 1, hardware: hardware))
        for (index, byte) in sname.enumerated() { reply[44 + index] = byte }
        for (index, byte) in file.enumerated() { reply[108 + index] = byte }
        return reply[..<240] + options
    }

    @Test func `RFC 2131 section 2: the fields stand where figure 1 has them, and 300 bytes are the least`() {
        let sent = bytes(discover())
        #expect(sent.count == 300)
        #expect(Array(sent[..<12]) == [1, 1, 6, 0, 0x12, 0x34, 0x56, 0x78, 0, 7, 0x80, 0])
        #expect(Array(sent[28..<34]) == [2, 0, 0, 0, 0, 1])
        #expect(Array(sent[236..<244]) == [0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255])
        #expect(sent[244...].allSatisfy { $0 == 0 })
    }

    @Test func `what is written reads the same`() throws {
        var message = discover()
        (message.clientAddress, message.yourAddress) = (IPv4Address(1, 2, 3, 4), IPv4Address(5, 6, 7, 8))
        (message.nextServer, message.relay) = (IPv4Address(9, 9, 9, 9), IPv4Address(8, 8, 8, 8))
        message.append(.hostName, Array("apus".utf8))
        #expect(try parse(bytes(message)) == message)
    }

    @Test func `RFC 3396: an option of 600 bytes is written in three parts and read as one`() throws {
        var message = discover()
        let value = (0..<600).map { UInt8(truncatingIfNeeded: $0 * 7) }
        message.append(.domainSearch, value)
        message.append(.hostName, [])
        let again = try parse(bytes(message))
        #expect(again.options[.domainSearch] == value && again.options[.hostName] == [])
        #expect(message.options.encoded.count == 3 + 600 + 3 * 2 + 2)
    }

    @Test
    func
        `RFC 3396: parts that other options part, and that stand in the header, are one in the order options, file, sname`()
        throws
    {
        let message = try parse(
            raw(
                [53, 1, 5, 12, 2, 0x61, 0x62, 52, 1, 3, 1, 4, 255, 255, 255, 0, 12, 1, 0x63, 255],
                file: [0, 12, 1, 0x64, 255], sname: [12, 1, 0x65, 255, 12, 1, 0x66]))
        #expect(message.options[.hostName] == Array("abcde".utf8))
    }

    @Test(arguments: [(1, "file"), (2, "sname"), (3, "filesname")])
    func `RFC 2132 section 9.3: option overload says which fields hold options`(value: UInt8, name: String) throws {
        let message = try parse(
            raw(
                [53, 1, 5, 52, 1, value, 255], file: [12, 4] + Array("file".utf8) + [255],
                sname: [12, 5] + Array("sname".utf8) + [255]))
        #expect(message.options[.hostName] == Array(name.utf8))
    }

    @Test(
        arguments: [
            ([53, 1, 5, 12], DHCPMessageError.truncated), ([53, 1, 5, 12, 4, 1, 2, 3], .truncated),
            ([53, 200, 5], .truncated),
            ([255], .badKind), ([], .badKind), ([53, 1, 0, 255], .badKind), ([53, 1, 9, 255], .badKind),
            ([53, 2, 5, 5, 255], .badKind), ([53, 1, 5, 53, 1, 5, 255], .badKind),
            ([53, 1, 5, 52, 1, 0, 255], .badOverload),
            ([53, 1, 5, 52, 1, 4, 255], .badOverload), ([53, 1, 5, 52, 0, 255], .badOverload),
        ] as [([UInt8], DHCPMessageError)])
    func `options that make no sense are refused`(options: [UInt8], error: DHCPMessageError) {
        #expect(throws: error) { try parse(raw(options)) }
    }

    @Test(arguments: [
        (0, 3, DHCPMessageError.badOperation), (1, 6, .badHardwareType), (2, 7, .badHardwareType), (236, 0, .badCookie),
        (239, 0x64, .badCookie),
    ])
    func `a header that is none is refused`(offset: Int, value: UInt8, error: DHCPMessageError) {
        var message = bytes(discover())
        message[offset] = value
        #expect(throws: error) { try parse(message) }
    }

    @Test func `a message that ends early is refused, at every length`() {
        let message = bytes(discover())
        for count in 0..<243 { #expect(throws: DHCPMessageError.self) { try parse(Array(message[..<count])) } }
        // No end, but every option is whole.
        #expect(throws: Never.self) { try parse(Array(message[..<243])) }
    }

    @Test func `ten thousand random messages are read or refused`() {
        var random = SystemRandomNumberGenerator()
        var read = 0
        for _ in 0..<10_000 {
            var message = raw((0..<Int.random(in: 0...400)).map { _ in UInt8.random(in: 0...255, using: &random) })
            message.insert(contentsOf: [53, 1, 2, 51, 4, 0, 0, 1, 0, 54, 4, 10, 0, 0, 1], at: 240)
            for index in 240..<message.count where Int.random(in: 0..<3) == 0 {
                message[index] = UInt8.random(in: 0...60)
            }
            if Bool.random() { message[240..<243] = [52, 1, UInt8.random(in: 0...4)] }
            guard let parsed = try? parse(message) else { continue }
            read += 1
            _ = Lease(parsed, from: .at(1))
        }
        #expect(read > 0)
    }
}
