import Network

/// A conversation with one server about one query: a UDP socket of its own, or a TCP connection.
@frozen
public struct DNSFlow: Hashable, Sendable {
    /// Never used again.
    public var number: UInt32
    /// Whether this is a TCP connection.
    public var isStream: Bool
}

/// Where a resolver puts its queries.
public protocol DNSTransport: ~Copyable {
    /// 64 bits that nobody else can guess: what makes an answer hard to forge (RFC 5452).
    mutating func random() -> UInt64

    /// Sends `message` to `server`; the span is valid for the duration of the call.
    ///
    /// The first call for a flow opens it: a UDP socket with a port that nobody can guess and that takes datagrams of `server` only, or a TCP
    /// connection, on which `message` has its length in front already. What arrives is given to `Resolver.receive`, an error of the flow to
    /// `Resolver.fail`, after this call has returned.
    mutating func sendDNS(_ message: RawSpan, to server: Endpoint, on flow: DNSFlow)

    /// The flow is not used any more.
    mutating func closeDNS(_ flow: DNSFlow)
}
