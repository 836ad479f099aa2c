import Network
import Testing

@testable import DNS

struct DNSMessageTests {
    @Test func `a query is what RFC 1035 section 4.1 draws`() {
        let query = DNSMessage(0x1234, DNSQuestion(name("a.b"), .a))
        #expect(query.encoded == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 1, 0x62, 0, 0, 1, 0, 1])
    }

    static let data: [DNSRecord.Data] = [
        .a(address), .aaaa(IPAddress(high: 0x2001_0DB8_0000_0000, low: 1)), .cname(name("x.y")), .ns(name("n.s")),
        .ptr(name("p")),
        .soa(primary: name("a"), mailbox: name("b.c"), serial: 7, minimum: 60),
        .srv(priority: 1, weight: 2, port: 443, target: name("t.u")), .txt([[1, 2], [], [3]]), .txt([]),
        .other(DNSType(rawValue: 257), [1, 2, 3]), .other(DNSType(rawValue: 65000), []),
    ]

    @Test(arguments: data)
    func `what is written reads the same`(data: DNSRecord.Data) throws {
        var message = DNSMessage(1, DNSQuestion(name("a.b"), data.type))
        (message.isResponse, message.responseCode, message.isRecursionDesired) = (true, .nameError, false)
        message.answers = [record("a.b", data), record("c", .a(address), seconds: 0)]
        message.authorities = [authority()]
        #expect(try parse(message.encoded) == message)
    }

    @Test(arguments: [
        (1, 3), (1, 5), (28, 4), (28, 17), (5, 0), (2, 0), (12, 0), (6, 22), (33, 6), (16, 1),
    ])
    func `data that are not as their type wants them are passed over`(type: UInt16, count: Int) throws {
        var message = DNSMessage(1, DNSQuestion(name("a"), .a))
        message.answers = [record("a", .other(DNSType(rawValue: type), [UInt8](repeating: 1, count: count)))]
        message.answers.append(record("a", .a(address)))
        let read = try parse(message.encoded)
        #expect(read.isDamaged && read.answers == [message.answers[1]])
    }

    @Test func `a name that ends before its data do is passed over`() throws {
        var message = DNSMessage(1, DNSQuestion(name("a"), .cname))
        message.answers = [record("a", .other(.cname, [1, 0x61, 0, 0]))]
        let read = try parse(message.encoded)
        #expect(read.isDamaged && read.answers.isEmpty)
    }

    @Test func `of a message that ends early the records before that are read, at every length`() {
        var message = DNSMessage(1, DNSQuestion(name("a.b"), .a))
        message.answers = Self.data.map { record("a.b", $0) }
        let bytes = message.encoded
        for count in bytes.indices {
            guard let read = try? parse(Array(bytes[..<count])) else { continue }
            #expect(read.isDamaged && read.answers == Array(message.answers.prefix(read.answers.count)))
        }
        for count in 0..<DNSMessage(1, message.questions[0]).encoded.count {
            #expect(throws: DNSMessageError.self) { try parse(Array(bytes[..<count])) }
        }
    }

    @Test func `records of a class other than the Internet's are passed over`() throws {
        var bytes = DNSMessage(1, DNSQuestion(name("a"), .a)).encoded
        bytes[7] = 2
        bytes +=
            [0xC0, 12, 0, 1, 0, 3, 0, 0, 0, 9, 0, 2, 1, 2] + [0xC0, 12, 0, 1, 0, 1, 0x80, 0, 0, 9, 0, 4, 192, 0, 2, 7]
        // RFC 2181 section 8: a time with the highest bit set is none.
        #expect(try parse(bytes).answers == [record("a", .a(address), seconds: 0)])
    }

    @Test func `more records than any answer has are refused before they are read`() {
        var bytes = DNSMessage(1, DNSQuestion(name("a"), .a)).encoded
        bytes[6] = 1
        bytes[7] = 1
        #expect(throws: DNSMessageError.tooManyRecords) { try parse(bytes) }
        bytes[4] = 255
        #expect(throws: DNSMessageError.tooManyRecords) { try parse(bytes) }
    }

    @Test func `of an answer that was cut off only the question is read`() throws {
        var bytes = DNSMessage(1, DNSQuestion(name("a"), .a)).encoded
        (bytes[2], bytes[7]) = (0x82, 3)
        let message = try parse(bytes)
        #expect(message.isTruncated && message.isResponse && message.answers.isEmpty && message.questions.count == 1)
    }

    @Test func `ten thousand random messages are read or refused, and read the same again`() throws {
        var (random, read) = (SystemRandomNumberGenerator(), 0)
        var whole = DNSMessage(1, DNSQuestion(name("www.example.com"), .a))
        whole.answers = Self.data.map { record("www.example.com", $0) }
        let bytes = whole.encoded
        for _ in 0..<10_000 {
            var mutant = bytes
            for _ in 0..<Int.random(in: 1...6) {
                let index = Int.random(in: 0..<mutant.count, using: &random)
                mutant[index] = Bool.random() ? 0xC0 : UInt8.random(in: 0...255, using: &random)
            }
            mutant.removeLast(Int.random(in: 0..<5))
            guard var message = try? parse(mutant) else { continue }
            read += 1
            message.isDamaged = false
            #expect(try parse(message.encoded) == message)
        }
        #expect(read > 100)
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `RFC 1035 section 4.2.2: messages on a stream are found in pieces of any size`(size: Int) {
        var stream = DNSStream()
        let message = [UInt8](repeating: 7, count: 500)
        let bytes = DNSStream.frame(message)
        #expect(bytes[..<2] == [1, 244])
        var found: [UInt8]?
        for start in stride(from: 0, to: bytes.count, by: size) {
            #expect(found == nil)
            let piece = Array(bytes[start..<min(start + size, bytes.count)])
            found = stream.append(piece.span.bytes)
        }
        #expect(found == message)
    }

    @Test func `an empty message on a stream is one`() {
        var stream = DNSStream()
        #expect(stream.append([0, 0].span.bytes) == [])
    }
}
