import Interfaces

/// What a connection is opened with.
public struct TCPConfiguration: Sendable {
    /// Octets the send buffer holds, rounded up to a power of two.
    public var sendCapacity = 64 * 1024
    /// Octets the receive buffer holds, rounded up to a power of two: the largest window.
    public var receiveCapacity = 64 * 1024
    /// Octets the send buffer may grow to when the path takes that much, within the budget.
    public var largestSendCapacity = 1 << 20
    /// The largest window the receive buffer may grow to, within the budget: fixes the shift count, which a SYN names once.
    public var largestReceiveCapacity = 1 << 20
    /// The MSS to announce and not to exceed: what the interface carries, less 40 octets for IPv4.
    public var maximumSegmentSize: UInt16 = 1460
    /// Offer window scaling (RFC 7323, section 2).
    public var offersWindowScaling = true
    /// Offer timestamps (RFC 7323, section 3).
    public var offersTimestamps = true
    /// Added to the timestamp clock, so that it does not show the time since power-on; should be random.
    public var timestampOffset: UInt32 = 0
    /// Offer selective acknowledgement (RFC 2018).
    public var offersSACK = true
    /// Hold back small segments while data is unacknowledged (RFC 9293, section 3.7.4).
    public var usesNagle = true
    /// How congestion is answered.
    public var congestion = CongestionAlgorithm.cubic
    /// Longest delay of an acknowledgement; at most 500 ms (RFC 9293, section 3.8.6.3). Zero acknowledges at once.
    public var acknowledgementDelay = Interval.milliseconds(40)
    /// Lower bound of the retransmission timeout. RFC 6298 asks for one second where clocks are coarse; this one is not, and
    /// no peer in use delays acknowledgements for longer than 200 ms.
    public var minimumTimeout = Interval.milliseconds(200)
    /// Upper bound of the retransmission timeout (RFC 6298, rule 2.5: at least 60 s).
    public var maximumTimeout = Interval.seconds(60)
    /// How long unacknowledged data is retransmitted before the connection fails: R2 of RFC 9293, section 3.8.3.
    public var userTimeout = Interval.seconds(120)
    /// The same for a SYN; at least three minutes.
    public var handshakeTimeout = Interval.seconds(180)
    /// The same for the answer to a SYN: five repetitions, as Linux has it. RFC 9293 (MUST-23) asks for three minutes here too; whoever sent the
    /// SYN has long given up by then, or sends it again, and a listener's room is worth more.
    public static var answerTimeout: Interval { .seconds(63) }
    /// Asks an idle peer for a sign of life; off unless set.
    public var keepAlive: KeepAlive?
    /// Twice the maximum segment lifetime, the length of TIME-WAIT.
    public var timeWait = Interval.seconds(60)
    /// How long FIN-WAIT-2 lasts when nobody reads any more.
    public var orphanTimeout = Interval.seconds(60)

    /// The defaults.
    public init() {}

    /// TSval at `now`, in milliseconds.
    @inline(__always)
    func timestampClock(_ now: Instant) -> UInt32 {
        UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000) &+ timestampOffset
    }

    /// The shift count to offer: enough that 16 bits hold the largest window; at most 14 (RFC 7323, section 2.3).
    var windowShift: UInt8 {
        var shift: UInt8 = 0
        while shift < 14, max(receiveCapacity, largestReceiveCapacity) >> Int(shift) > 65535 { shift += 1 }
        return shift
    }
}
