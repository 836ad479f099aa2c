import Interfaces
import MQTT
import Network
import Resolving
import Runtime
import Sockets

/// A client of a broker (MQTT 5.0 over TCP): publishes, subscribes, and connects again whenever the connection is lost.
///
/// `run` has a task of its own; any task may publish.
public final class MQTTClient {
    private let host: IPHost
    private let names: NameService
    private let broker: String
    private let port: Port
    private var session: MQTTSession
    private var connection: TCPConnection?
    /// Tasks that publish, until something has changed.
    private let publishers = WaitQueue()
    /// What the broker said to messages that somebody waits for.
    private var answers: [(number: UInt64, reason: MQTTReason)] = []
    private var awaited: [UInt64] = []
    private var isSending = false

    /// Called with each message that comes; in the client's task, which waits meanwhile.
    public var onMessage: ((MQTTMessage) -> Void)?
    /// Called after the broker has let the client in, and after the connection has ended.
    public var onChange: ((Bool) -> Void)?
    /// Why the last connection ended, or none came about; nil before that.
    public private(set) var lastFailure: Failure?
    /// Connections so far.
    public private(set) var connections: UInt64 = 0

    /// Why there is no connection.
    @frozen
    public enum Failure: Equatable, Sendable {
        /// The broker's name leads nowhere.
        case name(ResolveError)
        /// The connection has failed, or did not come about.
        case connection(SocketError)
        /// The broker does not let the client in, or sends it away.
        case refused(MQTTReason)
        /// The broker breaks the protocol, or has not answered.
        case broken(MQTTReason)
    }

    /// The port of brokers.
    public static var port: Port { 1883 }

    /// How long a connection may take to come about, and bytes to leave.
    private static var stallTime: Interval { .seconds(30) }
    /// The longest pause between two attempts.
    private static var longestPause: Interval { .seconds(60) }

    /// A client of `broker`, a name or an address.
    public init(
        _ host: IPHost, _ names: NameService, broker: String, port: Port = MQTTClient.port, options: MQTTOptions
    ) {
        self.host = host
        self.names = names
        self.broker = broker
        self.port = port
        session = MQTTSession(options)
    }

    /// Whether the broker has let the client in.
    public var isConnected: Bool { session.isConnected }

    /// Messages of quality 1 and 2 that have not arrived yet.
    public var pendingCount: Int { session.pendingCount }

    // MARK: The connection

    /// Keeps a connection to the broker until the task is cancelled, and takes leave then. After a failure it tries again, at first after
    /// a second, then after longer and longer, with some chance in it so that a broker that was away is not met by all at once.
    /// - Throws: `.cancelled`.
    public func run() throws(TaskError) {
        var pause = Interval.seconds(1)
        while true {
            let before = connections
            let failure = attempt()
            lastFailure = failure
            session.end()
            connection = nil
            publishers.wakeAll()
            if connections != before {
                pause = .seconds(1)
                onChange?(false)
            }
            try Task.checkCancellation()
            let chance = host.stack.randomNumber() % (pause.nanoseconds / 2 + 1)
            try Task.sleep(for: .nanoseconds(pause.nanoseconds / 2 + chance))
            pause = min(Self.longestPause, .nanoseconds(pause.nanoseconds * 2))
        }
    }

    /// One connection, from its begin to its end.
    private func attempt() -> Failure {
        let addresses: [IPAddress]
        do throws(ResolveError) { addresses = try names.resolve(broker) } catch { return .name(error) }
        if addresses.isEmpty { return .name(.noData) }
        do throws(SocketError) {
            let connection = try host.connect(
                toFirstOf: addresses, port: port, until: SystemTime.now + Self.stallTime)
            connection.setNoDelay(true)
            self.connection = connection
            session.begin(now: SystemTime.now)
            try send()
            return try serve(connection)
        } catch { return .connection(error) }
    }

    private func serve(_ connection: TCPConnection) throws(SocketError) -> Failure {
        var packet: [UInt8] = []
        var cause: Failure?
        while cause == nil {
            do throws(MQTTError) {
                try session.advance(to: SystemTime.now)
                cause = try take(connection, &packet)
            } catch {
                guard case .broken(let reason) = error else { return .broken(.protocolError) }
                session.disconnect(reason, now: SystemTime.now)
                cause = .broken(reason)
            }
            try send()
            if cause != nil { break }
            let count = connection.readableCount
            do throws(SocketError) {
                try connection.waitForMore(than: packet.isEmpty ? 0 : count, until: session.deadline)
                if connection.isAtEnd { throw .closed }
                if connection.readableCount == count, count > 0 { throw .closed }
            } catch {
                if error == .timedOut { continue }
                if error == .cancelled { leave(connection) }
                throw error
            }
        }
        return cause ?? .broken(.protocolError)
    }

