/// A point in time: nanoseconds since the board was switched on. Never goes back, never jumps.
///
/// 64 bits of nanoseconds last 584 years. Arithmetic saturates at `.never` instead of trapping, so that
/// `now + timeout` is safe for every timeout a caller may name.
@frozen
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since power-on.
    public var nanoseconds: UInt64

    /// The instant `nanoseconds` after power-on.
    @inlinable
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Later than every instant a clock can show: a wait until `.never` has no deadline.
    @inlinable
    public static var never: Instant { Instant(nanoseconds: .max) }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// `interval` after this instant; `.never` when that lies beyond what fits.
    @inlinable
    public static func + (instant: Instant, interval: Interval) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(interval.nanoseconds)
        return overflow ? .never : Instant(nanoseconds: sum)
    }

    /// The time from `earlier` to `later`; zero when they stand the other way round.
    @inlinable
    public static func - (later: Instant, earlier: Instant) -> Interval {
        Interval(nanoseconds: later < earlier ? 0 : later.nanoseconds - earlier.nanoseconds)
    }
}

/// A length of time in nanoseconds, never negative.
@frozen
public struct Interval: Comparable, Hashable, Sendable {
    /// The length in nanoseconds.
    public var nanoseconds: UInt64

    /// An interval of `nanoseconds`.
    @inlinable
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// An interval of `value` nanoseconds.
    @inlinable
    public static func nanoseconds(_ value: UInt64) -> Interval { Interval(nanoseconds: value) }

    /// An interval of `value` microseconds; saturates.
    @inlinable
    public static func microseconds(_ value: UInt64) -> Interval { Interval(value, times: 1_000) }

    /// An interval of `value` milliseconds; saturates.
    @inlinable
    public static func milliseconds(_ value: UInt64) -> Interval { Interval(value, times: 1_000_000) }

    /// An interval of `value` seconds; saturates.
    @inlinable
    public static func seconds(_ value: UInt64) -> Interval { Interval(value, times: 1_000_000_000) }

    /// Whether `left` is shorter than `right`.
    @inlinable
    public static func < (left: Interval, right: Interval) -> Bool { left.nanoseconds < right.nanoseconds }

    @usableFromInline
    init(_ value: UInt64, times unit: UInt64) {
        let (product, overflow) = value.multipliedReportingOverflow(by: unit)
        nanoseconds = overflow ? .max : product
    }
}
