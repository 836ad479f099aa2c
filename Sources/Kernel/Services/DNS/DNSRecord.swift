import Network

/// What the domain name system says about a name (RFC 1035 section 4.1.3).
public struct DNSRecord: Equatable, Sendable {
    /// What a record says.
    public enum Data: Equatable, Sendable {
        /// An IPv4 address.
        case a(IPv4Address)
        /// An IPv6 address (RFC 3596).
        case aaaa(IPAddress)
        /// The name that this one stands for.
        case cname(DNSName)
        /// A server that knows the zone.
        case ns(DNSName)
        /// Another name.
        case ptr(DNSName)
        /// The start of a zone; `minimum` bounds for how many seconds to believe that a name is not there (RFC 2308 section 4).
        case soa(primary: DNSName, mailbox: DNSName, serial: UInt32, minimum: UInt32)
        /// Where a service is: the lowest priority first, by weight among equals (RFC 2782).
        case srv(priority: UInt16, weight: UInt16, port: Port, target: DNSName)
        /// Texts of 0 to 255 bytes.
        case txt([[UInt8]])
        /// Something else, as it was sent.
        case other(DNSType, [UInt8])

        /// The type of a record that says this.
        public var type: DNSType {
            switch self {
            case .a: .a
            case .aaaa: .aaaa
            case .cname: .cname
            case .ns: .ns
            case .ptr: .ptr
            case .soa: .soa
            case .srv: .srv
            case .txt: .txt
            case .other(let type, _): type
            }
        }
    }

    /// The class of the Internet.
    static let internetClass: UInt16 = 1

    /// The name.
    public var name: DNSName
    /// For how many seconds to believe it.
    public var timeToLive: UInt32
    /// What is said about it.
    public var data: Data

    /// A record.
    public init(_ name: DNSName, timeToLive: UInt32, _ data: Data) {
        self.name = name
        self.timeToLive = timeToLive
        self.data = data
    }

    /// The record at `offset` of a message, which moves past it; nil when it is of another class than the Internet's.
    /// - Throws: `.badData`, and `offset` is past it all the same; what else is wrong with it hides where it ends.
    static func parse(_ message: RawSpan, at offset: inout Int) throws(DNSMessageError) -> DNSRecord? {
        let name = try DNSName(parsing: message, at: &offset)
        guard message.byteCount - offset >= 10 else { throw .truncated }
        let type = DNSType(rawValue: message.word16(offset))
        let recordClass = message.word16(offset + 2)
        let seconds = message.word32(offset + 4)
        let start = offset + 10
        let end = start + Int(message.word16(offset + 8))
        guard end <= message.byteCount else { throw .truncated }
        offset = end
        guard recordClass == internetClass else { return nil }
        let data: Data
        // Whatever is wrong with the data, where they end is known.
        do throws(DNSMessageError) { data = try Data(parsing: message, start..<end, type) } catch { throw .badData }
        // A time with the highest bit set counts as none (RFC 2181 section 8).
        return DNSRecord(name, timeToLive: seconds > Int32.max ? 0 : seconds, data)
    }
}
