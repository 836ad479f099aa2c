import Interfaces

// What goes to the broker.
extension MQTTSession {
    /// Publishes `message`. One of quality 0 is gone with this; of the others `.delivered` tells with the number returned.
    /// - Throws: `.invalidTopic`, `.tooLong`, `.full`, `.notConnected`.
    public mutating func publish(_ message: MQTTMessage, now: Instant) throws(MQTTError) -> UInt64 {
        guard message.isValid else { throw .invalidTopic }
        let length = (acceptance?.allowed(of: message) ?? message).packet(1).count
        guard length <= acceptance?.maximumPacketSize ?? .max, length < 1 << 28 else { throw .tooLong }
        let number = nextNumber
        if message.quality == .atMostOnce || acceptance?.maximumQuality == .atMostOnce {
            guard let acceptance else { throw .notConnected }
            send(acceptance.allowed(of: message).packet(0), now: now)
        } else {
            guard hasRoom else { throw .full }
            outgoing.append(Outgoing(number: number, message: message))
            pump(now: now)
        }
        nextNumber += 1
        return number
    }

    /// Whether the message with this number is still on its way.
    public func isPending(_ number: UInt64) -> Bool { outgoing.contains { $0.number == number } }

    /// Sends what this connection has not seen yet, in the order of its publishing (sections 4.4 and 4.6): what an earlier one may have lost,
    /// and what waits; of both only as many as the broker takes at a time (section 4.9).
    mutating func pump(now: Instant) {
        guard let acceptance else { return }
        var underWay = outgoing.reduce(0) { $0 + ($1.isSent ? 1 : 0) }
        for index in outgoing.indices where !outgoing[index].isSent {
            if outgoing[index].stage == .released {
                send(MQTTPacketType.pubrel.acknowledging(outgoing[index].identifier), now: now)
            } else {
                let message = acceptance.allowed(of: outgoing[index].message)
                let isAcknowledged = message.quality > .atMostOnce
                if isAcknowledged, underWay >= acceptance.receiveMaximum { continue }
                guard publish(message, at: index, now: now) else { return }
                if isAcknowledged { underWay += 1 }
            }
            outgoing[index].isSent = true
        }
        // What nobody acknowledges has gone.
        outgoing.removeAll { $0.isSent && $0.stage == .waiting }
    }

    /// Sends the entry at `index` as `message`: again, if it has gone out like this before. False when no identifier is free.
    private mutating func publish(_ message: MQTTMessage, at index: Int, now: Instant) -> Bool {
        guard message.quality > .atMostOnce else {
            outgoing[index].stage = .waiting
            send(message.packet(0), now: now)
            return true
        }
        let isDuplicate = outgoing[index].stage == .published && outgoing[index].quality == message.quality
        if !isDuplicate {
            guard let identifier = newIdentifier() else { return false }
            outgoing[index].identifier = identifier
            outgoing[index].quality = message.quality
            outgoing[index].stage = .published
        }
        send(message.packet(outgoing[index].identifier, isDuplicate: isDuplicate), now: now)
        return true
    }

    /// Gives up what is longer than the broker takes (section 3.2.2.3.6), whether it waits or was under way over an earlier connection.
    mutating func dropTooLong(_ acceptance: MQTTAcceptance) {
        outgoing.removeAll { entry in
            guard entry.stage != .released,
                acceptance.allowed(of: entry.message).packet(1).count > acceptance.maximumPacketSize
            else { return false }
            events.append(.delivered(entry.number, .packetTooLarge))
            return true
        }
    }

    mutating func newIdentifier() -> UInt16? {
        for _ in 0..<UInt16.max {
            let candidate = nextIdentifier
            nextIdentifier = nextIdentifier == .max ? 1 : nextIdentifier + 1
            let isUsed =
                outgoing.contains { $0.identifier == candidate }
                || subscriptions.contains { $0.identifier == candidate }
            if !isUsed { return candidate }
        }
        return nil
    }

    mutating func finish(_ index: Int, _ reason: MQTTReason, now: Instant) -> MQTTEvent {
        let entry = outgoing.remove(at: index)
        pump(now: now)
        return .delivered(entry.number, reason)
    }

    func index(of identifier: UInt16, _ quality: QualityOfService) -> Int? {
        outgoing.firstIndex {
            $0.identifier == identifier && $0.stage != .waiting && $0.quality == quality
        }
    }
}

extension MQTTAcceptance {
    /// What the broker takes of `message`: with less surety, or without keeping it, where it has no more to offer (sections 3.2.2.3.4 and 5).
    func allowed(of message: MQTTMessage) -> MQTTMessage {
        var message = message
        message.quality = min(message.quality, maximumQuality)
        if !retains { message.isRetained = false }
        return message
    }

    /// Why the broker would not even read a SUBSCRIBE of `filter` (sections 3.2.2.3.11 and 13); nil when it would.
    func refusal(of filter: [UInt8]) -> MQTTReason? {
        if !takesWildcards, filter.contains(where: { $0 == 0x23 || $0 == 0x2B }) { return .wildcardsNotSupported }
        if !sharesSubscriptions, filter.starts(with: "$share/".utf8) { return .sharedSubscriptionsNotSupported }
        return nil
    }
}
