import Interfaces

// What the broker is asked for.
extension MQTTSession {
    /// Asks for the messages whose topics `filter` matches, now and over every later connection. Messages that the broker has kept come
    /// at once.
    /// - Throws: `.invalidTopic`, `.full`.
    public mutating func subscribe(
        _ filter: [UInt8], _ quality: QualityOfService = .atLeastOnce, now: Instant
    ) throws(MQTTError) {
        guard MQTTMessage.isFilter(filter) else { throw .invalidTopic }
        subscriptions.removeAll { $0.filter == filter }
        guard subscriptions.count < 256 else { throw .full }
        subscriptions.append(Subscription(filter: filter, quality: quality))
        if let reason = askFor(subscriptions.count - 1, now: now) { events.append(.subscribed(filter, reason)) }
    }

    /// Wants no more messages of a subscription.
    public mutating func unsubscribe(_ filter: [UInt8], now: Instant) {
        guard let index = subscriptions.firstIndex(where: { $0.filter == filter }) else { return }
        subscriptions[index].stage = .unwanted
        unask(index, now: now)
    }

    /// Sends the question for a subscription.
    /// - Returns: why not, where this broker's limits forbid it: over another connection it is tried again.
    mutating func askFor(_ index: Int, now: Instant) -> MQTTReason? {
        guard let acceptance, let identifier = newIdentifier() else { return nil }
        if let reason = acceptance.refusal(of: subscriptions[index].filter) { return reason }
        var body: [UInt8] = []
        body.append(word16: identifier)
        body.append(0)
        body.append(field: subscriptions[index].filter)
        body.append(subscriptions[index].quality.rawValue)
        let packet = MQTTPacketType.subscribe.packet(body, flags: 2)
        guard packet.count <= acceptance.maximumPacketSize else { return .packetTooLarge }
        subscriptions[index].identifier = identifier
        subscriptions[index].stage = .asked
        send(packet, now: now)
        return nil
    }

    mutating func unask(_ index: Int, now: Instant) {
        guard let acceptance, let identifier = newIdentifier() else { return }
        var body: [UInt8] = []
        body.append(word16: identifier)
        body.append(0)
        body.append(field: subscriptions[index].filter)
        let packet = MQTTPacketType.unsubscribe.packet(body, flags: 2)
        guard packet.count <= acceptance.maximumPacketSize else { return }
        subscriptions[index].identifier = identifier
        send(packet, now: now)
    }
}
