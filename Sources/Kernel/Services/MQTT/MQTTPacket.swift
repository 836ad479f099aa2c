import Network

/// The kinds of packets (MQTT 5.0, section 2.1.2).
enum MQTTPacketType: UInt8 {
    case connect = 1
    case connack = 2
    case publish = 3
    case puback = 4
    case pubrec = 5
    case pubrel = 6
    case pubcomp = 7
    case subscribe = 8
    case suback = 9
    case unsubscribe = 10
    case unsuback = 11
    case pingreq = 12
    case pingresp = 13
    case disconnect = 14
    case auth = 15
}

/// What a broker has agreed to in its CONNACK.
public struct MQTTAcceptance: Equatable, Sendable {
    /// Whether the broker goes on with an earlier session.
    public var isResumed: Bool
    /// `.success`, or why not.
    public var reason: MQTTReason
    /// Messages of quality 1 and 2 that may be on their way to the broker.
    public var receiveMaximum = 65535
    /// The best it offers.
    public var maximumQuality = QualityOfService.exactlyOnce
    /// Whether it keeps messages.
    public var retains = true
    /// The longest packet it takes.
    public var maximumPacketSize = Int(UInt32.max)
    /// Whether it takes subscriptions with `+` and `#`.
    public var takesWildcards = true
    /// Whether it takes subscriptions that several clients share.
    public var sharesSubscriptions = true
    /// The name it gave.
    public var assignedIdentifier: [UInt8]?
    /// Seconds between signs of life that it wants; nil for what was offered.
    public var keepAlive: UInt16?
}

/// A packet from a broker.
public enum MQTTPacket: Equatable, Sendable {
    case connack(MQTTAcceptance)
    /// `identifier` is 0 for quality 0.
    case publish(MQTTMessage, identifier: UInt16, isDuplicate: Bool)
    case puback(UInt16, MQTTReason)
    case pubrec(UInt16, MQTTReason)
    case pubrel(UInt16, MQTTReason)
    case pubcomp(UInt16, MQTTReason)
    case suback(UInt16, [MQTTReason])
    case unsuback(UInt16, [MQTTReason])
    case pingresp
    case disconnect(MQTTReason)

    /// How long the packet at the front of `bytes` is, its fixed header included; nil while that is not known.
    public static func length(in bytes: RawSpan) throws(MQTTError) -> Int? {
        guard bytes.byteCount >= 2, let (length, size) = try MQTTReader.variable(bytes, at: 1) else { return nil }
        return 1 + size + Int(length)
    }

    /// Reads a whole packet.
    /// - Throws: `.broken` with the reason that a broker is told.
    public init(parsing bytes: RawSpan) throws(MQTTError) {
        guard let total = try Self.length(in: bytes), total == bytes.byteCount,
            let type = MQTTPacketType(rawValue: bytes.byte(0) >> 4)
        else { throw .broken(.malformedPacket) }
        let flags = bytes.byte(0) & 15
        guard type == .publish || flags == (type == .pubrel ? 2 : 0) else { throw .broken(.malformedPacket) }
        var reader = MQTTReader(bytes)
        _ = try reader.byte()
        _ = try reader.variable()
        switch type {
        case .connack: self = try Self.connack(&reader)
        case .publish: self = try Self.publish(&reader, flags)
        case .puback: self = .puback(try reader.word16(), try Self.reason(&reader, MQTTProperty.inAcknowledgement))
        case .pubrec: self = .pubrec(try reader.word16(), try Self.reason(&reader, MQTTProperty.inAcknowledgement))
        case .pubrel: self = .pubrel(try reader.word16(), try Self.reason(&reader, MQTTProperty.inAcknowledgement))
        case .pubcomp: self = .pubcomp(try reader.word16(), try Self.reason(&reader, MQTTProperty.inAcknowledgement))
        case .suback: self = .suback(try reader.word16(), try Self.reasons(&reader))
        case .unsuback: self = .unsuback(try reader.word16(), try Self.reasons(&reader))
        case .pingresp: self = .pingresp
        case .disconnect: self = .disconnect(try Self.reason(&reader, MQTTProperty.inDisconnection))
        // A client does not get these, and did not ask for another way to prove who it is.
        case .connect, .subscribe, .unsubscribe, .pingreq, .auth: throw .broken(.protocolError)
        }
        guard reader.isAtEnd else { throw .broken(.malformedPacket) }
        switch self {
        case .puback(0, _), .pubrec(0, _), .pubrel(0, _), .pubcomp(0, _), .suback(0, _), .unsuback(0, _):
            throw .broken(.protocolError)
        default: break
        }
    }

