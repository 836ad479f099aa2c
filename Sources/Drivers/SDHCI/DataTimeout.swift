import Interfaces

/// How long the controller waits for a block, or for the card to be no longer busy, before it reports a data timeout (SDHCI 3.00, 2.2.15): 2^(13 +
/// exponent) periods of its timeout clock.
struct DataTimeout: Equatable {
    /// For the register, 0 to 14.
    var exponent: UInt32
    /// How long that is; how long it was to be, where the controller cannot count that far.
    var period: Interval
    /// Whether the controller counts it. Where it cannot count far enough it is told not to, and the driver's own clock ends the wait.
    var isCounted: Bool

    /// The shortest timeout that is no shorter than `wanted`, at a timeout clock of `rate` Hz; 0 when nobody knows it.
    init(_ wanted: Interval, at rate: UInt64) {
        exponent = 14
        period = wanted
        isCounted = false
        if rate == 0 { return }
        for candidate in 0...14 as ClosedRange<UInt64> {
            let length = Interval.nanoseconds((1_000_000_000 << (13 + candidate)) / rate)
            if length < wanted { continue }
            (exponent, period, isCounted) = (UInt32(candidate), length, true)
            return
        }
    }

    /// How long the driver waits before it takes the controller for stuck: the controller reports first.
    var patience: Interval { .nanoseconds(period.nanoseconds + (isCounted ? 500_000_000 : 0)) }

    /// How long a card may take to send a block. The specification's 100 ms (SD Physical Layer 6.00, 4.6.2.1), and as much again four times.
    static var reading: Interval { .milliseconds(500) }
    /// How long a card may be busy. The specification's 250 ms or 500 ms (4.6.2.2) are not enough for some; Linux allows three seconds.
    static var busy: Interval { .seconds(3) }
}
