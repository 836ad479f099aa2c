import Interfaces
import Runtime

/// What came of the echo requests sent so far.
public struct PingStatistics: Equatable, Sendable {
    /// Requests sent.
    public private(set) var sent: UInt64 = 0
    /// Requests that were answered.
    public private(set) var answered: UInt64 = 0
    /// Answers that came a second time.
    public private(set) var duplicates: UInt64 = 0
    /// The shortest time to an answer.
    public private(set) var shortest = Interval.nanoseconds(.max)
    /// The longest.
    public private(set) var longest = Interval.nanoseconds(0)
    private var sum: UInt64 = 0

    /// Nothing sent.
    public init() {}

    /// The mean time to an answer.
    public var mean: Interval { .nanoseconds(sum / max(answered, 1)) }

    /// The share of requests without an answer, in per cent, rounded down.
    public var lossPercent: UInt64 { sent == 0 ? 0 : (sent - answered) * 100 / sent }

    mutating func noteSent() { sent += 1 }
    mutating func noteDuplicate() { duplicates += 1 }

    mutating func noteAnswer(after time: Interval) {
        answered += 1
        sum &+= time.nanoseconds
        shortest = min(shortest, time)
        longest = max(longest, time)
    }

    /// In two lines, as ping says it.
    public var lines: [Text] {
        let extra: Text = duplicates == 0 ? "" : ", \(duplicates) duplicates"
        var lines: [Text] = [
            "\(sent) packets transmitted, \(answered) received\(extra), \(lossPercent)% packet loss"
        ]
        if answered > 0 {
            lines.append(
                "rtt min/avg/max = \(milliseconds: shortest)/\(milliseconds: mean)/\(milliseconds: longest) ms")
        }
        return lines
    }
}

extension Text.Interpolation {
    /// A time in milliseconds with three digits behind the point.
    mutating func appendInterpolation(milliseconds time: Interval) {
        appendInterpolation(decimal: time.nanoseconds / 1000, 3)
    }
}