    /// Takes whole packets that have arrived. `packet` holds what is not whole yet; it is peeked again.
    private func take(_ connection: TCPConnection, _ packet: inout [UInt8]) throws(MQTTError) -> Failure? {
        while true {
            packet = peek(connection)
            let (used, event) = try session.receive(unsafe packet.span.bytes, now: SystemTime.now)
            guard used > 0 else { return nil }
            connection.discard(used)
            packet = []
            if let event, let cause = handle(event) { return cause }
            while let event = session.nextEvent() { _ = handle(event) }
        }
    }

    /// As much as one packet may have.
    private func peek(_ connection: TCPConnection) -> [UInt8] {
        let count = min(connection.readableCount, session.options.maximumPacketSize)
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        // Every pattern of bits is a byte.
        var raw = unsafe span.mutableBytes
        _ = connection.peek(at: 0, into: &raw)
        return bytes
    }

    private func handle(_ event: MQTTEvent) -> Failure? {
        switch event {
        case .connected:
            connections += 1
            publishers.wakeAll()
            onChange?(true)
        case .refused(let reason), .disconnected(let reason): return .refused(reason)
        case .message(let message): onMessage?(message)
        case .delivered(let number, let reason):
            if awaited.contains(number) { answers.append((number, reason)) }
            publishers.wakeAll()
        case .subscribed, .unsubscribed: break
        }
        return nil
    }

    /// Sends what the session has to say; one task at a time, so that packets stay whole.
    private func send() throws(SocketError) {
        guard !isSending, let connection else { return }
        isSending = true
        defer { isSending = false }
        while true {
            let bytes = session.takeOutput()
            if bytes.isEmpty { return }
            try connection.write(unsafe bytes.span.bytes, until: SystemTime.now + Self.stallTime)
        }
    }

    /// The farewell of a task that is cancelled: what finds no room at once is left.
    private func leave(_ connection: TCPConnection) {
        session.disconnect(now: SystemTime.now)
        let bytes = session.takeOutput()
        if connection.state == .established {
            try? connection.write(unsafe bytes.span.bytes, until: SystemTime.now)
        }
        connection.finish()
    }

    // MARK: Messages

    /// Publishes `message`. One of quality 0 is gone when this returns; of quality 1 and 2 the broker has it, however often the
    /// connection was lost in between.
    /// - Throws: `MessagingError`.
    public func publish(_ message: MQTTMessage, until deadline: Instant = .never) throws(MessagingError) {
        while message.quality > .atMostOnce, !session.hasRoom { try wait(until: deadline) }
        let number: UInt64
        do throws(MQTTError) { number = try session.publish(message, now: SystemTime.now) } catch {
            throw MessagingError(error)
        }
        awaited.append(number)
        defer { awaited.removeAll { $0 == number } }
        // A failure ends the connection, which the client's task finds out by itself.
        try? send()
        while session.isPending(number) { try wait(until: deadline) }
        if let index = answers.firstIndex(where: { $0.number == number }) {
            let reason = answers.remove(at: index).reason
            if reason.isFailure { throw .refused(reason) }
        }
    }

    private func wait(until deadline: Instant) throws(MessagingError) {
        do throws(TaskError) { try publishers.wait(until: deadline, for: "a broker") } catch {
            throw error == .timedOut ? .timedOut : .cancelled
        }
    }

    /// Asks for the messages whose topics `filter` matches, over this connection and all later ones. `onMessage` gets them.
    /// - Throws: `.invalidTopic`, `.full`.
    public func subscribe(_ filter: [UInt8], _ quality: QualityOfService = .atLeastOnce) throws(MessagingError) {
        do throws(MQTTError) { try session.subscribe(filter, quality, now: SystemTime.now) } catch {
            throw MessagingError(error)
        }
        while let event = session.nextEvent() { _ = handle(event) }
        try? send()
    }

    /// Wants no more messages of a subscription.
    public func unsubscribe(_ filter: [UInt8]) {
        session.unsubscribe(filter, now: SystemTime.now)
        try? send()
    }

    /// Waits until the broker has let the client in.
    /// - Throws: `.timedOut`, `.cancelled`.
    public func waitUntilConnected(until deadline: Instant = .never) throws(MessagingError) {
        while !isConnected { try wait(until: deadline) }
    }
}

extension MQTTMessage {
    /// A message of text.
    public init(_ topic: Text, _ payload: Text, quality: QualityOfService = .atMostOnce, isRetained: Bool = false) {
        self.init(topic.bytes, payload.bytes, quality: quality, isRetained: isRetained)
        isText = true
    }
}
