import Interfaces
import Runtime

/// A line of the log as a message of the syslog protocol (RFC 5424).
struct SyslogMessage {
    /// Microseconds since the start.
    let uptime: UInt64
    /// How much it matters (section 6.2.1): 2 critical, 3 error, 4 warning, 5 notice, 6 informational, 7 debug.
    let severity: UInt8
    /// The module that has logged.
    let module: ArraySlice<UInt8>
    /// What it said.
    let text: ArraySlice<UInt8>

    /// What a device of one's own is, to a collector: local use 0.
    private static let facility: UInt8 = 16

    /// A message of this house.
    init(_ text: [UInt8], severity: UInt8, uptime: UInt64) {
        (self.uptime, self.severity, self.text) = (uptime, severity, text[...])
        module = ("log" as Text).bytes[...]
    }

    /// Reads a line as `Log` writes it, without its end; nil for another.
    init?(_ line: ArraySlice<UInt8>) {
        // "[    1.234567] warning card: text"
        guard line.first == 0x5B, let end = line.firstIndex(of: 0x5D) else { return nil }
        var uptime: UInt64 = 0
        for byte in line[line.startIndex + 1..<end] where byte >= 0x30 && byte <= 0x39 {
            uptime = uptime &* 10 &+ UInt64(byte & 15)
        }
        let rest = line[(end + 1)...].drop { $0 == 0x20 }
        guard let space = rest.firstIndex(of: 0x20), let severity = Self.severity(rest[..<space]) else { return nil }
        let tail = rest[(space + 1)...]
        guard let colon = tail.firstIndex(of: 0x3A) else { return nil }
        self.uptime = uptime
        self.severity = severity
        module = tail[..<colon]
        text = tail[(colon + 1)...].drop { $0 == 0x20 }
    }

    private static func severity(_ name: ArraySlice<UInt8>) -> UInt8? {
        for level in LogLevel.allCases where Text(Array(name)).bytes == ("\(level.name)" as Text).bytes {
            switch level {
            case .critical: return 2
            case .error: return 3
            case .warning: return 4
            case .notice: return 5
            case .info: return 6
            case .debug, .trace: return 7
            }
        }
        return nil
    }

    /// The message as it is sent, from `host`, as the `number`-th. `clock` tells the time of day of the uptime `now`, in microseconds.
    func encoded(host: Text, number: UInt32, clock: SteeredClock.Reading?, now: UInt64) -> [UInt8] {
        var result: Text = "<\(Self.facility * 8 + severity)>1 "
        if let clock {
            let age = now > uptime ? now - uptime : 0
            let time = clock.nanosecondsSince1970 / 1000 - min(age, clock.nanosecondsSince1970 / 1000)
            result.appendTime(time)
        } else {
            result.append("-")
        }
        result.put(0x20)
        result.append(Self.field(host.bytes[...], 255))
        result.put(0x20)
        result.append(Self.field(module, 48))
        result.append(" - - [meta sequenceId=\"\(number)\" sysUpTime=\"\(uptime / 10_000)\"] ")
        result.bytes += text
        return result.bytes
    }

    /// At most `limit` bytes of a field, which has visible characters of ASCII only; `-` for none.
    private static func field(_ bytes: ArraySlice<UInt8>, _ limit: Int) -> Text {
        if bytes.isEmpty { return "-" }
        return Text(bytes.prefix(limit).map { $0 > 0x20 && $0 < 0x7F ? $0 : 0x5F })
    }
}

extension Text {
    /// Microseconds since 1970 as RFC 3339 writes them.
    fileprivate mutating func appendTime(_ microseconds: UInt64) {
        let time = CivilTime(secondsSince1970: microseconds / 1_000_000)
        putDecimal(UInt64(time.year), width: 4, fill: 0x30)
        for (mark, value) in [
            (UInt8(0x2D), time.month), (0x2D, time.day), (0x54, time.hour), (0x3A, time.minute), (0x3A, time.second),
        ] {
            put(mark)
            putDecimal(UInt64(value), width: 2, fill: 0x30)
        }
        put(0x2E)
        putDecimal(microseconds % 1_000_000, width: 6, fill: 0x30)
        put(0x5A)
    }
}
