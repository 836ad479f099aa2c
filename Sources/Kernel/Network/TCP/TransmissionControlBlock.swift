import Interfaces

/// One TCP connection (RFC 9293) as a function of its state, the time, and what arrives.
///
/// It has no clock, no device and no task. The owner hands it each segment (`receive`), asks for segments to send
/// (`poll` until it answers nil) after every call and at `deadline`, and learns by `takeEvents` what has changed for
/// the application. Nothing allocates on that path but the first octet in each direction, which brings the buffer, and the
/// first gap.
public struct TransmissionControlBlock: ~Copyable {
    /// The state (RFC 9293, section 3.3.2).
    public internal(set) var state: TCPState
    /// Why the connection failed; nil while it has not.
    public internal(set) var error: TCPError?
    /// What it was opened with.
    public internal(set) var configuration: TCPConfiguration
    var send: Sender
    var receiver: Receiver
    var board: Scoreboard
    var congestion: CongestionControl
    var estimator: RoundTripEstimator
    var timers = Timers()
    var events = TCPEvents()
    /// Whether both ends agreed on SACK.
    var usesSACK: Bool
    /// Whether both ends agreed on timestamps.
    var usesTimestamps: Bool
    /// Whether both ends agreed on scaling.
    var usesScaling: Bool
    /// A SYN, or SYN and ACK, is to be sent.
    var owesSYN = false
    /// How many SYNs were sent.
    var synCount = 0
    /// The connection was opened by `init(listening:)`.
    let isPassive: Bool
    /// An acknowledgement is to be sent at once.
    var owesAcknowledgement = false
    /// Octets received since the last acknowledgement was sent.
    var unacknowledgedOctets = 0
    /// A segment without data to be sent as it is.
    var reply: SegmentHeader?
    /// The application reads no more.
    var isOrphaned = false
    /// The octet at the end of the measured segment and when it left.
    var measured: (end: SequenceNumber, sent: Instant)?
    /// A segment is to be sent although windows or Nagle forbid.
    var forced: Forced = .none
    /// The tail loss probe under way (RFC 8985, section 7).
    var tailProbe: TailProbe?
    /// The end of what had been sent when the congestion window was last the limit; nil when all of it is acknowledged. Many
    /// acknowledgements may come before the next `poll`: each of them that is about these octets lets the window grow.
    var windowLimit: SequenceNumber?
    /// Since when nothing came of what was sent.
    var stalledSince: Instant?
    /// Persist or keep-alive probes without answer.
    var probes = 0
    /// The budget of challenge acknowledgements (RFC 5961, section 7) in the second that `challengeSecond` names.
    var challenges = 0
    var challengeSecond: UInt64 = 0

    /// Bytes that the budget counts for this connection.
    var charged = 0

    /// What may be sent against the rules, once.
    enum Forced { case none, persist, tail, keepAlive }

    /// TLP.end_seq and TLP.is_retrans.
    struct TailProbe {
        var end: SequenceNumber
        var isRetransmission: Bool
    }

    private init(_ configuration: TCPConfiguration, initial: SequenceNumber, state: TCPState) {
        self.configuration = configuration
        self.state = state
        isPassive = state == .listen
        send = Sender(initial: initial, configuration: configuration)
        receiver = Receiver(configuration: configuration)
        board = Scoreboard(at: initial)
        congestion = CongestionControl(configuration.congestion, segmentSize: 536, handshakeWasLost: false)
        estimator = RoundTripEstimator(
            minimum: configuration.minimumTimeout, maximum: configuration.maximumTimeout)
        usesSACK = configuration.offersSACK
        usesTimestamps = configuration.offersTimestamps
        usesScaling = configuration.offersWindowScaling
        receiver.shift = usesScaling ? configuration.windowShift : 0
    }

    /// Opens actively: the next `poll` gives the SYN. `initial` comes from `InitialSequence`.
    public init(opening configuration: TCPConfiguration, initial: SequenceNumber, now: Instant) {
        self.init(configuration, initial: initial, state: .synSent)
        owesSYN = true
        stalledSince = now
        receiver.lastHeard = now
    }

    /// Opens passively: waits for a SYN. After a failed handshake it is closed rather than listening again, because the
    /// `ListenBacklog` is what goes on listening.
    public init(listening configuration: TCPConfiguration, initial: SequenceNumber) {
        self.init(configuration, initial: initial, state: .listen)
    }

    /// What has changed since the last call.
    public mutating func takeEvents() -> TCPEvents {
        let taken = events
        events = []
        return taken
    }

    // MARK: The application's calls (RFC 9293, section 3.10)

    /// Octets `write` would take now.
    @inline(__always)
    public var writableCount: Int { send.isFinished || state == .closed || isOrphaned ? 0 : send.buffer.space }

    /// Octets `read` would give now.
    @inline(__always)
    public var readableCount: Int { receiver.buffer.count }

    /// Whether the other end has closed its direction and everything from it was read.
    @inline(__always)
    public var isAtEnd: Bool {
        guard readableCount == 0 else { return false }
        switch state {
        case .closeWait, .closing, .lastAck, .timeWait, .closed: return true
        default: return false
        }
    }

    /// Octets written that the other end has not acknowledged.
    @inline(__always)
    public var unacknowledgedCount: Int { send.buffer.count }

    /// `write` where memory has no bound.
    public mutating func write(_ bytes: RawSpan) throws(TCPError) -> Int {
        var budget = BufferBudget.unlimited
        return try write(bytes, &budget)
    }

