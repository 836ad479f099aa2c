import Interfaces

extension TransmissionControlBlock {
    /// The next segment to send at `now`, or nil when there is none: then wait for `deadline`. Call it until it says nil.
    public mutating func poll(now: Instant) -> OutgoingSegment? {
        if state != .closed {
            expire(now)
            scheduleAcknowledgement(now)
        }
        if let header = reply {
            reply = nil
            return OutgoingSegment(header: header)
        }
        if owesSYN { return makeSYN(now) }
        if state.sends, let segment = nextData(now) { return segment }
        if case .keepAlive = forced {
            forced = .none
            return makeBare(at: send.unacknowledged - 1, now)
        }
        guard owesAcknowledgement else { return nil }
        return makeBare(at: send.next, now)
    }

    /// Copies the payload of `segment`, which `poll` has just given, to the front of `destination`.
    public func copyPayload(of segment: OutgoingSegment, into destination: inout MutableRawSpan) {
        send.buffer.copy(from: segment.header.sequence, length: segment.payloadCount, into: &destination)
    }

    // MARK: Which segment

    /// NextSeg (RFC 6675, section 4), then what is forced, then new data.
    private mutating func nextData(_ now: Instant) -> OutgoingSegment? {
        switch forced {
        case .persist:
            forced = .none
            if let segment = makeProbe(now) { return segment }
        case .tail:
            forced = .none
            if let segment = makeTailProbe(now) { return segment }
        default: break
        }
        guard send.flight > 0 || send.unsent > 0 else { return nil }
        if board.isClean { return nextNew(congestion.window - send.flight, now) }
        let room = congestion.window - board.pipe(send.unacknowledged, send.next)
        let limit = payloadLimit
        if let lost = board.nextLost(send.unacknowledged) {
            // The first retransmission of a recovery goes out in any case (RFC 6675, section 5, step 4.3).
            guard room >= limit || board.retransmitted == send.unacknowledged else { return nil }
            return makeRetransmission(lost, now)
        }
        if let segment = nextNew(room, now) { return segment }
        guard room >= limit, send.window > 0 else { return nil }
        if let doubtful = board.nextDoubtful(send.unacknowledged) { return makeRetransmission(doubtful, now) }
        return board.nextRescue(send.unacknowledged, send.next, limit: limit - sackRoom).map {
            measured = nil
            return makeData($0, isNew: false, now)
        }
    }

    /// New data as far as windows, Nagle and silly window avoidance allow (RFC 9293, section 3.8.6.2.1).
    private mutating func nextNew(_ room: Int, _ now: Instant) -> OutgoingSegment? {
        let unsent = send.unsent
        guard unsent > 0 else { return nil }
        restartAfterIdle(now)
        let usable = send.window - send.flight
        let full = payloadLimit - sackRoom
        let length = min(unsent, full, max(usable, 0))
        let isLast = length == unsent || (length == unsent - 1 && send.isFinished)
        let isIdle = send.flight == 0
        let isAllowed: Bool
        if length >= full {
            isAllowed = true
        } else if isLast {
            isAllowed = isIdle || !configuration.usesNagle || send.isFinished
        } else {
            isAllowed = length > 0 && 2 * length >= send.largestWindow && (isIdle || !configuration.usesNagle)
        }
        guard isAllowed, usable > 0 else {
            if isIdle, timers.persist == .never, usable < min(full, unsent) { armPersist(now) }
            return nil
        }
        guard room >= min(length, full) else {
            isWindowLimited = true
            return nil
        }
        timers.persist = .never
        return makeData(SequenceRange(send.next, send.next + min(length, unsent)), isNew: true, now)
    }

    private mutating func armPersist(_ now: Instant) {
        let wait = estimator.timeout.nanoseconds << UInt64(min(probes, 16))
        timers.persist = now + .nanoseconds(min(wait, configuration.maximumTimeout.nanoseconds))
    }

    private mutating func restartAfterIdle(_ now: Instant) {
        if send.flight == 0, now - send.lastSent > estimator.timeout { congestion.restart() }
    }

    /// At least one octet, as many as the window takes, although it may take none (RFC 9293, section 3.8.6.1).
    private mutating func makeProbe(_ now: Instant) -> OutgoingSegment? {
        guard send.end > send.unacknowledged else { return nil }
        if send.window > send.flight, send.flight > 0 { return nil }
        let length = min(max(send.window, 1), payloadLimit - sackRoom, send.end - send.unacknowledged)
        let range = SequenceRange(send.unacknowledged, send.unacknowledged + length)
        let segment = makeData(range, isNew: range.end > send.next, now)
        if send.window == 0 {
            timers.retransmission = .never
            timers.tail = .never
            armPersist(now)
        }
        return segment
    }

