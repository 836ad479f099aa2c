import Interfaces

/// Decides how many octets may be under way. Windows in octets.
protocol CongestionController {
    /// The congestion window.
    var window: Int { get }
    /// The slow start threshold.
    var threshold: Int { get }
    /// `octets` of new data were acknowledged outside fast recovery, while the window was the limit.
    mutating func acknowledged(_ octets: Int, roundTrip: Interval, now: Instant)
    /// A loss was noticed with `flight` octets under way; recovery begins.
    mutating func lost(flight: Int)
    /// The retransmission timer ran out with `flight` octets under way, for the first time on this data when `isFirst`.
    mutating func timedOut(flight: Int, isFirst: Bool)
    /// Nothing was sent for longer than the retransmission timeout (RFC 5681, section 4.1).
    mutating func restart()
    /// The path carries segments of `size` octets of payload.
    mutating func setSegmentSize(_ size: Int)
}

/// The controller of a connection. Both algorithms have their place in it, one of which is unused: an enumeration with either
/// would be copied out and in at each change.
struct CongestionControl: CongestionController {
    private let isCubic: Bool
    private var newReno: NewReno
    private var cubic: Cubic

    init(_ choice: CongestionAlgorithm, segmentSize: Int, handshakeWasLost: Bool) {
        let window = handshakeWasLost ? segmentSize : Self.initialWindow(segmentSize)
        isCubic = choice == .cubic
        newReno = NewReno(window: window, segmentSize: segmentSize)
        cubic = Cubic(window: window, segmentSize: segmentSize)
    }

    /// The initial window (RFC 6928, section 2).
    static func initialWindow(_ size: Int) -> Int { min(10 * size, max(2 * size, 14600)) }

    @inline(__always)
    var window: Int { isCubic ? cubic.window : newReno.window }

    @inline(__always)
    var threshold: Int { isCubic ? cubic.threshold : newReno.threshold }

    mutating func acknowledged(_ octets: Int, roundTrip: Interval, now: Instant) {
        if isCubic {
            cubic.acknowledged(octets, roundTrip: roundTrip, now: now)
        } else {
            newReno.acknowledged(octets, roundTrip: roundTrip, now: now)
        }
    }

    mutating func lost(flight: Int) {
        if isCubic { cubic.lost(flight: flight) } else { newReno.lost(flight: flight) }
    }

    mutating func timedOut(flight: Int, isFirst: Bool) {
        if isCubic {
            cubic.timedOut(flight: flight, isFirst: isFirst)
        } else {
            newReno.timedOut(flight: flight, isFirst: isFirst)
        }
    }

    mutating func restart() {
        if isCubic { cubic.restart() } else { newReno.restart() }
    }

    mutating func setSegmentSize(_ size: Int) {
        if isCubic { cubic.setSegmentSize(size) } else { newReno.setSegmentSize(size) }
    }
}
