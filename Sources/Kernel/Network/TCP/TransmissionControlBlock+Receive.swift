import Interfaces

extension TransmissionControlBlock {
    /// `receive` where memory has no bound.
    public mutating func receive(_ header: SegmentHeader, payload: RawSpan, now: Instant) {
        var budget = BufferBudget.unlimited
        receive(header, payload: payload, &budget, now: now)
    }

    /// SEGMENT ARRIVES (RFC 9293, section 3.10.7). `payload` is borrowed for the time of the call. Ask `poll` afterwards: at
    /// once when `mustPollAtOnce` says so, else when all that has arrived was handed over.
    public mutating func receive(
        _ header: SegmentHeader, payload: RawSpan, _ budget: inout BufferBudget, now: Instant
    ) {
        if takeExpected(header, payload, &budget, now) { return }
        if payload.byteCount > 0, state.receives || state == .synSent { prepareToRead(&budget, now) }
        process(header, payload, now)
        settle(&budget)
    }

    /// Whether an answer to what was received last may not wait for more: each segment out of order, or twice there, or
    /// outside the window has to be answered by itself (RFC 5681, section 4.2), and repair is clocked by what arrives.
    /// Data in order may wait for the rest of a batch.
    @inline(__always)
    public var mustPollAtOnce: Bool { owesAcknowledgement || reply != nil || owesSYN || board.isRecovering }

    private mutating func process(_ header: SegmentHeader, _ payload: RawSpan, _ now: Instant) {
        switch state {
        case .closed: reply = Self.reset(for: header, payloadCount: payload.byteCount)
        case .listen: receiveInListen(header, now)
        case .synSent: receiveInSYNSent(header, payload, now)
        default: receiveInOthers(header, payload, now)
        }
    }

    /// The answer to a segment that belongs to no connection (RFC 9293, section 3.10.7.1): a reset, or nothing to a reset.
    public static func reset(for header: SegmentHeader, payloadCount: Int) -> SegmentHeader? {
        if header.flags.contains(.rst) { return nil }
        if header.flags.contains(.ack) { return SegmentHeader(sequence: header.acknowledgement, flags: .rst) }
        return SegmentHeader(
            sequence: SequenceNumber(0),
            acknowledgement: header.sequence + header.length(payload: payloadCount), flags: [.rst, .ack])
    }

    // MARK: LISTEN and SYN-SENT

    private mutating func receiveInListen(_ header: SegmentHeader, _ now: Instant) {
        guard !header.flags.contains(.rst) else { return }
        guard !header.flags.contains(.ack) else {
            reply = Self.reset(for: header, payloadCount: 0)
            return
        }
        guard header.flags.contains(.syn) else { return }
        accept(syn: header, now)
        state = .synReceived
        owesSYN = true
        stalledSince = now
    }

    /// Learns what a SYN says: numbers, window, options.
    mutating func accept(syn header: SegmentHeader, _ now: Instant) {
        let options = header.options
        receiver.begin(at: header.sequence)
        receiver.lastHeard = now
        usesSACK = usesSACK && options.isSACKPermitted
        usesTimestamps = usesTimestamps && options.timestamps != nil
        usesScaling = usesScaling && options.windowScale != nil
        send.shift = usesScaling ? min(options.windowScale ?? 0, 14) : 0
        if !usesScaling { receiver.shift = 0 }
        if let timestamps = options.timestamps {
            receiver.recentTimestamp = timestamps.value
            receiver.recentTimestampAge = now
        }
        send.segmentSize = min(
            Int(configuration.maximumSegmentSize), max(Int(options.maximumSegmentSize ?? 536), 48))
        send.window = Int(header.window)
        send.largestWindow = send.window
        send.windowSequence = header.sequence
        send.windowAcknowledgement = header.acknowledgement
    }

