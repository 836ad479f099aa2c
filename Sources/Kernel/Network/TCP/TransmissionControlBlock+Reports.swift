import Interfaces

/// What the connection is told by others than its peer, and options that change while it stands.
extension TransmissionControlBlock {
    /// Whether `number` is one that was sent and is not acknowledged: a message that quotes it is about this connection.
    func isUnderWay(_ number: UInt32) -> Bool {
        let sequence = SequenceNumber(number)
        return sequence >= send.unacknowledged && sequence < send.next
    }

    /// The network says that the other end cannot be reached, or that nobody listens there. Ends a connection that does not stand yet;
    /// one that does goes on (RFC 5461).
    mutating func reportUnreachable(isRefused: Bool) {
        guard state == .synSent else { return }
        finish(with: isRefused ? .refused : .unreachable)
    }

    /// The way to the other end is open again: tries at once what was to be tried later.
    mutating func retry(now: Instant) {
        guard timers.retransmission != .never else { return }
        timers.retransmission = now
        estimator.progress()
    }

    /// Whether small segments wait while others are under way (RFC 9293, section 3.7.4).
    public var usesNagle: Bool {
        get { configuration.usesNagle }
        set { configuration.usesNagle = newValue }
    }

    /// Asks the other end for a sign of life when it has been silent; nil asks no more (RFC 9293, section 3.8.4).
    public mutating func setKeepAlive(_ keepAlive: KeepAlive?, now: Instant) {
        configuration.keepAlive = keepAlive
        timers.keepAlive = keepAlive.map { now + $0.idle } ?? .never
    }
}
