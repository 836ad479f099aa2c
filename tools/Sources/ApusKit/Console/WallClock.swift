import Glibc

/// The time of day for the beginning of a console line.
package enum WallClock {
    /// Hours, minutes, seconds and milliseconds, local time: `14:03:59.123`.
    package static func stamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits(Int($0), 2) }.joined(separator: ":")
        return clock + "." + digits(now.tv_nsec / 1_000_000, 3)
    }
}
