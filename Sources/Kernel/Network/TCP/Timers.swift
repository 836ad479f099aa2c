import Interfaces

/// When a connection wants to be asked next, by reason. `.never` is off.
struct Timers {
    /// Retransmission (RFC 6298), or the tail loss probe before it.
    var retransmission = Instant.never
    /// Tail loss probe (RFC 8985, section 7.2).
    var tail = Instant.never
    /// Zero-window probe (RFC 9293, section 3.8.6.1), or a small segment held back for too long.
    var persist = Instant.never
    /// Delayed acknowledgement.
    var acknowledgement = Instant.never
    /// Keep-alive.
    var keepAlive = Instant.never
    /// The end of TIME-WAIT, or of FIN-WAIT-2 without a reader.
    var wait = Instant.never
    /// When an orphan is given up.
    var linger = Instant.never

    /// The first of them.
    @inline(__always)
    var earliest: Instant {
        min(
            min(min(retransmission, tail), min(persist, acknowledgement)), min(min(keepAlive, wait), linger))
    }
}

extension TransmissionControlBlock {
    /// When to call `poll` next if nothing else happens. In the past when there is something to send now.
    @inline(__always)
    public var deadline: Instant {
        reply != nil || owesSYN || owesAcknowledgement ? Instant(nanoseconds: 0) : timers.earliest
    }

    /// Does what has come due.
    mutating func expire(_ now: Instant) {
        guard timers.earliest <= now else { return }
        if timers.wait <= now { return finish(with: nil) }
        if timers.linger <= now {
            timers.linger = .never
            if state == .timeWait || state == .finWait2 { return finish(with: nil) }
            return abort()
        }
        if timers.acknowledgement <= now {
            timers.acknowledgement = .never
            owesAcknowledgement = true
        }
        if timers.keepAlive <= now { keepAliveExpired(now) }
        if timers.persist <= now { persistExpired(now) }
        if timers.retransmission <= now {
            retransmissionExpired(now)
        } else if timers.tail <= now {
            timers.tail = .never
            forced = .tail
        }
    }

    private mutating func hasStalled(_ now: Instant, for limit: Interval) -> Bool {
        guard let stalledSince else {
            stalledSince = now
            return false
        }
        return stalledSince + limit <= now
    }

    /// RTO (RFC 6298, rules 5.4 to 5.7).
    private mutating func retransmissionExpired(_ now: Instant) {
        timers.retransmission = .never
        timers.tail = .never
        tailProbe = nil
        forced = .none
        guard state.isSynchronized else {
            let limit = isPassive ? TCPConfiguration.answerTimeout : configuration.handshakeTimeout
            if hasStalled(now, for: limit) { return finish(with: .timedOut) }
            estimator.backOff()
            owesSYN = true
            return
        }
        guard send.flight > 0 else { return }
        if hasStalled(now, for: configuration.userTimeout) { return giveUp() }
        congestion.timedOut(flight: send.flight, isFirst: estimator.backoff == 0)
        // An other end that reports what it holds, and then does not acknowledge it, has dropped it again (RFC 2018, section 8).
        let hasReneged = !board.sacked.isEmpty && board.sacked[0].start <= send.unacknowledged
        if estimator.backoff > 0 || hasReneged { board.sacked.removeAll() }
        estimator.backOff()
        board.recovery = .timeout(send.next)
        board.lostBefore = send.next
        board.retransmitted = send.unacknowledged
        board.duplicates = 0
        board.arrived = 0
        board.rescued = nil
        measured = nil
        timers.retransmission = now + estimator.timeout
    }

    private mutating func persistExpired(_ now: Instant) {
        timers.persist = .never
        guard state.sends, send.end > send.unacknowledged else { return }
        if send.window == 0, hasStalled(now, for: configuration.userTimeout) { return giveUp() }
        forced = .persist
        probes += 1
    }

    private mutating func keepAliveExpired(_ now: Instant) {
        timers.keepAlive = .never
        guard let keepAlive = configuration.keepAlive, state.isSynchronized, state != .timeWait else { return }
        if receiver.lastHeard + keepAlive.idle > now, probes == 0 {
            timers.keepAlive = receiver.lastHeard + keepAlive.idle
            return
        }
        if send.flight == 0, timers.persist == .never {
            if probes >= keepAlive.count { return giveUp() }
            probes += 1
            if case .none = forced { forced = .keepAlive }
        }
        timers.keepAlive = now + keepAlive.interval
    }

    /// The other end does not answer any more.
    private mutating func giveUp() {
        abort()
        error = .timedOut
    }

    /// Starts the timer that `now` calls for: retransmission, with a tail loss probe before it (RFC 8985, section 7.2).
    mutating func armRetransmission(_ now: Instant) {
        timers.retransmission = now + estimator.timeout
        timers.tail = .never
        guard usesSACK, state.sends, board.isClean, tailProbe == nil, estimator.backoff == 0 else { return }
        var wait = Interval.seconds(1)
        if estimator.hasMeasured {
            wait = .nanoseconds(2 * estimator.smoothed)
            wait = .nanoseconds(wait.nanoseconds + (send.flight <= payloadLimit ? 200_000_000 : 2_000_000))
        }
        if now + wait < timers.retransmission { timers.tail = now + wait }
    }

    /// Enters TIME-WAIT, or stays for as long again.
    mutating func startTimeWait(_ now: Instant) {
        if state != .timeWait { events.insert(.ended) }
        state = .timeWait
        timers = Timers()
        timers.wait = now + configuration.timeWait
        send.buffer.releaseIfEmpty()
        board.sacked.removeAll()
        board.sacked.release()
        receiver.ahead.removeAll()
        receiver.ahead.release()
        if receiver.buffer.count == 0 { receiver.buffer.release() }
    }
}
