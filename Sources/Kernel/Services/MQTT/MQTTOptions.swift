/// Who a client is and how it wants to be treated.
public struct MQTTOptions: Sendable {
    /// The client's name at the broker; empty for one that the broker chooses.
    public var identifier: [UInt8] = []
    /// Who logs in; 65535 bytes of UTF-8 at most.
    public var userName: [UInt8]?
    /// The password; 65535 bytes at most. The connection is not encrypted: whoever sees the link sees it.
    public var password: [UInt8]?
    /// What the broker publishes when the connection is lost without a farewell. Its payload has 65535 bytes at most.
    public var will: MQTTMessage?
    /// Seconds that the broker waits before it does so.
    public var willDelay: UInt32 = 0
    /// Seconds without a packet after which the client shows that it lives; 0 for never.
    public var keepAlive: UInt16 = 60
    /// Seconds that the broker keeps subscriptions and messages for a client that is away.
    public var sessionExpiry: UInt32 = 3600
    /// Messages of quality 1 and 2 that may be on their way to this client.
    public var receiveMaximum: UInt16 = 16
    /// The longest packet that is taken, in bytes.
    public var maximumPacketSize = 16 << 10
    /// Messages of quality 1 and 2 that are kept until the broker has them.
    public var capacity = 32

    /// The usual.
    public init() {}
}
