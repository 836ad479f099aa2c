import Network

// The data of each type of record: RFC 1035 section 3.3, RFC 2782, RFC 3596.
extension DNSRecord.Data {
    /// The data of a record of `type` that stand at `range` of a message.
    package init(parsing message: RawSpan, _ range: Range<Int>, _ type: DNSType) throws(DNSMessageError) {
        switch type {
        case .a:
            guard range.count == 4 else { throw .badData }
            self = .a(message.ipv4Address(range.lowerBound))
        case .aaaa:
            guard range.count == 16 else { throw .badData }
            let words = (0..<4).map { UInt64(message.word32(range.lowerBound + 4 * $0)) }
            self = .aaaa(IPAddress(high: words[0] << 32 | words[1], low: words[2] << 32 | words[3]))
        case .cname: self = .cname(try Self.name(message, range))
        case .ns: self = .ns(try Self.name(message, range))
        case .ptr: self = .ptr(try Self.name(message, range))
        case .srv:
            guard range.count >= 7 else { throw .badData }
            let start = range.lowerBound
            self = .srv(
                priority: message.word16(start), weight: message.word16(start + 2),
                port: Port(rawValue: message.word16(start + 4)),
                target: try Self.name(message, start + 6..<range.upperBound))
        case .soa: self = try Self.startOfAuthority(message, range)
        case .txt: self = .txt(try Self.texts(message, range))
        default: self = .other(type, range.map { message.byte($0) })
        }
    }

    /// The name that takes up all of `range`.
    private static func name(_ message: RawSpan, _ range: Range<Int>) throws(DNSMessageError) -> DNSName {
        var offset = range.lowerBound
        let name = try DNSName(parsing: message, at: &offset)
        guard offset == range.upperBound else { throw .badData }
        return name
    }

    private static func startOfAuthority(
        _ message: RawSpan, _ range: Range<Int>
    ) throws(DNSMessageError) -> DNSRecord.Data {
        var offset = range.lowerBound
        let primary = try DNSName(parsing: message, at: &offset)
        let mailbox = try DNSName(parsing: message, at: &offset)
        guard offset + 20 == range.upperBound else { throw .badData }
        return .soa(
            primary: primary, mailbox: mailbox, serial: message.word32(offset), minimum: message.word32(offset + 16))
    }

    private static func texts(_ message: RawSpan, _ range: Range<Int>) throws(DNSMessageError) -> [[UInt8]] {
        var (texts, offset): ([[UInt8]], Int) = ([], range.lowerBound)
        while offset < range.upperBound {
            let end = offset + 1 + Int(message.byte(offset))
            guard end <= range.upperBound else { throw .badData }
            texts.append((offset + 1..<end).map { message.byte($0) })
            offset = end
        }
        return texts
    }

    /// The data as they are sent, names in full.
    package var encoded: [UInt8] {
        switch self {
        case .a(let address): return DNSMessage.bytes(address.bits)
        case .aaaa(let address):
            return [address.high, address.low].flatMap {
                DNSMessage.bytes(UInt32($0 >> 32)) + DNSMessage.bytes(UInt32(truncatingIfNeeded: $0))
            }
        case .cname(let name), .ns(let name), .ptr(let name): return name.encoded
        case .soa(let primary, let mailbox, let serial, let minimum):
            // Refresh, retry and expire are between the servers of a zone.
            return primary.encoded + mailbox.encoded + DNSMessage.bytes(serial) + [UInt8](repeating: 0, count: 12)
                + DNSMessage.bytes(minimum)
        case .srv(let priority, let weight, let port, let target):
            return DNSMessage.bytes(priority) + DNSMessage.bytes(weight) + DNSMessage.bytes(port.rawValue)
                + target.encoded
        case .txt(let texts): return texts.flatMap { [UInt8($0.count)] + $0 }
        case .other(_, let bytes): return bytes
        }
    }
}