    /// New data if there is any, else the last segment again (RFC 8985, section 7.3).
    private mutating func makeTailProbe(_ now: Instant) -> OutgoingSegment? {
        guard board.isClean, tailProbe == nil, send.flight > 0 else { return nil }
        let limit = payloadLimit - sackRoom
        let usable = send.window - send.flight
        let segment: OutgoingSegment
        if send.unsent > 0, usable > 0 {
            let length = min(limit, usable, send.unsent)
            tailProbe = TailProbe(end: send.next + length, isRetransmission: false)
            segment = makeData(SequenceRange(send.next, send.next + length), isNew: true, now)
        } else {
            tailProbe = TailProbe(end: send.next, isRetransmission: true)
            measured = nil
            let start = SequenceNumber.later(send.unacknowledged, send.next - limit)
            segment = makeData(SequenceRange(start, send.next), isNew: false, now)
        }
        timers.tail = .never
        timers.retransmission = now + estimator.timeout
        return segment
    }

    private mutating func makeRetransmission(_ range: SequenceRange, _ now: Instant) -> OutgoingSegment {
        let end = SequenceNumber.earlier(range.end, range.start + (payloadLimit - sackRoom))
        board.retransmitted = end
        measured = nil
        return makeData(SequenceRange(range.start, end), isNew: false, now)
    }

    // MARK: Making it

    /// Octets the SACK option would take in the next segment.
    private var sackRoom: Int {
        guard usesSACK, receiver.hasBlocks else { return 0 }
        return 4 + 8 * blockLimit
    }

    private var blockLimit: Int {
        let most = usesTimestamps ? 3 : 4
        return min(most, receiver.ahead.count + (receiver.duplicate == nil ? 0 : 1))
    }

    /// A segment with the octets of `range`; the one at `end - 1` may be the FIN.
    private mutating func makeData(_ range: SequenceRange, isNew: Bool, _ now: Instant) -> OutgoingSegment {
        let payloadEnd = SequenceNumber.earlier(range.end, send.buffer.end)
        var flags: TCPFlags = .ack
        // The FIN rides on the last octets: it takes no room of the payload.
        if send.isFinished, payloadEnd == send.buffer.end { flags.insert(.fin) }
        if payloadEnd == send.buffer.end, payloadEnd > range.start { flags.insert(.psh) }
        let end = payloadEnd + (flags.contains(.fin) ? 1 : 0)
        let isFirst = end > send.next
        if isFirst, send.next == range.start, measured == nil { measured = (end, now) }
        send.next = .later(send.next, end)
        send.lastSent = now
        if !isNew { send.lastRepeated = now }
        if stalledSince == nil { stalledSince = now }
        if timers.retransmission == .never || (isFirst && board.isClean && tailProbe == nil) { armRetransmission(now) }
        return OutgoingSegment(
            header: makeHeader(range.start, flags, now), payloadCount: max(payloadEnd - range.start, 0))
    }

    /// A segment without data.
    private mutating func makeBare(at number: SequenceNumber, _ now: Instant) -> OutgoingSegment {
        OutgoingSegment(header: makeHeader(number, .ack, now))
    }

    /// The header of any segment of a synchronized connection. Whatever it is, it acknowledges.
    private mutating func makeHeader(_ number: SequenceNumber, _ flags: TCPFlags, _ now: Instant) -> SegmentHeader {
        var header = SegmentHeader(sequence: number, acknowledgement: receiver.next, flags: flags)
        header.window = receiver.advertise(segmentSize: Int(configuration.maximumSegmentSize), isSYN: false)
        if usesTimestamps {
            header.options.timestamps = TCPTimestamps(value: timestampClock(now), echo: receiver.recentTimestamp)
        }
        if usesSACK, receiver.hasBlocks { header.options.sack = receiver.blocks(limit: blockLimit) }
        receiver.lastAcknowledgement = receiver.next
        owesAcknowledgement = false
        unacknowledgedOctets = 0
        timers.acknowledgement = .never
        return header
    }

    /// The SYN, or SYN and ACK, with the options (RFC 7323, section 1.3: only those the SYN had).
    private mutating func makeSYN(_ now: Instant) -> OutgoingSegment {
        owesSYN = false
        synCount += 1
        var header = SegmentHeader(sequence: send.initial, flags: .syn)
        if state == .synReceived {
            header.flags.insert(.ack)
            header.acknowledgement = receiver.next
        } else {
            receiver.edge = receiver.next
        }
        let size = Int(configuration.maximumSegmentSize)
        header.window = UInt16(min(receiver.buffer.capacity, 65535))
        if state == .synReceived { header.window = receiver.advertise(segmentSize: size, isSYN: true) }
        header.options.maximumSegmentSize = configuration.maximumSegmentSize
        header.options.isSACKPermitted = usesSACK
        header.options.windowScale = usesScaling ? receiver.shift : nil
        if usesTimestamps {
            header.options.timestamps = TCPTimestamps(value: timestampClock(now), echo: receiver.recentTimestamp)
        }
        measured = synCount == 1 ? (send.initial + 1, now) : nil
        send.next = .later(send.next, send.initial + 1)
        timers.retransmission = now + estimator.timeout
        return OutgoingSegment(header: header)
    }
}
