import Interfaces
import Network

/// A request to resolve a name, from its start until its result is taken.
@frozen
public struct RequestID: Hashable, Sendable {
    /// Used again after four thousand million requests.
    let number: UInt32
}

/// The names to try for one request, and how far it is.
struct ResolverRequest: Sendable {
    let id: RequestID
    let type: DNSType
    let deadline: Instant
    /// The names that are still to be tried, the next first.
    var names: [DNSName]
    /// The lookup that it waits for.
    var lookup: UInt32?
    var result: Result<DNSAnswer, ResolverError>?
    /// Whether a name was there, but without the data.
    var sawName = false
    /// Whether the owner was told of the result.
    var isReported = false
}

/// What a text asks for, before anybody is asked.
enum ResolverTarget {
    /// It answers itself.
    case known(Result<DNSAnswer, ResolverError>)
    /// The names to ask for, in that order.
    case names([DNSName])

    /// What `text` asks for, with the domains of `searchList` for names without a dot at the end.
    ///
    /// `address` is the one that the text writes, if it does.
    init(
        _ text: [UInt8], address: IPv4Address?, _ type: DNSType, searchList: [DNSName]
    ) throws(ResolverError) {
        var reader = DNSNameText()
        for byte in text where !reader.take(byte) { throw .malformedName }
        guard let encoded = reader.finish() else { throw .malformedName }
        let name = DNSName(encoded: encoded)
        if let address {
            self = .known(Self.result(name, type, .a(address)))
            return
        }
        let last = name.lastLabel
        // RFC 6761 section 6.3: the name of this machine, whatever a server says.
        if last.elementsEqual(Self.localhost, by: { DNSName.folded($0) == $1 }) {
            let data = type == .aaaa ? DNSRecord.Data.aaaa(IPAddress(high: 0, low: 1)) : .a(.loopback)
            self = .known(Self.result(name, type, data))
            return
        }
        // No domain has a number for a name: this was meant for an address.
        guard last.contains(where: { $0 < 0x30 || $0 > 0x39 }) else { throw .malformedName }
        if reader.isAbsolute {
            self = .names([name])
            return
        }
        let searched = searchList.prefix(ResolverConfiguration.maximumDomains).compactMap { name.appending($0) }
        self = .names(name.labelCount > 1 ? [name] + searched : searched + [name])
    }

    private static let localhost = Array("localhost".utf8)

    private static func result(
        _ name: DNSName, _ type: DNSType, _ data: DNSRecord.Data
    ) -> Result<DNSAnswer, ResolverError> {
        guard data.type == type else { return .failure(.noData) }
        return .success(DNSAnswer(name: name, records: [data], expiry: .never))
    }
}
