import Interfaces
import Network

/// What is known about a name.
public struct DNSAnswer: Equatable, Sendable {
    /// The name at the end of the aliases.
    public var name: DNSName
    /// What was asked for: one at least, of the type that was asked for, in the order of the server.
    public var records: [DNSRecord.Data]
    /// Until when to believe it; `.never` for what never changes.
    public var expiry: Instant

    /// The addresses among the records.
    public var addresses: [IPAddress] {
        records.compactMap {
            switch $0 {
            case .a(let address): IPAddress(address)
            case .aaaa(let address): address
            default: nil
            }
        }
    }
}
