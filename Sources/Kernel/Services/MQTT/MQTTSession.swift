import Interfaces
import Network

/// What a packet from the broker meant.
public enum MQTTEvent: Equatable, Sendable {
    /// The broker has let the client in.
    case connected(isResumed: Bool)
    /// It has not.
    case refused(MQTTReason)
    /// A message for which there is a subscription.
    case message(MQTTMessage)
    /// The message that `publish` gave this number has arrived, or the broker does not want it.
    case delivered(UInt64, MQTTReason)
    /// The broker's answer to a subscription.
    case subscribed([UInt8], MQTTReason)
    /// The broker's answer to its end.
    case unsubscribed([UInt8], MQTTReason)
    /// The broker ends the connection.
    case disconnected(MQTTReason)
}

/// A client's session (MQTT 5.0): what is under way to the broker and what it was asked for. It outlives connections.
///
/// Pure: it gets packets and times, and gives bytes to be sent. `begin` when a connection to the broker stands, `end` when it is gone.
public struct MQTTSession: Sendable {
    /// Who the client is.
    public let options: MQTTOptions
    /// What the broker has agreed to; nil without a connection.
    public private(set) var acceptance: MQTTAcceptance?
    /// The client's name at the broker.
    public private(set) var identifier: [UInt8]

    private var output: [UInt8] = []
    /// What happened that no packet says, until somebody asks.
    var events: [MQTTEvent] = []
    /// In the order in which they were published.
    var outgoing: [Outgoing] = []
    var subscriptions: [Subscription] = []
    /// Messages of quality 2 that were passed on and whose release is still to come.
    private var received: [UInt16] = []
    var nextIdentifier: UInt16 = 1
    var nextNumber: UInt64 = 1
    /// Whether a broker may know this session.
    private var hasHistory = false
    private var isConnecting = false
    private var lastSent = Instant(nanoseconds: 0)
    /// When an answer to a ping, or to CONNECT, is missed.
    private var answerDeadline = Instant.never

    struct Outgoing {
        enum Stage { case waiting, published, released }

        let number: UInt64
        /// As it was wanted: what is sent is what the broker of each connection allows of it.
        let message: MQTTMessage
        /// The quality with which it was sent, and is acknowledged.
        var quality = QualityOfService.atMostOnce
        var identifier: UInt16 = 0
        var stage = Stage.waiting
        /// Whether this connection has seen its last packet.
        var isSent = false
    }

    struct Subscription {
        enum Stage { case wanted, asked, granted, unwanted }

        let filter: [UInt8]
        var quality: QualityOfService
        var identifier: UInt16 = 0
        var stage = Stage.wanted
    }

    /// How long the broker may take to answer.
    public static var answerTime: Interval { .seconds(10) }
    /// Bytes of the longest acknowledgement.
    private static var smallestLimit: Int { 5 }

    /// A session that has not begun.
    public init(_ options: MQTTOptions) {
        self.options = options
        identifier = options.identifier
    }

    /// Whether the broker has let the client in.
    public var isConnected: Bool { acceptance != nil }

    /// Whether another message of quality 1 or 2 finds room.
    public var hasRoom: Bool { outgoing.count < options.capacity }

    /// Messages of quality 1 and 2 that have not arrived yet.
    public var pendingCount: Int { outgoing.count }

    /// When `advance` has something to do.
    public var deadline: Instant {
        var deadline = answerDeadline
        if isConnected, answerDeadline == .never, keepAlive > 0 {
            deadline = min(deadline, lastSent + .seconds(UInt64(keepAlive)))
        }
        return deadline
    }

    private var keepAlive: UInt16 { acceptance?.keepAlive ?? options.keepAlive }

    /// What is to be sent, once.
    public mutating func takeOutput() -> [UInt8] {
        let bytes = output
        output = []
        return bytes
    }

    mutating func send(_ packet: [UInt8], now: Instant) {
        output += packet
        lastSent = now
    }

    // MARK: Connections

    /// A connection stands: the client presents itself.
    public mutating func begin(now: Instant) {
        end()
        isConnecting = true
        send(options.connectPacket(identifier, isClean: !hasHistory), now: now)
        answerDeadline = now + Self.answerTime
    }

    /// The connection is gone. What has not arrived is sent again over the next one.
    public mutating func end() {
        acceptance = nil
        isConnecting = false
        answerDeadline = .never
        output = []
        for index in outgoing.indices { outgoing[index].isSent = false }
        for index in subscriptions.indices where subscriptions[index].stage == .asked {
            subscriptions[index].stage = .wanted
        }
    }

    /// What has happened beside the meaning of packets: to be asked for after each that was received.
    public mutating func nextEvent() -> MQTTEvent? { events.isEmpty ? nil : events.removeFirst() }

    /// Takes leave: the broker publishes no will. `reason` tells it what was wrong.
    public mutating func disconnect(_ reason: MQTTReason = .success, now: Instant) {
        guard isConnected || isConnecting else { return }
        send(MQTTPacketType.disconnect.packet(reason == .success ? [] : [reason.code]), now: now)
    }

    /// Does what is due at `now`.
    /// - Throws: `.broken` when the broker has not answered in time.
    public mutating func advance(to now: Instant) throws(MQTTError) {
        guard now >= deadline else { return }
        if now >= answerDeadline { throw .broken(.keepAliveTimeout) }
        send(MQTTPacketType.pingreq.packet([]), now: now)
        answerDeadline = now + Self.answerTime
    }

