import DNS
import Interfaces
import Network

/// A question of multicast DNS (RFC 6762, section 5).
public struct MDNSQuestion: Equatable, Sendable {
    /// What is asked about.
    public var name: DNSName
    /// What about it; `MDNSMessage.any` for everything.
    public var type: DNSType
    /// Whether an answer to the asker alone will do (the QU bit).
    public var allowsUnicast = false

    /// A question.
    public init(_ name: DNSName, _ type: DNSType, allowsUnicast: Bool = false) {
        (self.name, self.type, self.allowsUnicast) = (name, type, allowsUnicast)
    }
}

/// A record of multicast DNS: `isUnique` says that whoever sends it is the only one who may (the cache-flush bit, section 10.2).
public struct MDNSRecord: Equatable, Sendable {
    /// The record.
    public var record: DNSRecord
    /// Whether others are to forget what they knew.
    public var isUnique: Bool

    /// A record.
    public init(_ name: DNSName, timeToLive: UInt32, _ data: DNSRecord.Data, isUnique: Bool) {
        record = DNSRecord(name, timeToLive: timeToLive, data)
        self.isUnique = isUnique
    }
}

/// A message of multicast DNS: as DNS has them (RFC 1035, section 4), with another meaning of the highest bit of a class.
public struct MDNSMessage: Equatable, Sendable {
    /// The type of questions for everything about a name.
    public static let any = DNSType(rawValue: 255)
    /// What there is about a name and what not (RFC 4034, section 4).
    public static let nsec = DNSType(rawValue: 47)
    /// Where everybody asks and answers.
    public static var group: Endpoint { Endpoint(IPAddress(IPv4Address(224, 0, 0, 251)), port) }
    /// Its port.
    public static var port: Port { 5353 }

    /// The most questions and records that are read of a message.
    static let maximumEntries = 256
    /// The most questions in one: what one frame can make this host look for is bounded. Who asks more, asks in several.
    static let maximumQuestions = 32
    /// The most bytes of one that is sent: what passes an Ethernet in one frame.
    static let maximumSize = 1472

    /// Zero, but in queries of those that know nothing of multicast.
    public var identifier: UInt16 = 0
    /// Whether it answers.
    public var isResponse = false
    /// Whether more known answers follow in another message.
    public var isTruncated = false
    /// What is asked.
    public var questions: [MDNSQuestion] = []
    /// What is answered, or in a query known already.
    public var answers: [MDNSRecord] = []
    /// In a query: what the asker is about to claim.
    public var authorities: [MDNSRecord] = []
    /// What the next question would be.
    public var additionals: [MDNSRecord] = []

    private static let uniqueBit: UInt16 = 0x8000

    /// An empty message.
    public init() {}

    /// Reads a message; records of types that are not known here are among the others.
    public init(parsing bytes: RawSpan) throws(DNSMessageError) {
        guard bytes.byteCount >= 12 else { throw .truncated }
        identifier = bytes.word16(0)
        let flags = bytes.word16(2)
        isResponse = flags & 0x8000 != 0
        isTruncated = flags & 0x0200 != 0
        let counts = (0..<4).map { Int(bytes.word16(4 + 2 * $0)) }
        guard counts[0] <= Self.maximumQuestions, counts.reduce(0, +) <= Self.maximumEntries else {
            throw .tooManyRecords
        }
        // Other operations and errors mean nothing here (section 18).
        guard flags & 0x780F == 0 else { return }
        var offset = 12
        for _ in 0..<counts[0] {
            let name = try DNSName(parsing: bytes, at: &offset)
            guard bytes.byteCount - offset >= 4 else { throw .truncated }
            let (type, kind) = (DNSType(rawValue: bytes.word16(offset)), bytes.word16(offset + 2))
            offset += 4
            // The Internet's class, or any.
            guard kind & 0x7FFF == 1 || kind & 0x7FFF == 255 else { continue }
            questions.append(MDNSQuestion(name, type, allowsUnicast: kind & Self.uniqueBit != 0))
        }
        answers = try Self.records(bytes, counts[1], at: &offset)
        authorities = try Self.records(bytes, counts[2], at: &offset)
        additionals = try Self.records(bytes, counts[3], at: &offset)
    }

    private static func records(
        _ bytes: RawSpan, _ count: Int, at offset: inout Int
    ) throws(DNSMessageError) -> [MDNSRecord] {
        var records: [MDNSRecord] = []
        for _ in 0..<count {
            let name = try DNSName(parsing: bytes, at: &offset)
            guard bytes.byteCount - offset >= 10 else { throw .truncated }
            let (type, kind) = (DNSType(rawValue: bytes.word16(offset)), bytes.word16(offset + 2))
            let seconds = bytes.word32(offset + 4)
            let start = offset + 10
            let end = start + Int(bytes.word16(offset + 8))
            guard end <= bytes.byteCount else { throw .truncated }
            offset = end
            guard kind & 0x7FFF == 1 else { continue }
            // One whose data make no sense takes nothing from the others.
            guard let data = try? DNSRecord.Data(parsing: bytes, start..<end, type) else { continue }
            records.append(MDNSRecord(name, timeToLive: seconds, data, isUnique: kind & uniqueBit != 0))
        }
        return records
    }

    /// The message as it is sent.
    public var encoded: [UInt8] {
        var writer = MDNSWriter()
        let flags: UInt16 = (isResponse ? 0x8400 : 0) | (isTruncated ? 0x0200 : 0)
        for word in [
            identifier, flags, UInt16(questions.count), UInt16(answers.count), UInt16(authorities.count),
            UInt16(additionals.count),
        ] { writer.append(word) }
        for question in questions {
            writer.append(question.name)
            writer.append(question.type.rawValue)
            writer.append(question.allowsUnicast ? 0x8001 : 1)
        }
        for record in answers { writer.append(record) }
        for record in authorities { writer.append(record) }
        for record in additionals { writer.append(record) }
        return writer.bytes
    }
}
