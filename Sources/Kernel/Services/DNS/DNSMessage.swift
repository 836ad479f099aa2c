import Network

/// A message of the domain name system (RFC 1035 section 4): a query or the answer to one.
///
/// What reading it allocates is bounded by `maximumRecords`.
public struct DNSMessage: Equatable, Sendable {
    /// The most records of a message that is read.
    public static let maximumRecords = 256
    /// Bytes of the header.
    static let headerLength = 12

    private static let responseFlag: UInt16 = 0x8000
    private static let truncationFlag: UInt16 = 0x0200
    private static let recursionDesiredFlag: UInt16 = 0x0100

    /// Joins an answer to its query.
    public var identifier: UInt16
    /// Whether this is an answer.
    public var isResponse = false
    /// The kind of query: 0 for a standard one.
    public var operation: UInt8 = 0
    /// Whether the answer did not fit. No records of such a message are read.
    public var isTruncated = false
    /// Whether the server is to ask others.
    public var isRecursionDesired = true
    /// Whether some of its records could not be read: those that could are here, but what is missing proves nothing.
    public var isDamaged = false
    /// How the server got on.
    public var responseCode = DNSResponseCode.noError
    /// The questions; those of classes other than the Internet's are not among them.
    public var questions: [DNSQuestion]
    /// The answers.
    public var answers: [DNSRecord] = []
    /// Where more is known, or why nothing is.
    public var authorities: [DNSRecord] = []

    /// A query.
    public init(_ identifier: UInt16, _ question: DNSQuestion) {
        self.identifier = identifier
        questions = [question]
    }

    /// Reads a message. What a server adds of its own accord, the last section, is not looked at.
    public init(parsing bytes: RawSpan) throws(DNSMessageError) {
        guard bytes.byteCount >= Self.headerLength else { throw .truncated }
        identifier = bytes.word16(0)
        let flags = bytes.word16(2)
        isResponse = flags & Self.responseFlag != 0
        operation = UInt8(flags >> 11 & 15)
        isTruncated = flags & Self.truncationFlag != 0
        isRecursionDesired = flags & Self.recursionDesiredFlag != 0
        responseCode = DNSResponseCode(rawValue: UInt8(flags & 15))
        questions = []
        var offset = Self.headerLength
        guard bytes.word16(4) <= 16 else { throw .tooManyRecords }
        for _ in 0..<bytes.word16(4) {
            let name = try DNSName(parsing: bytes, at: &offset)
            guard bytes.byteCount - offset >= 4 else { throw .truncated }
            let type = DNSType(rawValue: bytes.word16(offset))
            if bytes.word16(offset + 2) == DNSRecord.internetClass { questions.append(DNSQuestion(name, type)) }
            offset += 4
        }
        if isTruncated { return }
        let counts = (Int(bytes.word16(6)), Int(bytes.word16(8)))
        guard counts.0 + counts.1 <= Self.maximumRecords else { throw .tooManyRecords }
        answers = records(bytes, counts.0, at: &offset)
        if offset < bytes.byteCount { authorities = records(bytes, counts.1, at: &offset) }
    }

    /// Reads `count` records. One whose data make no sense is passed over; behind one whose end is not known nothing is read.
    private mutating func records(_ bytes: RawSpan, _ count: Int, at offset: inout Int) -> [DNSRecord] {
        var records: [DNSRecord] = []
        for _ in 0..<count {
            let start = offset
            do throws(DNSMessageError) {
                if let record = try DNSRecord.parse(bytes, at: &offset) { records.append(record) }
            } catch {
                isDamaged = true
                guard error == .badData, offset > start else {
                    offset = bytes.byteCount
                    break
                }
            }
        }
        return records
    }

    /// The message as it is sent, names in full.
    public var encoded: [UInt8] {
        var flags = UInt16(operation & 15) << 11 | UInt16(responseCode.rawValue & 15)
        if isResponse { flags |= Self.responseFlag }
        if isTruncated { flags |= Self.truncationFlag }
        if isRecursionDesired { flags |= Self.recursionDesiredFlag }
        var bytes: [UInt8] = []
        for word in [
            identifier, flags, UInt16(questions.count), UInt16(answers.count), UInt16(authorities.count), 0,
        ] { bytes += Self.bytes(word) }
        for question in questions {
            bytes += question.name.encoded + Self.bytes(question.type.rawValue) + Self.bytes(DNSRecord.internetClass)
        }
        for record in answers { Self.append(record, to: &bytes) }
        for record in authorities { Self.append(record, to: &bytes) }
        return bytes
    }

    private static func append(_ record: DNSRecord, to bytes: inout [UInt8]) {
        let data = record.data.encoded
        bytes += record.name.encoded
        bytes += Self.bytes(record.data.type.rawValue) + Self.bytes(DNSRecord.internetClass)
        bytes += Self.bytes(record.timeToLive) + Self.bytes(UInt16(data.count))
        bytes += data
    }

    /// `value` in network order.
    static func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    /// `value` in network order.
    static func bytes(_ value: UInt32) -> [UInt8] {
        bytes(UInt16(value >> 16)) + bytes(UInt16(truncatingIfNeeded: value))
    }
}
