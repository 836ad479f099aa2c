import Interfaces

/// Slow start and congestion avoidance (RFC 5681, section 3), counting octets (RFC 3465).
struct NewReno: CongestionController {
    private(set) var window: Int
    private(set) var threshold = 1 << 30
    private var segmentSize: Int
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
        credit += octets
        if credit >= window {
            credit -= window
            window = min(window + segmentSize, 1 << 30)
        }
    }

    mutating func lost(flight: Int) {
        threshold = max(flight / 2, 2 * segmentSize)
        window = threshold
        credit = 0
    }

    mutating func timedOut(flight: Int, isFirst: Bool) {
        if isFirst { threshold = max(flight / 2, 2 * segmentSize) }
        window = segmentSize
        credit = 0
    }

    mutating func restart() { window = min(window, CongestionControl.initialWindow(segmentSize)) }

    mutating func setSegmentSize(_ size: Int) { segmentSize = size }
}
