import Boot
import Interfaces

/// The board's monotonic time, from the generic timer's counter.
///
/// The counter starts with the board and never stops; its frequency is asked, never assumed (54 MHz on the board, 62.5
/// MHz in QEMU). Counts become nanoseconds by one multiplication with a 32.32 fixed-point factor.
public enum SystemTime {
    /// Nanoseconds in a count, and counts in a nanosecond, times 2^32.
    nonisolated(unsafe) private static var nanosecondsPerCount: UInt64 = 0
    nonisolated(unsafe) private static var countsPerNanosecond: UInt64 = 0

    /// Used when a loader left the frequency register empty: the crystal of every Raspberry Pi 4.
    private static let crystal: UInt64 = 54_000_000

    /// Reads the counter's frequency. Once, before anything asks for the time.
    public static func start() {
        let stated = apus_counter_frequency()
        let frequency = stated == 0 ? crystal : stated
        unsafe nanosecondsPerCount = (1_000_000_000 << 32) / frequency
        unsafe countsPerNanosecond = (frequency << 32) / 1_000_000_000
    }

    /// Now.
    public static var now: Instant { Instant(nanoseconds: nanoseconds(apus_counter())) }

    /// The time that `count` counts take, in nanoseconds.
    static func nanoseconds(_ count: UInt64) -> UInt64 { unsafe scale(count, nanosecondsPerCount) }

    /// What the counter shows at `instant`, rounded up, so that nothing wakes early.
    static func count(at instant: Instant) -> UInt64 {
        unsafe scale(instant.nanoseconds, countsPerNanosecond) &+ 1
    }

    private static func scale(_ value: UInt64, _ factor: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: factor)
        return product.high << 32 | product.low >> 32
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
