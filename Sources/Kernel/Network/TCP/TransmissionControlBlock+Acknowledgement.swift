import Interfaces

extension TransmissionControlBlock {
    /// Fifth: the ACK field (RFC 9293, section 3.10.7.4), which names something that was sent. False when the segment ends here.
    mutating func acknowledge(_ header: SegmentHeader, _ payloadCount: Int, _ now: Instant) -> Bool {
        let number = header.acknowledgement
        if stalledSince != nil, send.window == 0 || number > send.unacknowledged { stalledSince = nil }
        if send.flight == 0 { probes = 0 }
        if number < send.unacknowledged { return true }
        let acknowledged = number - send.unacknowledged
        let flight = send.flight
        let isNews = noteSACK(header)
        let hasWindowChanged = updateWindow(header)
        finishTailProbe(header, isNews: isNews, now)
        if acknowledged > 0 {
            advance(to: number, acknowledged, header, flight: flight, now)
        } else if flight > 0 {
            let isPlain = payloadCount == 0 && !header.flags.contains(.fin) && !hasWindowChanged
            if isNews || (!usesSACK && isPlain) { countDuplicate(now) }
        }
        if send.flight == 0 { timers.retransmission = .never; timers.tail = .never }
        return finishOwnFIN(now)
    }

    /// Takes in the SACK option; true when it says something new (RFC 6675, section 4, Update).
    private mutating func noteSACK(_ header: SegmentHeader) -> Bool {
        guard usesSACK else { return false }
        var isNews = false
        let floor = SequenceNumber.later(send.unacknowledged, header.acknowledgement)
        for index in 0..<header.options.sack.count {
            let block = header.options.sack[index]
            // Distances from one number: three comparisons on the circle can all hold for a block that lies elsewhere.
            let (first, last) = (block.start - floor, block.end - floor)
            guard first > 0, last > first, last <= send.next - floor else { continue }
            if case .added = board.sacked.insert(block) { isNews = true }
        }
        return isNews
    }

    /// Takes in the window (RFC 9293, section 3.10.7.4); true when it has changed.
    private mutating func updateWindow(_ header: SegmentHeader) -> Bool {
        let isNewer =
            send.windowSequence < header.sequence
            || (send.windowSequence == header.sequence && send.windowAcknowledgement <= header.acknowledgement)
        guard isNewer else { return false }
        let window = Int(header.window) << Int(send.shift)
        let hasChanged = window != send.window
        // What a zero-window probe carried was refused: it has to go again, in a segment of proper size.
        if send.window == 0, window > 0 {
            timers.persist = .never
            probes = 0
            if send.flight > 0, !board.isRecovering {
                board.recovery = .timeout(send.next)
                board.lostBefore = send.next
                board.retransmitted = .later(send.unacknowledged, header.acknowledgement)
            }
        }
        send.window = window
        send.largestWindow = max(send.largestWindow, window)
        send.windowSequence = header.sequence
        send.windowAcknowledgement = header.acknowledgement
        return hasChanged
    }

    /// SND.UNA moves.
    private mutating func advance(
        to number: SequenceNumber, _ acknowledged: Int, _ header: SegmentHeader, flight: Int, _ now: Instant
    ) {
        measure(number, header, now)
        let octets = min(number - send.buffer.start, send.buffer.count)
        send.unacknowledged = number
        if octets > 0 {
            send.buffer.drop(octets)
            events.insert(.writable)
        }
        if send.buffer.count == 0 { events.insert(.flushed) }
        estimator.progress()
        board.acknowledge(number)
        board.duplicates = 0
        progressRecovery(acknowledged, now)
        if !board.isFast, windowLimit != nil || flight >= congestion.window {
            congestion.acknowledged(acknowledged, roundTrip: .nanoseconds(estimator.smoothed), now: now)
        }
        if let limit = windowLimit, number >= limit { windowLimit = nil }
        if send.flight > 0 { armRetransmission(now) }
    }

