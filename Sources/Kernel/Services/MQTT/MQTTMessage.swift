import Interfaces

/// How surely a message arrives (MQTT 5.0, section 4.3).
@frozen
public enum QualityOfService: UInt8, Comparable, Sendable {
    /// Not at all, or once.
    case atMostOnce = 0
    /// Once or more often.
    case atLeastOnce = 1
    /// Once.
    case exactlyOnce = 2

    /// Whether `left` promises less than `right`.
    public static func < (left: QualityOfService, right: QualityOfService) -> Bool { left.rawValue < right.rawValue }
}

/// A message: bytes under a topic.
public struct MQTTMessage: Equatable, Sendable {
    /// What it is about, as UTF-8 with `/` between its levels.
    public var topic: [UInt8]
    /// What it says.
    public var payload: [UInt8]
    /// How surely it arrives.
    public var quality: QualityOfService
    /// Whether the broker keeps it for those who subscribe later; of a message that came, whether it was kept.
    public var isRetained: Bool
    /// Whether the payload is UTF-8.
    public var isText = false
    /// Seconds after which it is of no use; nil for never.
    public var expiry: UInt32?
    /// What the payload is, such as a media type.
    public var contentType: [UInt8]?
    /// Where an answer goes.
    public var responseTopic: [UInt8]?
    /// What an answer is to carry, so that it is told from others.
    public var correlation: [UInt8]?

    /// A message of `payload` under `topic`.
    public init(
        _ topic: [UInt8], _ payload: [UInt8], quality: QualityOfService = .atMostOnce, isRetained: Bool = false
    ) {
        self.topic = topic
        self.payload = payload
        self.quality = quality
        self.isRetained = isRetained
    }

    /// Whether `topic` can be published under (section 4.7).
    public static func isTopic(_ topic: [UInt8]) -> Bool {
        isText(topic) && !topic.isEmpty && !topic.contains { $0 == 0x23 || $0 == 0x2B }
    }

    /// Whether `filter` can be subscribed to: `+` is a whole level, `#` the last one.
    public static func isFilter(_ filter: [UInt8]) -> Bool {
        guard isText(filter), !filter.isEmpty else { return false }
        for (index, byte) in filter.enumerated() where byte == 0x23 || byte == 0x2B {
            if index > 0, filter[index - 1] != 0x2F { return false }
            if byte == 0x23, index + 1 != filter.count { return false }
            if index + 1 < filter.count, filter[index + 1] != 0x2F { return false }
        }
        return true
    }

    /// Whether these bytes are a string of the protocol (section 1.5.4).
    static func isText(_ bytes: [UInt8]) -> Bool { bytes.count <= 65535 && bytes.isUTF8 && !bytes.contains(0) }
}
