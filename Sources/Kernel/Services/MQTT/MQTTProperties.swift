/// What a property says (MQTT 5.0, section 2.2.2).
enum MQTTProperty: UInt8 {
    case payloadFormat = 1
    case messageExpiry = 2
    case contentType = 3
    case responseTopic = 8
    case correlation = 9
    case subscriptionIdentifier = 11
    case sessionExpiry = 17
    case assignedClientIdentifier = 18
    case serverKeepAlive = 19
    case authenticationMethod = 21
    case authenticationData = 22
    case willDelay = 24
    case responseInformation = 26
    case serverReference = 28
    case reasonString = 31
    case receiveMaximum = 33
    case topicAliasMaximum = 34
    case topicAlias = 35
    case maximumQuality = 36
    case retainAvailable = 37
    case userProperty = 38
    case maximumPacketSize = 39
    case wildcardsAvailable = 40
    case subscriptionIdentifiersAvailable = 41
    case sharedSubscriptionsAvailable = 42

    /// The properties of a packet's kind, a bit each.
    static func bits(_ properties: MQTTProperty...) -> UInt64 { properties.reduce(0) { $0 | 1 << UInt64($1.rawValue) } }

    /// Those of a CONNACK.
    static var inAcceptance: UInt64 {
        bits(
            .sessionExpiry, .receiveMaximum, .maximumQuality, .retainAvailable, .maximumPacketSize,
            .assignedClientIdentifier, .topicAliasMaximum, .reasonString, .userProperty, .wildcardsAvailable,
            .subscriptionIdentifiersAvailable, .sharedSubscriptionsAvailable, .serverKeepAlive, .responseInformation,
            .serverReference, .authenticationMethod, .authenticationData)
    }

    /// Those of a PUBLISH.
    static var inMessage: UInt64 {
        bits(
            .payloadFormat, .messageExpiry, .topicAlias, .responseTopic, .correlation, .userProperty,
            .subscriptionIdentifier, .contentType)
    }

    /// Those of an acknowledgement.
    static var inAcknowledgement: UInt64 { bits(.reasonString, .userProperty) }

    /// Those of a DISCONNECT from a broker.
    static var inDisconnection: UInt64 { bits(.reasonString, .userProperty, .serverReference) }
}

/// The properties of a packet.
struct MQTTProperties {
    private var numbers: [(property: MQTTProperty, value: UInt32)] = []
    private var texts: [(property: MQTTProperty, value: [UInt8])] = []

    /// Reads the properties at the front of `reader`: each at most once, and none but those in `allowed`.
    init(_ reader: inout MQTTReader, allowed: UInt64) throws(MQTTError) {
        let length = Int(try reader.variable())
        let end = reader.offset + length
        var seen: UInt64 = 0
        while reader.offset < end {
            // Identifiers are numbers of variable length, of which all that are in use have one byte.
            guard let property = MQTTProperty(rawValue: try reader.byte()) else { throw .broken(.malformedPacket) }
            let bit: UInt64 = 1 << UInt64(property.rawValue)
            guard allowed & bit != 0 else { throw .broken(.protocolError) }
            let mayRepeat = property == .userProperty || property == .subscriptionIdentifier
            guard mayRepeat || seen & bit == 0 else { throw .broken(.protocolError) }
            seen |= bit
            try read(property, &reader)
        }
        guard reader.offset == end else { throw .broken(.malformedPacket) }
    }

    private mutating func read(_ property: MQTTProperty, _ reader: inout MQTTReader) throws(MQTTError) {
        switch property {
        case .payloadFormat, .maximumQuality, .retainAvailable, .wildcardsAvailable,
            .subscriptionIdentifiersAvailable, .sharedSubscriptionsAvailable:
            let value = try reader.byte()
            guard value <= 1 else { throw .broken(.protocolError) }
            numbers.append((property, UInt32(value)))
        case .serverKeepAlive, .topicAliasMaximum: numbers.append((property, UInt32(try reader.word16())))
        case .receiveMaximum, .topicAlias:
            let value = try reader.word16()
            guard value > 0 else { throw .broken(property == .topicAlias ? .topicAliasInvalid : .protocolError) }
            numbers.append((property, UInt32(value)))
        case .messageExpiry, .sessionExpiry, .willDelay: numbers.append((property, try reader.word32()))
        case .maximumPacketSize:
            let value = try reader.word32()
            guard value > 0 else { throw .broken(.protocolError) }
            numbers.append((property, value))
        case .subscriptionIdentifier:
            guard try reader.variable() > 0 else { throw .broken(.protocolError) }
        case .correlation, .authenticationData: texts.append((property, try reader.binary()))
        case .contentType, .responseTopic, .assignedClientIdentifier, .authenticationMethod, .responseInformation,
            .serverReference, .reasonString:
            texts.append((property, try reader.text()))
        case .userProperty:
            // What they mean is between those who use them: read and let go.
            _ = try reader.text()
            _ = try reader.text()
        }
    }

    func number(_ property: MQTTProperty) -> UInt32? {
        for entry in numbers where entry.property == property { return entry.value }
        return nil
    }

    func text(_ property: MQTTProperty) -> [UInt8]? {
        for entry in texts where entry.property == property { return entry.value }
        return nil
    }
}
