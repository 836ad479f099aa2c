import Interfaces

/// Decides what becomes of segments for a port that listens and that belong to no connection yet.
///
/// It holds two counters and no connection: the owner keeps those, and reports what happens to them. As long as the
/// backlog has room, a SYN makes a connection; then SYNs are answered by cookies, which cost nothing to remember; while
/// the application leaves the whole backlog waiting, they are dropped, so that the other end tries again.
public struct ListenBacklog: Sendable {
    /// What to do with a segment.
    public enum Decision: Sendable {
        /// Nothing.
        case drop
        /// Send this.
        case reply(SegmentHeader)
        /// Make `TransmissionControlBlock(answering:configuration:initial:now:)` with this number.
        case open(SequenceNumber)
        /// Make `TransmissionControlBlock(cookieIn:configuration:maximumSegmentSize:now:)` with this MSS, hand it the segment, and count
        /// it as waiting.
        case resume(UInt16)
    }

    /// Connections that may be in their handshake or wait to be accepted.
    public let backlog: Int
    /// Connections in SYN-RECEIVED.
    public private(set) var halfOpen = 0
    /// Connections the application has not accepted yet.
    public private(set) var waiting = 0
    private let key: SecretKey
    /// Until when a segment that belongs to nothing may be of a connection that a cookie stands for: only the first behind the SYN
    /// proves it. When that one got lost, or found the backlog full, those behind it are dropped until it comes again.
    private var cookiesUntil = Instant(nanoseconds: 0)
    /// Longer than the other end takes to send it again.
    private static let patience = Interval.seconds(4)

    /// A listener with room for `backlog` connections, at least one.
    public init(backlog: Int, key: SecretKey) {
        self.backlog = max(backlog, 1)
        self.key = key
    }

    /// What to do with `header`, whose ends the octets of `flow` name. Counts the connection that `.open` or `.resume` asks
    /// for.
    public mutating func decide(
        _ header: SegmentHeader, payloadCount: Int, flow: RawSpan, configuration: TCPConfiguration, now: Instant
    ) -> Decision {
        let flags = header.flags
        if flags.contains(.rst) { return .drop }
        if flags.contains(.ack) {
            guard let size = cookie(in: header, flow: flow, now: now) else {
                if now < cookiesUntil, !flags.contains(.syn) { return .drop }
                return TransmissionControlBlock.reset(for: header, payloadCount: payloadCount).map { .reply($0) }
                    ?? .drop
            }
            guard waiting < backlog else {
                cookiesUntil = now + Self.patience
                return .drop
            }
            waiting += 1
            return .resume(size)
        }
        guard flags.contains(.syn), !flags.contains(.fin), waiting < backlog else { return .drop }
        if halfOpen + waiting < backlog {
            halfOpen += 1
            return .open(InitialSequence.number(flow: flow, key: key, now: now))
        }
        cookiesUntil = now + Self.patience
        return .reply(cookie(for: header, flow, configuration, now))
    }

    /// The MSS that the cookie remembers which `header` acknowledges; nil when it acknowledges none.
    func cookie(in header: SegmentHeader, flow: RawSpan, now: Instant) -> UInt16? {
        guard header.flags.contains(.ack), header.flags.isDisjoint(with: [.syn, .rst]) else { return nil }
        return SYNCookie.check(header, flow: flow, key: key, now: now)
    }

    private func cookie(
        for header: SegmentHeader, _ flow: RawSpan, _ configuration: TCPConfiguration, _ now: Instant
    ) -> SegmentHeader {
        var answer = SegmentHeader(
            sequence: SYNCookie.make(for: header, flow: flow, key: key, now: now),
            acknowledgement: header.sequence + 1, flags: [.syn, .ack])
        answer.window = UInt16(min(configuration.receiveCapacity, 65535))
        answer.options.maximumSegmentSize = configuration.maximumSegmentSize
        return answer
    }

    /// A connection of this listener has left SYN-RECEIVED: to wait for the application, or because it failed.
    public mutating func handshakeEnded(isEstablished: Bool) {
        precondition(halfOpen > 0, "ListenBacklog: more handshakes ended than began")
        halfOpen -= 1
        if isEstablished { waiting += 1 }
    }

    /// The application has taken a connection, or one that waited is gone.
    public mutating func accepted() {
        precondition(waiting > 0, "ListenBacklog: more connections accepted than waited")
        waiting -= 1
    }
}

extension TransmissionControlBlock {
    /// Answers the SYN in `header`: the next `poll` gives the SYN and ACK.
    public init(answering header: SegmentHeader, configuration: TCPConfiguration, initial: SequenceNumber, now: Instant)
    {
        self.init(listening: configuration, initial: initial)
        receive(header, payload: RawSpan(), now: now)
    }

    /// Takes up the connection whose cookie `header` acknowledges, as `SYNCookie.check` has found. Hand it `header` with its
    /// payload next, which completes the handshake.
    public init(
        cookieIn header: SegmentHeader, configuration: TCPConfiguration, maximumSegmentSize: UInt16, now: Instant
    ) {
        self.init(listening: configuration, initial: header.acknowledgement - 1)
        var syn = SegmentHeader(sequence: header.sequence - 1, flags: .syn, window: header.window)
        syn.options.maximumSegmentSize = maximumSegmentSize
        receive(syn, payload: RawSpan(), now: now)
        owesSYN = false
        synCount = 1
        send.next = header.acknowledgement
        receiver.edge = receiver.next + min(receiver.buffer.capacity, 65535)
    }
}
