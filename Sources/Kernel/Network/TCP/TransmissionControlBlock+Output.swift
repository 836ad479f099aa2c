import Interfaces

extension TransmissionControlBlock {
    /// The next segment to send at `now`, or nil when there is none: then wait for `deadline`. Call it until it says nil.
    public mutating func poll(now: Instant) -> OutgoingSegment? {
        if state != .closed {
            expire(now)
            scheduleAcknowledgement(now)
        }
        if var header = reply {
            reply = nil
            // A reset of this connection has them too (RFC 7323, section 3.2).
            if usesTimestamps, header.flags.isSuperset(of: [.rst, .ack]) {
                header.options.timestamps = TCPTimestamps(value: timestampClock(now), echo: receiver.recentTimestamp)
            }
            return OutgoingSegment(header: header)
        }
        if owesSYN { return makeSYN(now) }
        if state.sends, let choice = nextData(now) { return makeData(choice, now) }
        if case .keepAlive = forced {
            forced = .none
            return makeBare(at: send.unacknowledged - 1, now)
        }
        guard owesAcknowledgement else { return nil }
        return makeBare(at: send.next, now)
    }

    /// Copies the payload of `segment`, which `poll` has just given, to the front of `destination`.
    public mutating func copyPayload(of segment: OutgoingSegment, into destination: inout MutableRawSpan) {
        send.buffer.copy(from: segment.header.sequence, length: segment.payloadCount, into: &destination)
    }

    // MARK: Which segment

    /// Which octets to send, and why.
    private struct Choice {
        enum Reason { case new, again, persist, tail }

        var range: SequenceRange
        var reason: Reason

        init(_ range: SequenceRange, _ reason: Reason) {
            self.range = range
            self.reason = reason
        }
    }

    /// NextSeg (RFC 6675, section 4), then what is forced, then new data.
    private mutating func nextData(_ now: Instant) -> Choice? {
        switch forced {
        case .persist:
            forced = .none
            if let probe = nextProbe() { return probe }
        case .tail:
            forced = .none
            if let probe = nextTailProbe() { return probe }
        default: break
        }
        guard send.flight > 0 || send.unsent > 0 else { return nil }
        if board.isClean { return nextNew(congestion.window - send.flight, now) }
        return nextInRepair(now)
    }

    /// What to send while something is known to be missing, or to have arrived out of order.
    private mutating func nextInRepair(_ now: Instant) -> Choice? {
        let room = congestion.window - board.pipe(send.unacknowledged, send.next)
        let limit = payloadLimit
        if let lost = board.nextLost(send.unacknowledged) {
            // The first retransmission of a recovery goes out in any case (RFC 6675, section 5, step 4.3).
            guard room >= limit || board.retransmitted == send.unacknowledged else { return nil }
            return again(lost)
        }
        if let new = nextNew(room, now) { return new }
        guard room >= limit, send.window > 0 else { return nil }
        if let doubtful = board.nextDoubtful(send.unacknowledged) { return again(doubtful) }
        return board.nextRescue(send.unacknowledged, send.next, limit: limit - sackRoom).map { Choice($0, .again) }
    }

