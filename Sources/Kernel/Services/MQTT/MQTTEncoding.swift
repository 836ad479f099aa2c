import Interfaces

// The packets of a client.

extension MQTTPacketType {
    /// A packet of this type with what follows its fixed header.
    func packet(_ body: [UInt8], flags: UInt8 = 0) -> [UInt8] {
        var bytes = [rawValue << 4 | flags]
        bytes.append(variable: body.count)
        return bytes + body
    }

    /// An acknowledgement.
    func acknowledging(_ identifier: UInt16, _ reason: MQTTReason = .success) -> [UInt8] {
        var body: [UInt8] = []
        body.append(word16: identifier)
        if reason != .success { body.append(reason.code) }
        return packet(body, flags: self == .pubrel ? 2 : 0)
    }
}

extension MQTTMessage {
    /// The properties of the message, without their length.
    private var properties: [UInt8] {
        var bytes: [UInt8] = []
        if isText { bytes += [MQTTProperty.payloadFormat.rawValue, 1] }
        if let expiry {
            bytes.append(MQTTProperty.messageExpiry.rawValue)
            bytes.append(word32: expiry)
        }
        for (property, value) in [
            (MQTTProperty.contentType, contentType), (.responseTopic, responseTopic), (.correlation, correlation),
        ] {
            guard let value else { continue }
            bytes.append(property.rawValue)
            bytes.append(field: value)
        }
        return bytes
    }

    /// Whether all its parts are what they may be.
    var isValid: Bool {
        Self.isTopic(topic) && (contentType.map(Self.isText) ?? true) && (responseTopic.map(Self.isTopic) ?? true)
            && (correlation?.count ?? 0) <= 65535 && (!isText || payload.isUTF8)
    }

    /// The packet that publishes it.
    func packet(_ identifier: UInt16, isDuplicate: Bool = false) -> [UInt8] {
        var body: [UInt8] = []
        body.append(field: topic)
        if quality != .atMostOnce { body.append(word16: identifier) }
        let properties = properties
        body.append(variable: properties.count)
        body += properties
        body += payload
        let flags = (isDuplicate ? 8 : 0) | quality.rawValue << 1 | (isRetained ? 1 : 0)
        return MQTTPacketType.publish.packet(body, flags: flags)
    }

    /// As the last will in a CONNECT, to be published `delay` seconds after the connection was lost.
    func will(delay: UInt32) -> [UInt8] {
        var all: [UInt8] = []
        if delay > 0 {
            all.append(MQTTProperty.willDelay.rawValue)
            all.append(word32: delay)
        }
        all += properties
        var body: [UInt8] = []
        body.append(variable: all.count)
        body += all
        body.append(field: topic)
        body.append(field: payload)
        return body
    }
}

extension MQTTOptions {
    /// The CONNECT that begins a connection.
    func connectPacket(_ identifier: [UInt8], isClean: Bool) -> [UInt8] {
        var flags: UInt8 = isClean ? 2 : 0
        if let will { flags |= 4 | will.quality.rawValue << 3 | (will.isRetained ? 0x20 : 0) }
        if userName != nil { flags |= 0x80 }
        if password != nil { flags |= 0x40 }
        var properties: [UInt8] = []
        properties.append(MQTTProperty.sessionExpiry.rawValue)
        properties.append(word32: sessionExpiry)
        properties.append(MQTTProperty.receiveMaximum.rawValue)
        properties.append(word16: receiveMaximum)
        properties.append(MQTTProperty.maximumPacketSize.rawValue)
        properties.append(word32: UInt32(maximumPacketSize))
        var body: [UInt8] = [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, flags]
        body.append(word16: keepAlive)
        body.append(variable: properties.count)
        body += properties
        body.append(field: identifier)
        if let will { body += will.will(delay: willDelay) }
        if let userName { body.append(field: userName) }
        if let password { body.append(field: password) }
        return MQTTPacketType.connect.packet(body)
    }
}