    private mutating func accept(_ acceptance: MQTTAcceptance, now: Instant) throws(MQTTError) -> MQTTEvent {
        guard isConnecting else { throw .broken(.protocolError) }
        isConnecting = false
        answerDeadline = .never
        guard !acceptance.reason.isFailure else { return .refused(acceptance.reason) }
        // A session that this side does not know is none (section 3.2.2.1.1).
        guard !acceptance.isResumed || hasHistory else { throw .broken(.protocolError) }
        // Where no acknowledgement fits, nothing can be agreed on.
        guard acceptance.maximumPacketSize >= Self.smallestLimit else { throw .broken(.packetTooLarge) }
        self.acceptance = acceptance
        if let assigned = acceptance.assignedIdentifier { identifier = assigned }
        hasHistory = true
        if !acceptance.isResumed { forgetBroker() }
        for index in subscriptions.indices {
            switch subscriptions[index].stage {
            case .wanted, .asked:
                if let reason = askFor(index, now: now) {
                    events.append(.subscribed(subscriptions[index].filter, reason))
                }
            case .unwanted: unask(index, now: now)
            case .granted: break
            }
        }
        dropTooLong(acceptance)
        pump(now: now)
        return .connected(isResumed: acceptance.isResumed)
    }

    /// The broker has no memory of this client: everything begins again.
    private mutating func forgetBroker() {
        received = []
        // What was released, the broker has had.
        outgoing.removeAll { $0.stage == .released }
        for index in outgoing.indices {
            outgoing[index].stage = .waiting
            outgoing[index].identifier = 0
        }
        subscriptions.removeAll { $0.stage == .unwanted }
        for index in subscriptions.indices { subscriptions[index].stage = .wanted }
    }

    // MARK: Receiving

    /// Takes the packet at the front of `bytes`.
    /// - Returns: how many bytes it had, 0 when it is not whole yet; and what it meant, if anything.
    /// - Throws: `.broken`; the connection is to be ended after `disconnect` with the reason.
    public mutating func receive(_ bytes: RawSpan, now: Instant) throws(MQTTError) -> (used: Int, event: MQTTEvent?) {
        guard let length = try MQTTPacket.length(in: bytes) else { return (0, nil) }
        guard length <= options.maximumPacketSize else { throw .broken(.packetTooLarge) }
        guard length <= bytes.byteCount else { return (0, nil) }
        return (length, try take(try MQTTPacket(parsing: bytes.extracting(0..<length)), now: now))
    }

    private mutating func take(_ packet: MQTTPacket, now: Instant) throws(MQTTError) -> MQTTEvent? {
        if case .connack(let acceptance) = packet { return try accept(acceptance, now: now) }
        guard isConnected else { throw .broken(.protocolError) }
        switch packet {
        case .connack: return nil
        case .publish(let message, let identifier, _): return try take(message, identifier, now: now)
        case .puback(let identifier, let reason):
            // Unknown ones are left from an earlier connection.
            guard let index = index(of: identifier, .atLeastOnce) else { return nil }
            return finish(index, reason, now: now)
        case .pubrec(let identifier, let reason):
            guard let index = index(of: identifier, .exactlyOnce) else {
                send(MQTTPacketType.pubrel.acknowledging(identifier, .packetIdentifierNotFound), now: now)
                return nil
            }
            if reason.isFailure { return finish(index, reason, now: now) }
            outgoing[index].stage = .released
            outgoing[index].isSent = true
            send(MQTTPacketType.pubrel.acknowledging(identifier), now: now)
            return nil
        case .pubrel(let identifier, _):
            let isKnown = received.contains(identifier)
            received.removeAll { $0 == identifier }
            send(
                MQTTPacketType.pubcomp.acknowledging(identifier, isKnown ? .success : .packetIdentifierNotFound),
                now: now)
            return nil
        case .pubcomp(let identifier, let reason):
            guard let index = index(of: identifier, .exactlyOnce), outgoing[index].stage == .released else {
                return nil
            }
            return finish(index, reason, now: now)
        case .suback(let identifier, let reasons):
            guard let index = subscriptions.firstIndex(where: { $0.identifier == identifier && $0.stage == .asked })
            else { return nil }
            let filter = subscriptions[index].filter
            subscriptions[index].identifier = 0
            subscriptions[index].stage = .granted
            // What is refused is not asked for again.
            if reasons[0].isFailure { subscriptions.remove(at: index) }
            return .subscribed(filter, reasons[0])
        case .unsuback(let identifier, let reasons):
            guard let index = subscriptions.firstIndex(where: { $0.identifier == identifier && $0.stage == .unwanted })
            else { return nil }
            let filter = subscriptions.remove(at: index).filter
            return .unsubscribed(filter, reasons[0])
        case .pingresp:
            answerDeadline = .never
            return nil
        case .disconnect(let reason): return .disconnected(reason)
        }
    }

    private mutating func take(
        _ message: MQTTMessage, _ identifier: UInt16, now: Instant
    ) throws(MQTTError) -> MQTTEvent? {
        switch message.quality {
        case .atMostOnce: return .message(message)
        case .atLeastOnce:
            send(MQTTPacketType.puback.acknowledging(identifier), now: now)
            return .message(message)
        case .exactlyOnce:
            let isNew = !received.contains(identifier)
            if isNew {
                guard received.count < Int(options.receiveMaximum) else { throw .broken(.receiveMaximumExceeded) }
                received.append(identifier)
            }
            send(MQTTPacketType.pubrec.acknowledging(identifier), now: now)
            return isNew ? .message(message) : nil
        }
    }
}
