/// What a query asks (RFC 1035 section 4.1.2), in the class of the Internet.
public struct DNSQuestion: Hashable, Sendable {
    /// The name.
    public var name: DNSName
    /// What is to be known about it.
    public var type: DNSType

    /// The question for what `type` says about `name`.
    public init(_ name: DNSName, _ type: DNSType) {
        self.name = name
        self.type = type
    }
}
