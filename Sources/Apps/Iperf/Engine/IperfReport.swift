import Interfaces
import IperfProtocol
import Runtime

/// What one end has measured in a test.
public struct IperfReport: Sendable {
    /// How many connections carried data.
    public var streamCount: Int
    /// Bytes sent and received.
    public var sent: UInt64
    /// Bytes received.
    public var received: UInt64
    /// From the first byte to the last.
    public var elapsed: Interval
    /// How long the processor did not sleep.
    public var busy: Interval
    /// Segments that the stack sent, acknowledgements among them.
    public var sentSegments: UInt64
    /// Segments that the stack received.
    public var receivedSegments: UInt64
    /// What the other end says, when it has said so.
    public var peer: IperfResults?

    /// Bits a second, of `bytes`.
    public func rate(_ bytes: UInt64) -> UInt64 {
        let microseconds = max(elapsed.nanoseconds / 1000, 1)
        // Without overflow for every count.
        return bytes < 1 << 40 ? bytes * 8_000_000 / microseconds : bytes / microseconds * 8_000_000
    }

    /// The share of the time in which the processor was busy, in millionths of a per cent.
    public var busyShare: UInt64 {
        let thousandths = busy.nanoseconds / max(elapsed.nanoseconds / 100_000, 1)
        return min(thousandths, 100_000) * 1000
    }

    /// In a line or two.
    public var lines: [Text] {
        var lines: [Text] = []
        if sent > 0 || received == 0 { lines.append(line("sent", sent)) }
        if received > 0 { lines.append(line("received", received)) }
        return lines
    }

    private func line(_ verb: StaticString, _ bytes: UInt64) -> Text {
        let tenths = rate(bytes) / 100_000
        let time = elapsed.nanoseconds / 1_000_000
        let streams: Text = streamCount == 1 ? "" : " on \(streamCount) connections"
        return "\(verb) \(size: bytes)\(streams) in \(decimal: time, 3) s, \(decimal: tenths, 1) Mbit/s, "
            + "processor \(busy.nanoseconds, percentOf: elapsed.nanoseconds)"
    }

    /// For `apus bench`: what a segment costs. Under `-icount shift=0` an instruction takes a nanosecond.
    public var figures: [Text] {
        var lines: [Text] = []
        if received > 0, receivedSegments > 0 {
            lines.append("bench iperf-receive-segment \(busy.nanoseconds / receivedSegments) instructions")
            lines.append("bench iperf-receive-rate \(rate(received) / 1000) kbit/s")
        }
        if sent > 0, sentSegments > 0 {
            lines.append("bench iperf-send-segment \(busy.nanoseconds / sentSegments) instructions")
            lines.append("bench iperf-send-rate \(rate(sent) / 1000) kbit/s")
        }
        return lines
    }
}

private func + (left: Text, right: Text) -> Text {
    var sum = left
    sum.append(right)
    return sum
}