    /// A reason and properties, both of which may be missing.
    private static func reason(_ reader: inout MQTTReader, _ allowed: UInt64) throws(MQTTError) -> MQTTReason {
        if reader.isAtEnd { return .success }
        let reason = MQTTReason(try reader.byte())
        if !reader.isAtEnd { _ = try MQTTProperties(&reader, allowed: allowed) }
        return reason
    }

    private static func reasons(_ reader: inout MQTTReader) throws(MQTTError) -> [MQTTReason] {
        _ = try MQTTProperties(&reader, allowed: MQTTProperty.inAcknowledgement)
        var reasons: [MQTTReason] = []
        while !reader.isAtEnd { reasons.append(MQTTReason(try reader.byte())) }
        guard !reasons.isEmpty else { throw .broken(.malformedPacket) }
        return reasons
    }

    private static func connack(_ reader: inout MQTTReader) throws(MQTTError) -> MQTTPacket {
        let flags = try reader.byte()
        guard flags <= 1 else { throw .broken(.malformedPacket) }
        var acceptance = MQTTAcceptance(isResumed: flags == 1, reason: MQTTReason(try reader.byte()))
        guard !(acceptance.isResumed && acceptance.reason != .success) else { throw .broken(.protocolError) }
        let properties = try MQTTProperties(&reader, allowed: MQTTProperty.inAcceptance)
        if let value = properties.number(.receiveMaximum) { acceptance.receiveMaximum = Int(value) }
        if properties.number(.maximumQuality) == 1 { acceptance.maximumQuality = .atLeastOnce }
        if properties.number(.maximumQuality) == 0 { acceptance.maximumQuality = .atMostOnce }
        if properties.number(.retainAvailable) == 0 { acceptance.retains = false }
        if properties.number(.wildcardsAvailable) == 0 { acceptance.takesWildcards = false }
        if properties.number(.sharedSubscriptionsAvailable) == 0 { acceptance.sharesSubscriptions = false }
        if let value = properties.number(.maximumPacketSize) { acceptance.maximumPacketSize = Int(value) }
        if let value = properties.number(.serverKeepAlive) { acceptance.keepAlive = UInt16(value) }
        acceptance.assignedIdentifier = properties.text(.assignedClientIdentifier)
        return .connack(acceptance)
    }

    private static func publish(_ reader: inout MQTTReader, _ flags: UInt8) throws(MQTTError) -> MQTTPacket {
        guard let quality = QualityOfService(rawValue: flags >> 1 & 3) else { throw .broken(.malformedPacket) }
        let isDuplicate = flags & 8 != 0
        guard !isDuplicate || quality != .atMostOnce else { throw .broken(.malformedPacket) }
        let topic = try reader.text()
        var identifier: UInt16 = 0
        if quality != .atMostOnce {
            identifier = try reader.word16()
            guard identifier != 0 else { throw .broken(.protocolError) }
        }
        let properties = try MQTTProperties(&reader, allowed: MQTTProperty.inMessage)
        // This side allows no numbers for topics, so that each message has its own.
        guard properties.number(.topicAlias) == nil else { throw .broken(.topicAliasInvalid) }
        guard MQTTMessage.isTopic(topic) else { throw .broken(topic.isEmpty ? .protocolError : .malformedPacket) }
        var message = MQTTMessage(topic, try reader.rest(), quality: quality, isRetained: flags & 1 != 0)
        message.isText = properties.number(.payloadFormat) == 1
        message.expiry = properties.number(.messageExpiry)
        message.contentType = properties.text(.contentType)
        message.responseTopic = properties.text(.responseTopic)
        message.correlation = properties.text(.correlation)
        if let responseTopic = message.responseTopic, !MQTTMessage.isTopic(responseTopic) {
            throw .broken(.protocolError)
        }
        return .publish(message, identifier: identifier, isDuplicate: isDuplicate)
    }
}
