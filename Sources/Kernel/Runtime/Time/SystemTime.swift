import Boot
import Interfaces

/// The board's monotonic time, from the generic timer's counter.
///
/// The counter starts with the board and never stops; its frequency is asked, never assumed (54 MHz on the board, 62.5
/// MHz in QEMU). Counts become nanoseconds by one multiplication with a 32.32 fixed-point factor, which is as exact as the crystal is
/// not: it loses 13 parts of 10^12. The way back undoes just that multiplication: the two agree at every uptime.
public enum SystemTime {
    /// Nanoseconds in a count, and counts in a nanosecond, times 2^32.
    nonisolated(unsafe) private static var nanosecondsPerCount: UInt64 = 0
    nonisolated(unsafe) private static var countsPerNanosecond: UInt64 = 0

    /// Used when a loader left the frequency register empty: the crystal of every Raspberry Pi 4.
    private static let crystal: UInt64 = 54_000_000

    /// Reads the counter's frequency, unless the board knows better than its register: `counterRate` in Hz. Once, before anything asks for
    /// the time.
    public static func start(counterRate: UInt64? = nil) {
        let stated = counterRate ?? apus_counter_frequency()
        let frequency = stated == 0 ? crystal : stated
        unsafe nanosecondsPerCount = (1_000_000_000 << 32) / frequency
        unsafe countsPerNanosecond = (frequency << 32) / 1_000_000_000
    }

    /// Now.
    public static var now: Instant { Instant(nanoseconds: nanoseconds(apus_counter())) }

    /// The time that `count` counts take, in nanoseconds; saturates.
    @inline(__always)
    static func nanoseconds(_ count: UInt64) -> UInt64 { unsafe scale(count, nanosecondsPerCount) }

    /// The first count at which it is `instant`, or later: a timer set to it wakes neither early nor a count late.
    ///
    /// The factor is cut off, so that the first guess is early, by more the longer the board has been on. What is missing is added, twice:
    /// the first time leaves some nanoseconds in a century, the second time a count.
    static func count(at instant: Instant) -> UInt64 {
        var count = unsafe scale(instant.nanoseconds, countsPerNanosecond)
        for _ in 0..<2 {
            let reached = nanoseconds(count)
            if reached >= instant.nanoseconds { return count }
            count &+= unsafe max(1, scale(instant.nanoseconds &- reached, countsPerNanosecond))
        }
        while nanoseconds(count) < instant.nanoseconds { count &+= 1 }
        return count
    }

    @inline(__always)
    private static func scale(_ value: UInt64, _ factor: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: factor)
        return product.high >> 32 == 0 ? product.high << 32 | product.low >> 32 : .max
    }
}

/// The time, and waiting by watching it pass: for the start, before tasks exist, and for programs that have none.
public struct SpinClock: Clock {
    /// The board's clock.
    @inlinable
    public init() {}

    /// Now.
    public var now: Instant { SystemTime.now }

    /// Spins until `deadline`.
    public func wait(until deadline: Instant) {
        while SystemTime.now < deadline {}
    }
}