    private mutating func receiveInSYNSent(_ header: SegmentHeader, _ payload: RawSpan, _ now: Instant) {
        let hasACK = header.flags.contains(.ack)
        if hasACK, header.acknowledgement <= send.initial || header.acknowledgement > send.next {
            reply = Self.reset(for: header, payloadCount: payload.byteCount)
            return
        }
        if header.flags.contains(.rst) {
            if hasACK { finish(with: .refused) }
            return
        }
        guard header.flags.contains(.syn) else { return }
        accept(syn: header, now)
        // What the SYN of this end offered, without scaling.
        receiver.edge = receiver.next + min(receiver.buffer.capacity, 65535)
        guard hasACK else {
            state = .synReceived
            owesSYN = true
            return
        }
        if synCount == 1, let measured { estimator.measure(now - measured.sent) }
        establish(header, now)
        owesAcknowledgement = true
        receiveData(header, payload, now)
    }

    /// The SYN of this end was acknowledged.
    mutating func establish(_ header: SegmentHeader, _ now: Instant) {
        send.unacknowledged = send.initial + 1
        send.next = .later(send.next, send.unacknowledged)
        board = Scoreboard(at: send.unacknowledged)
        send.windowSequence = header.sequence
        send.windowAcknowledgement = header.acknowledgement
        measured = nil
        owesSYN = false
        stalledSince = nil
        timers.retransmission = .never
        if synCount > 1 { estimator.handshakeWasLost() }
        congestion = CongestionControl(
            configuration.congestion, segmentSize: payloadLimit, handshakeWasLost: synCount > 1)
        send.lastSent = now
        state = send.isFinished ? .finWait1 : .established
        events.formUnion([.established, .writable])
        if let keepAlive = configuration.keepAlive { timers.keepAlive = now + keepAlive.idle }
    }

    // MARK: The other states (section 3.10.7.4)

    private mutating func receiveInOthers(_ header: SegmentHeader, _ payload: RawSpan, _ now: Instant) {
        if state == .synReceived, isRepeatedSYN(header) {
            owesSYN = true
            return
        }
        guard isAcceptable(header, payload.byteCount, now) else { return }
        if header.flags.contains(.rst) { return receiveReset(header, now) }
        if header.flags.contains(.syn) {
            if state == .synReceived, isPassive { return finish(with: .reset) }
            return challenge(now)
        }
        guard header.flags.contains(.ack) else { return }
        if state == .synReceived {
            guard isAnswered(by: header) else {
                reply = Self.reset(for: header, payloadCount: payload.byteCount)
                return
            }
            if synCount == 1, let measured { estimator.measure(now - measured.sent) }
            establish(header, now)
            send.window = Int(header.window) << Int(send.shift)
        }
        guard acknowledgesWhatWasSent(header) else { return challenge(now) }
        // Only now is it accepted, and only what was accepted says anything about this connection (RFC 5961, section 5.2).
        receiver.lastHeard = now
        noteTimestamp(header, now)
        guard acknowledge(header, payload.byteCount, now) else { return }
        receiveData(header, payload, now)
    }

    /// Whether the SYN of this end is acknowledged, before anything else was.
    func isAnswered(by header: SegmentHeader) -> Bool {
        send.unacknowledged < header.acknowledgement && header.acknowledgement <= send.next
    }

    /// Whether the number that is acknowledged lies between what was acknowledged before, less a window, and what was sent (RFC 5961,
    /// section 5.2).
    private func acknowledgesWhatWasSent(_ header: SegmentHeader) -> Bool {
        header.acknowledgement <= send.next && send.unacknowledged - header.acknowledgement <= send.largestWindow
    }

    /// The other end has not heard the SYN and ACK, or both opened at once and ours crossed.
    private func isRepeatedSYN(_ header: SegmentHeader) -> Bool {
        header.flags.contains(.syn) && !header.flags.contains(.rst) && header.sequence == receiver.initial
            && (!header.flags.contains(.ack) || header.acknowledgement != send.next)
    }