    /// New data as far as windows, Nagle and silly window avoidance allow (RFC 9293, section 3.8.6.2.1).
    private mutating func nextNew(_ room: Int, _ now: Instant) -> Choice? {
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
            windowLimit = send.next
            return nil
        }
        timers.persist = .never
        return Choice(SequenceRange(send.next, send.next + min(length, unsent)), .new)
    }

    @inline(never)
    private mutating func armPersist(_ now: Instant) {
        let wait = estimator.timeout.nanoseconds << UInt64(min(probes, 16))
        timers.persist = now + .nanoseconds(min(wait, configuration.maximumTimeout.nanoseconds))
    }

    @inline(__always)
    private mutating func restartAfterIdle(_ now: Instant) {
        if send.flight == 0, now - send.lastSent > estimator.timeout { congestion.restart() }
    }

    /// At least one octet, as many as the window takes, although it may take none (RFC 9293, section 3.8.6.1).
    private mutating func nextProbe() -> Choice? {
        guard send.end > send.unacknowledged else { return nil }
        if send.window > send.flight, send.flight > 0 { return nil }
        let length = min(max(send.window, 1), payloadLimit - sackRoom, send.end - send.unacknowledged)
        return Choice(SequenceRange(send.unacknowledged, send.unacknowledged + length), .persist)
    }

    /// New data if there is any, else the last segment again (RFC 8985, section 7.3).
    private mutating func nextTailProbe() -> Choice? {
        guard board.isClean, tailProbe == nil, send.flight > 0 else { return nil }
        let limit = payloadLimit - sackRoom
        let usable = send.window - send.flight
        if send.unsent > 0, usable > 0 {
            let end = send.next + min(limit, usable, send.unsent)
            tailProbe = TailProbe(end: end, isRetransmission: false)
            return Choice(SequenceRange(send.next, end), .tail)
        }
        tailProbe = TailProbe(end: send.next, isRetransmission: true)
        return Choice(SequenceRange(.later(send.unacknowledged, send.next - limit), send.next), .tail)
    }

    private mutating func again(_ range: SequenceRange) -> Choice {
        let end = SequenceNumber.earlier(range.end, range.start + (payloadLimit - sackRoom))
        board.retransmitted = end
        return Choice(SequenceRange(range.start, end), .again)
    }

    // MARK: Making it

    /// Octets the SACK option would take in the next segment.
    @inline(__always)
    private var sackRoom: Int {
        guard usesSACK, receiver.hasBlocks else { return 0 }
        return 4 + 8 * blockLimit
    }

    @inline(__always)
    private var blockLimit: Int {
        let most = usesTimestamps ? 3 : 4
        return min(most, receiver.ahead.count + (receiver.duplicate == nil ? 0 : 1))
    }

    /// A segment with the octets that were chosen; the one at the end may be the FIN.
    private mutating func makeData(_ choice: Choice, _ now: Instant) -> OutgoingSegment {
        let range = choice.range
        let streamEnd = send.buffer.end
        let payloadEnd = SequenceNumber.earlier(range.end, streamEnd)
        var flags: TCPFlags = .ack
        if payloadEnd == streamEnd {
            // The FIN rides on the last octets: it takes no room of the payload.
            if send.isFinished { flags.insert(.fin) }
            if payloadEnd > range.start { flags.insert(.psh) }
        }
        let end = payloadEnd + (flags.contains(.fin) ? 1 : 0)
        noteSent(range.start, end, choice.reason, now)
        return OutgoingSegment(
            header: makeHeader(range.start, flags, now), payloadCount: max(payloadEnd - range.start, 0))
    }

    /// What is to be remembered of a segment with data: what is under way, when it left, and when to look after it.
    @inline(__always)
    private mutating func noteSent(
        _ start: SequenceNumber, _ end: SequenceNumber, _ reason: Choice.Reason, _ now: Instant
    ) {
        let isFirst = end > send.next
        if start < send.next {
            // Its acknowledgement could be that of either transmission (Karn's rule, RFC 6298, section 3).
            measured = nil
            send.lastRepeated = now
        } else if measured == nil {
            measured = (end, now)
        }
        if isFirst { send.next = end }
        send.lastSent = now
        if stalledSince == nil { stalledSince = now }
        if timers.retransmission == .never || (isFirst && board.isClean && tailProbe == nil) { armRetransmission(now) }
        switch reason {
        case .new, .again: break
        case .persist:
            guard send.window == 0 else { return }
            timers.retransmission = .never
            timers.tail = .never
            armPersist(now)
        case .tail:
            timers.tail = .never
            timers.retransmission = now + estimator.timeout
        }
    }

    /// A segment without data.
    private mutating func makeBare(at number: SequenceNumber, _ now: Instant) -> OutgoingSegment {
        OutgoingSegment(header: makeHeader(number, .ack, now))
    }

    /// The header of any segment of a synchronized connection. Whatever it is, it acknowledges.
    @inline(__always)
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