    /// One round trip, by the clock of this end where the segment was sent once (Karn), else by the echo (RFC 7323,
    /// section 4). An echo from before the last retransmission would count the timeout in: the answer was lost, not slow.
    mutating func measure(_ number: SequenceNumber, _ header: SegmentHeader, _ now: Instant) {
        if let measured {
            guard measured.end <= number else { return }
            estimator.measure(now - measured.sent)
            self.measured = nil
        } else if usesTimestamps, let echo = header.options.timestamps?.echo, echo != 0 {
            let trip = timestampClock(now) &- echo
            if trip <= timestampClock(now) &- timestampClock(send.lastRepeated) {
                estimator.measure(.milliseconds(UInt64(max(trip, 1))))
            }
        }
    }

    /// TSval at `now`, in milliseconds.
    @inline(__always)
    func timestampClock(_ now: Instant) -> UInt32 {
        configuration.timestampClock(now)
    }

    /// A duplicate acknowledgement (RFC 5681, section 2, or new SACK information).
    private mutating func countDuplicate(_ now: Instant) {
        board.duplicates += 1
        if !usesSACK { board.arrived = min(board.arrived + payloadLimit, send.flight) }
        detectLoss()
    }

    /// Enters fast recovery where it is time to (RFC 6675, section 5; RFC 6582, section 3.2).
    private mutating func detectLoss() {
        if usesSACK, !board.sacked.isEmpty { board.updateLoss(segmentSize: payloadLimit) }
        guard !board.isRecovering else { return }
        let isLost = board.lostBefore > send.unacknowledged
        guard board.duplicates >= Scoreboard.threshold || isLost else { return }
        if !isLost {
            board.lostBefore = .earlier(send.unacknowledged + payloadLimit, send.next)
            if !board.sacked.isEmpty { board.lostBefore = .earlier(board.lostBefore, board.sacked[0].start) }
        }
        congestion.lost(flight: send.flight)
        board.recovery = .fast(send.next)
        board.rescued = nil
        board.retransmitted = send.unacknowledged
        measured = nil
        timers.tail = .never
        tailProbe = nil
    }

    /// What new acknowledgements mean for repair: its end, or the next hole.
    private mutating func progressRecovery(_ acknowledged: Int, _ now: Instant) {
        switch board.recovery {
        case .none:
            board.arrived = 0
            if !board.sacked.isEmpty { detectLoss() }
        case .fast(let point), .timeout(let point):
            if send.unacknowledged >= point {
                board.recovery = .none
                board.rescued = nil
                board.arrived = 0
                board.lostBefore = send.unacknowledged
                board.retransmitted = send.unacknowledged
                detectLoss()
            } else if usesSACK {
                board.updateLoss(segmentSize: payloadLimit)
            } else if board.isFast {
                // A partial acknowledgement names the next loss (RFC 6582, section 3.2, step 3).
                board.arrived = min(max(board.arrived - max(acknowledged - payloadLimit, 0), 0), send.flight)
                board.lostBefore = .earlier(send.unacknowledged + payloadLimit, send.next)
                board.retransmitted = send.unacknowledged
            }
        }
    }

    /// The end of a tail loss probe (RFC 8985, section 7.4.2).
    private mutating func finishTailProbe(_ header: SegmentHeader, isNews: Bool, _ now: Instant) {
        guard let probe = tailProbe, header.acknowledgement >= probe.end else { return }
        guard probe.isRetransmission else {
            tailProbe = nil
            return
        }
        let sack = header.options.sack
        let isDuplicateReported = sack.count > 0 && sack[0].end <= header.acknowledgement
        if isDuplicateReported || (header.acknowledgement == send.unacknowledged && sack.count == 0) {
            tailProbe = nil
        } else if header.acknowledgement > probe.end {
            tailProbe = nil
            congestion.lost(flight: send.flight)
        }
    }

    /// What the acknowledgement of this end's FIN changes.
    private mutating func finishOwnFIN(_ now: Instant) -> Bool {
        guard send.isFinAcknowledged else { return true }
        switch state {
        case .finWait1:
            state = .finWait2
            if isOrphaned { timers.wait = now + configuration.orphanTimeout }
        case .closing: startTimeWait(now)
        case .lastAck:
            finish(with: nil)
            return false
        default: break
        }
        return true
    }
}
