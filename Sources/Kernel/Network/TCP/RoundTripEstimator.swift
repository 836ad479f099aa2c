import Interfaces

/// The retransmission timeout from measured round trips (RFC 6298).
struct RoundTripEstimator {
    /// SRTT in nanoseconds; zero before the first measurement.
    private(set) var smoothed: UInt64 = 0
    /// RTTVAR in nanoseconds.
    private(set) var variation: UInt64 = 0
    /// How often the timeout was doubled since the last acknowledgement of new data.
    private(set) var backoff = 0
    private var base = Interval.seconds(1)
    private let minimum: Interval
    private let maximum: Interval

    init(minimum: Interval, maximum: Interval) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Whether a round trip has been measured.
    @inline(__always)
    var hasMeasured: Bool { smoothed != 0 }

    /// RTO, doubled as often as it ran out (rule 5.5).
    @inline(__always)
    var timeout: Interval {
        let shifted = base.nanoseconds << UInt64(min(backoff, 16))
        return .nanoseconds(min(shifted, maximum.nanoseconds))
    }

    /// Takes in one measurement (rules 2.2 to 2.4).
    mutating func measure(_ trip: Interval) {
        let sample = min(max(trip.nanoseconds, 1), maximum.nanoseconds)
        if smoothed == 0 {
            smoothed = sample
            variation = sample / 2
        } else {
            let difference = sample > smoothed ? sample - smoothed : smoothed - sample
            variation = (3 * variation + difference) / 4
            smoothed = max((7 * smoothed + sample) / 8, 1)
        }
        let sum = smoothed + max(4 * variation, 1_000_000)
        base = .nanoseconds(min(max(sum, minimum.nanoseconds), maximum.nanoseconds))
    }

    /// The timer ran out (rule 5.5).
    mutating func backOff() { backoff += 1 }

    /// New data was acknowledged, or the peer has shown that it is there.
    mutating func progress() { backoff = 0 }

    /// The SYN had to be sent again: data starts with three seconds (rule 5.7).
    mutating func handshakeWasLost() {
        backoff = 0
        if smoothed == 0 { base = .seconds(3) }
    }
}
