import Interfaces

/// CUBIC (RFC 9438), in whole numbers: octets and milliseconds.
struct Cubic: CongestionController {
    private(set) var window: Int
    private(set) var threshold = 1 << 30
    private var segmentSize: Int
    /// W_max: where the last loss was.
    private var plateau = 0
    /// cwnd_prior: the window before the last reduction.
    private var prior = 0
    /// K in milliseconds: how long the curve takes back to the plateau.
    private var delay = 0
    /// When this congestion avoidance began.
    private var epoch: Instant?
    /// W_est: what Reno would have.
    private var estimate = 0
    private var estimateCredit = 0
    private var credit = 0

    init(window: Int, segmentSize: Int) {
        self.window = window
        self.segmentSize = segmentSize
    }

    mutating func acknowledged(_ octets: Int, roundTrip: Interval, now: Instant) {
        if window < threshold {
            window += min(octets, 2 * segmentSize)
            return
        }
        let elapsed = elapsed(now)
        growEstimate(octets)
        let trip = Int(min(roundTrip.nanoseconds / 1_000_000, 10_000))
        if curve(at: elapsed) < estimate {
            window = max(window, estimate)
        } else {
            let target = min(max(curve(at: elapsed + trip), window), window + window / 2)
            credit += (target - window) * octets
            window += credit / window
            credit %= window
        }
        window = min(window, 1 << 30)
    }

    /// Milliseconds in this epoch, beginning one where there is none (section 4.2).
    private mutating func elapsed(_ now: Instant) -> Int {
        if let epoch { return Int(min((now - epoch).nanoseconds / 1_000_000, 1_000_000)) }
        epoch = now
        estimate = window
        estimateCredit = 0
        credit = 0
        if window < plateau {
            let distance = UInt64(plateau - window)
            delay = Int(Self.cubeRoot(distance * 10_000_000_000 / UInt64(4 * segmentSize)))
        } else {
            delay = 0
            plateau = window
        }
        return 0
    }

    /// W_cubic in octets, `milliseconds` into the epoch, with C = 0.4 (section 4.2).
    private func curve(at milliseconds: Int) -> Int {
        let distance = min(max(milliseconds - delay, -100_000), 100_000)
        let cube = distance * distance * distance / 1_000_000
        return min(max(plateau + cube * 4 * segmentSize / 10_000, segmentSize), 1 << 30)
    }

    /// The Reno-friendly region (section 4.3): alpha is 9/17 until the window before the loss is reached, then 1.
    private mutating func growEstimate(_ octets: Int) {
        let share = estimate >= prior ? 17 : 9
        estimateCredit += octets * share * segmentSize
        let divisor = 17 * max(window, 1)
        estimate += estimateCredit / divisor
        estimateCredit %= divisor
    }

    /// Multiplicative decrease by 0.7 with fast convergence (sections 4.6 and 4.7).
    private mutating func decrease(_ flight: Int) {
        plateau = window < plateau ? window * 17 / 20 : window
        prior = window
        threshold = max(flight * 7 / 10, 2 * segmentSize)
        epoch = nil
    }

    mutating func lost(flight: Int) {
        decrease(flight)
        window = threshold
    }

    mutating func timedOut(flight: Int, isFirst: Bool) {
        if isFirst { decrease(flight) }
        epoch = nil
        window = segmentSize
    }

    mutating func restart() {
        window = min(window, CongestionControl.initialWindow(segmentSize))
        epoch = nil
    }

    mutating func setSegmentSize(_ size: Int) { segmentSize = size }

    /// The largest number whose cube is not above `value`.
    static func cubeRoot(_ value: UInt64) -> UInt64 {
        var root: UInt64 = 0
        var bit: UInt64 = 1 << 20
        while bit > 0 {
            let trial = root + bit
            if trial * trial * trial <= value { root = trial }
            bit >>= 1
        }
        return root
    }
}
