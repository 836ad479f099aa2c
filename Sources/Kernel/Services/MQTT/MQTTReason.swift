/// A reason code (MQTT 5.0, section 2.4). From 0x80 on it is a failure.
public struct MQTTReason: Equatable, Sendable {
    /// The code.
    public let code: UInt8

    /// The reason with this code; every byte is one, known or not.
    public init(_ code: UInt8) { self.code = code }

    /// Success, or a granted quality of service of 0.
    public static let success = MQTTReason(0)
    /// A packet that cannot be read.
    public static let malformedPacket = MQTTReason(0x81)
    /// A packet that may not come here, or says what it may not.
    public static let protocolError = MQTTReason(0x82)
    /// The user name or password is wrong.
    public static let badUserNameOrPassword = MQTTReason(0x86)
    /// Not allowed.
    public static let notAuthorized = MQTTReason(0x87)
    /// No sign of life in time.
    public static let keepAliveTimeout = MQTTReason(0x8D)
    /// The identifier of a packet is none that is in use.
    public static let packetIdentifierNotFound = MQTTReason(0x92)
    /// More messages under way than were agreed on.
    public static let receiveMaximumExceeded = MQTTReason(0x93)
    /// A topic's number that was not agreed on.
    public static let topicAliasInvalid = MQTTReason(0x94)
    /// A packet longer than was agreed on.
    public static let packetTooLarge = MQTTReason(0x95)
    /// Subscriptions that several clients share are not offered.
    public static let sharedSubscriptionsNotSupported = MQTTReason(0x9E)
    /// Subscriptions with `+` and `#` are not offered.
    public static let wildcardsNotSupported = MQTTReason(0xA2)

    /// Whether it is one of the failures.
    public var isFailure: Bool { code >= 0x80 }
}

/// What is wrong with what a broker sends, or with what it is to be sent.
@frozen
public enum MQTTError: Error, Equatable, Sendable {
    /// What came ends the connection; the reason goes to the broker.
    case broken(MQTTReason)
    /// A topic or filter that is none (section 4.7): empty, too long, not UTF-8, with wildcards where there may be none.
    case invalidTopic
    /// A message that the broker would not take: longer than its maximum.
    case tooLong
    /// There is no room for another message, or no identifier.
    case full
    /// There is no connection, and a message of quality 0 is not kept for the next one.
    case notConnected
}
