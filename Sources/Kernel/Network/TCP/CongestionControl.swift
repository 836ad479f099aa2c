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

/// The controller of a connection.
struct CongestionControl: CongestionController {
    private enum Algorithm {
        case newReno(NewReno)
        case cubic(Cubic)
    }

    private var algorithm: Algorithm

    init(_ choice: CongestionAlgorithm, segmentSize: Int, handshakeWasLost: Bool) {
        let window = handshakeWasLost ? segmentSize : Self.initialWindow(segmentSize)
        switch choice {
        case .newReno: algorithm = .newReno(NewReno(window: window, segmentSize: segmentSize))
        case .cubic: algorithm = .cubic(Cubic(window: window, segmentSize: segmentSize))
        }
    }

    /// The initial window (RFC 6928, section 2).
    static func initialWindow(_ size: Int) -> Int { min(10 * size, max(2 * size, 14600)) }

    var window: Int {
        switch algorithm {
        case .newReno(let controller): controller.window
        case .cubic(let controller): controller.window
        }
    }

    var threshold: Int {
        switch algorithm {
        case .newReno(let controller): controller.threshold
        case .cubic(let controller): controller.threshold
        }
    }

    private mutating func change(_ newReno: (inout NewReno) -> Void, _ cubic: (inout Cubic) -> Void) {
        switch algorithm {
        case .newReno(var controller):
            newReno(&controller)
            algorithm = .newReno(controller)
        case .cubic(var controller):
            cubic(&controller)
            algorithm = .cubic(controller)
        }
    }

    mutating func acknowledged(_ octets: Int, roundTrip: Interval, now: Instant) {
        change(
            { $0.acknowledged(octets, roundTrip: roundTrip, now: now) },
            { $0.acknowledged(octets, roundTrip: roundTrip, now: now) })
    }

    mutating func lost(flight: Int) { change({ $0.lost(flight: flight) }, { $0.lost(flight: flight) }) }

    mutating func timedOut(flight: Int, isFirst: Bool) {
        change({ $0.timedOut(flight: flight, isFirst: isFirst) }, { $0.timedOut(flight: flight, isFirst: isFirst) })
    }

    mutating func restart() { change({ $0.restart() }, { $0.restart() }) }

    mutating func setSegmentSize(_ size: Int) { change({ $0.setSegmentSize(size) }, { $0.setSegmentSize(size) }) }
}