    /// SEND (section 3.10.2): copies as much of `bytes` as there is room for and returns how much; zero when the buffer is
    /// full, until `.writable`. The memory is the caller's again at once. Throws `.closing` after `close`, and the
    /// connection's error once it has failed.
    public mutating func write(_ bytes: RawSpan, _ budget: inout BufferBudget) throws(TCPError) -> Int {
        try checkWritable()
        prepareToWrite(bytes.byteCount, &budget)
        return send.buffer.append(bytes)
    }

    /// Throws what keeps the application from writing.
    @inline(__always)
    func checkWritable() throws(TCPError) {
        if let error { throw error }
        guard state != .closed, state != .listen, state != .timeWait else { throw .notConnected }
        guard !send.isFinished, !isOrphaned else { throw .closing }
    }

    /// RECEIVE (section 3.10.3): copies what has arrived, as much as fits, to the front of `destination` and returns how
    /// much. Zero means nothing yet, or the end of the stream (`isAtEnd`). Throws the connection's error once it has failed
    /// and what arrived before was read.
    public mutating func read(into destination: inout MutableRawSpan) throws(TCPError) -> Int {
        let length = min(destination.byteCount, readableCount)
        if length == 0, let error { throw error }
        receiver.buffer.copy(from: receiver.buffer.start, length: length, into: &destination)
        consume(length)
        return length
    }

    /// Lends what has arrived and lies in one piece, without copying, for the time of the call. `consume` what was used.
    @inline(__always)
    public func withReadable<R>(_ body: (RawSpan) -> R) -> R { receiver.buffer.withFirstPiece(body) }

    /// Copies what has arrived from the octet `offset` on, as much as fits, to the front of `destination` and returns how much. It
    /// stays to be read.
    public func peek(at offset: Int, into destination: inout MutableRawSpan) -> Int {
        let length = min(destination.byteCount, readableCount - offset)
        guard length > 0 else { return 0 }
        receiver.buffer.copy(from: receiver.buffer.start + offset, length: length, into: &destination)
        return length
    }

    /// Takes `count` octets that `withReadable` or `peek` has shown out of the buffer, and opens the window for as many.
    public mutating func consume(_ count: Int) {
        receiver.buffer.drop(count)
        receiver.consumed += count
        guard count > 0, state.receives else { return }
        if receiver.owesUpdate(segmentSize: Int(configuration.maximumSegmentSize)) { owesAcknowledgement = true }
    }

    /// CLOSE (section 3.10.4): no more will be written; what was is sent, then a FIN. The other direction stays open.
    public mutating func close() {
        switch state {
        case .listen, .synSent: finish(with: nil)
        case .synReceived: send.isFinished = true
        case .established:
            send.isFinished = true
            state = .finWait1
        case .closeWait:
            send.isFinished = true
            state = .lastAck
        default: break
        }
    }

    /// The application is gone: closes, and answers data that still comes with a reset (RFC 9293, section 3.6.1). Data that
    /// was not read means a reset now. With a `linger` deadline, what is not acknowledged by then is given up with a reset.
    public mutating func release(linger: Instant, now: Instant) {
        isOrphaned = true
        timers.linger = linger
        if readableCount > 0, state.isSynchronized, state != .timeWait {
            abort()
            return
        }
        close()
        if state == .finWait2 { timers.wait = now + configuration.orphanTimeout }
    }

    /// ABORT (section 3.10.5): drops everything and resets the other end.
    public mutating func abort() {
        switch state {
        case .synReceived, .established, .finWait1, .finWait2, .closeWait:
            reply = SegmentHeader(
                sequence: send.next, acknowledgement: receiver.next, flags: [.rst, .ack])
        default: break
        }
        finish(with: .aborted)
    }

    /// The path carries no more than `size` octets of payload and options (path MTU less 40). What is under way in larger
    /// segments is lost: it is sent again at once, which says nothing about congestion (RFC 1191, section 6.4). For an ICMP
    /// message ask `isUnderWay` first.
    public mutating func limitSegmentSize(to size: Int) {
        let limit = max(size, 48)
        guard limit < send.segmentSize else { return }
        let isTooLarge = send.flight > limit
        send.segmentSize = limit
        congestion.setSegmentSize(payloadLimit)
        guard isTooLarge, state.sends, send.window > 0 else { return }
        board.recovery = .timeout(send.next)
        board.lostBefore = send.next
        board.retransmitted = send.unacknowledged
        measured = nil
        tailProbe = nil
        timers.tail = .never
    }

    /// Whether the octet `number`, which an ICMP message quotes, was sent and not acknowledged: a message about any other is
    /// old, or forged (RFC 5927, section 4.1).
    @inline(__always)
    public func isUnderWay(_ number: SequenceNumber) -> Bool {
        send.unacknowledged <= number && number < send.next
    }

    // MARK: Ends

    /// Octets of payload in a full segment.
    @inline(__always)
    var payloadLimit: Int { send.segmentSize - (usesTimestamps ? 12 : 0) }

    /// The connection is over.
    mutating func finish(with failure: TCPError?) {
        guard state != .closed else { return }
        state = .closed
        error = error ?? failure
        timers = Timers()
        owesSYN = false
        owesAcknowledgement = false
        forced = .none
        send.buffer.removeAll()
        board.sacked.removeAll()
        board.sacked.release()
        receiver.ahead.removeAll()
        receiver.ahead.release()
        events.formUnion([.ended, .readable, .writable])
    }
}