    /// First: PAWS (RFC 7323, section 5.3), then the window (RFC 9293, section 3.4). Answers what is not acceptable.
    private mutating func isAcceptable(_ header: SegmentHeader, _ payloadCount: Int, _ now: Instant) -> Bool {
        let isReset = header.flags.contains(.rst)
        if state == .synReceived, header.flags.isSuperset(of: [.syn, .ack]), header.sequence == receiver.initial {
            return acceptsCrossedSYN(header, now)
        }
        if usesTimestamps, !isReset {
            guard let timestamps = header.options.timestamps else {
                // A SYN is not of this connection: an end that has started anew need not know of its timestamps (RFC 5961, section 4.2).
                if header.flags.contains(.syn) { challenge(now) }
                return false
            }
            let isOld = Int32(bitPattern: timestamps.value &- receiver.recentTimestamp) < 0
            if isOld, receiver.recentTimestampAge + .seconds(24 * 86400) > now {
                owesAcknowledgement = true
                return false
            }
        }
        let length = header.length(payload: payloadCount)
        let first = header.sequence - receiver.next
        let window = receiver.window
        let isInside: Bool
        if length == 0 {
            isInside = first == 0 || (first > 0 && first < window)
        } else {
            // With no window at all the acknowledgement still counts; the data is cut off later.
            isInside = first == 0 || (first < window && first + length > 0)
        }
        if isInside { return true }
        guard !isReset else { return false }
        noteDuplicate(header, payloadCount)
        if length == 0 { challenge(now) } else { rejectOutside(header, now) }
        return false
    }

    /// The SYN and ACK of a simultaneous open acknowledges our SYN (RFC 9293, section 3.5, figure 8).
    private mutating func acceptsCrossedSYN(_ header: SegmentHeader, _ now: Instant) -> Bool {
        guard header.acknowledgement == send.next else { return false }
        send.window = Int(header.window)
        establish(header, now)
        owesAcknowledgement = true
        return false
    }

    /// Answers old or impossible data with an acknowledgement, which also serves a repeated FIN in TIME-WAIT.
    private mutating func rejectOutside(_ header: SegmentHeader, _ now: Instant) {
        owesAcknowledgement = true
        if state == .timeWait, header.flags.contains(.fin) { startTimeWait(now) }
    }

    /// Remembers octets that arrived twice for the next SACK option (RFC 2883).
    private mutating func noteDuplicate(_ header: SegmentHeader, _ payloadCount: Int) {
        guard usesSACK, payloadCount > 0, header.sequence < receiver.next else { return }
        let end = SequenceNumber.earlier(header.sequence + payloadCount, receiver.next)
        if end > header.sequence { receiver.duplicate = SequenceRange(header.sequence, end) }
    }

    /// Second: a reset counts only at RCV.NXT; elsewhere in the window it is challenged (RFC 5961, section 3.2).
    private mutating func receiveReset(_ header: SegmentHeader, _ now: Instant) {
        guard header.sequence == receiver.next else { return challenge(now) }
        switch state {
        case .closing, .lastAck, .timeWait: finish(with: nil)
        case .synReceived: finish(with: isPassive ? .reset : .refused)
        default: finish(with: .reset)
        }
    }

    /// Sends a challenge acknowledgement, ten a second at most (RFC 5961, sections 4.2 and 7).
    mutating func challenge(_ now: Instant) {
        let second = now.nanoseconds / 1_000_000_000
        if second != challengeSecond {
            challengeSecond = second
            challenges = 0
        }
        guard challenges < 10 else { return }
        challenges += 1
        owesAcknowledgement = true
    }

    /// TS.Recent (RFC 7323, section 4.3).
    private mutating func noteTimestamp(_ header: SegmentHeader, _ now: Instant) {
        guard usesTimestamps, let timestamps = header.options.timestamps,
            header.sequence <= receiver.lastAcknowledgement
        else { return }
        receiver.recentTimestamp = timestamps.value
        receiver.recentTimestampAge = now
    }
}
