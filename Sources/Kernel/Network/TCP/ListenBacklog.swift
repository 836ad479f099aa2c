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
        /// Make `TransmissionControlBlock(cookieIn:options:configuration:now:)` with these options of its SYN, hand it the segment, and count
        /// it as waiting.
        case resume(TCPOptions)
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
            guard let options = cookie(in: header, flow: flow, configuration, now: now) else {
                if mayBeBehindCookie(header, now: now) { return .drop }
                return TransmissionControlBlock.reset(for: header, payloadCount: payloadCount).map { .reply($0) }
                    ?? .drop
            }
            guard waiting < backlog else {
                cookiesUntil = now + Self.patience
                return .drop
            }
            waiting += 1
            return .resume(options)
        }
        guard flags.contains(.syn), !flags.contains(.fin), waiting < backlog else { return .drop }
        if halfOpen + waiting < backlog {
            halfOpen += 1
            return .open(InitialSequence.number(flow: flow, key: key, now: now))
        }
        cookiesUntil = now + Self.patience
        return .reply(cookie(for: header, flow, configuration, now))
    }

    /// The options of the SYN that the cookie remembers which `header` acknowledges; nil when it acknowledges none.
    func cookie(
        in header: SegmentHeader, flow: RawSpan, _ configuration: TCPConfiguration, now: Instant
    ) -> TCPOptions? {
        guard header.flags.contains(.ack), header.flags.isDisjoint(with: [.syn, .rst]),
            let size = SYNCookie.check(header, flow: flow, key: key, now: now)
        else { return nil }
        return SYNCookie.options(in: header, size: size, configuration)
    }

    /// Whether `header`, which proves no cookie and belongs to nothing else, may stand behind one that does, and that is lost. Where a
    /// handshake of the same ends is under way that is likely, and the handshake's end is soon enough for the reset.
    func mayBeBehindCookie(_ header: SegmentHeader, isInHandshake: Bool = false, now: Instant) -> Bool {
        guard header.flags.contains(.ack), header.flags.isDisjoint(with: [.syn, .rst]) else { return false }
        return now < cookiesUntil + (isInHandshake ? TCPConfiguration.answerTimeout : .nanoseconds(0))
    }

    private func cookie(
        for header: SegmentHeader, _ flow: RawSpan, _ configuration: TCPConfiguration, _ now: Instant
    ) -> SegmentHeader {
        var answer = SegmentHeader(
            sequence: SYNCookie.make(for: header, flow: flow, key: key, now: now),
            acknowledgement: header.sequence + 1, flags: [.syn, .ack])
        answer.window = UInt16(min(configuration.receiveCapacity, 65535))
        answer.options = SYNCookie.answer(to: header, configuration, now: now)
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

    /// Takes up the connection whose cookie `header` acknowledges; its SYN had `options`. Hand it `header` with its payload next, which
    /// completes the handshake.
    public init(
        cookieIn header: SegmentHeader, options: TCPOptions, configuration: TCPConfiguration, now: Instant
    ) {
        self.init(listening: configuration, initial: header.acknowledgement - 1)
        var syn = SegmentHeader(sequence: header.sequence - 1, flags: .syn, window: header.window)
        syn.options = options
        receive(syn, payload: RawSpan(), now: now)
        owesSYN = false
        synCount = 1
        send.next = header.acknowledgement
        // The echo in `header` is of a clock with other things in it: no round trip is measured by it.
        send.lastRepeated = now
        receiver.edge = receiver.next + min(receiver.buffer.capacity, 65535)
    }
}
