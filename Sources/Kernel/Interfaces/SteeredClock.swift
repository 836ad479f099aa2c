/// The time of day on top of the monotonic time: set once, then steered, never jumping while it is steered.
///
/// A value without a task or a device: whoever has learned the time tells it, and asks it by the monotonic time.
public struct SteeredClock: Equatable, Sendable {
    /// A point in time on the calendar, with how sure that is.
    @frozen
    public struct Reading: Equatable, Sendable {
        /// Nanoseconds since 1970 in Coordinated Universal Time.
        public let nanosecondsSince1970: UInt64
        /// How far the truth may be from it.
        public let uncertainty: Interval

        /// Whole seconds since 1970.
        public var seconds: UInt64 { nanosecondsSince1970 / 1_000_000_000 }
    }

    /// The most that the clock's rate is changed while it is steered, in parts of 10^9: a second takes half a millisecond more or less.
    public static let largestSlew: Int64 = 500_000
    /// How fast an unsteered crystal may go wrong, in parts of 10^9 (PHI of RFC 5905).
    public static let wander: UInt64 = 15_000

    private var start = Instant(nanoseconds: 0)
    /// What the clock shows at `start`.
    private var base: UInt64 = 0
    /// How much faster than the monotonic time it goes, in parts of 10^9.
    public private(set) var frequency: Int64 = 0
    /// What is still to be added, at `slew` parts of 10^9, until `end`.
    private var slew: Int64 = 0
    private var end = Instant(nanoseconds: 0)
    private var uncertainty = Interval.nanoseconds(0)
    /// Whether anybody has set it.
    public private(set) var isSet = false

    /// A clock that nobody has set.
    public init() {}

    /// What it shows at `now`; nil while nobody has set it.
    public func reading(at now: Instant) -> Reading? {
        guard isSet else { return nil }
        let age = (now - start).nanoseconds
        let doubt = uncertainty.nanoseconds &+ age / 1_000_000_000 &* Self.wander &+ remainder(at: now).magnitude
        return Reading(nanosecondsSince1970: time(at: now), uncertainty: .nanoseconds(doubt))
    }

    /// Nanoseconds since 1970 at `now`, whether it was set or not.
    public func time(at now: Instant) -> UInt64 {
        let elapsed = (now - start).nanoseconds
        let steered = (min(now, end) - start).nanoseconds
        return base &+ elapsed &+ UInt64(bitPattern: Self.part(elapsed, frequency) &+ Self.part(steered, slew))
    }

    /// What is still to be added at `now`, in nanoseconds.
    public func remainder(at now: Instant) -> Int64 { Self.part((end - now).nanoseconds, slew) }

    /// `rate` parts of 10^9 of `elapsed`, without overflow for centuries.
    private static func part(_ elapsed: UInt64, _ rate: Int64) -> Int64 {
        let (seconds, rest) = (Int64(elapsed / 1_000_000_000), Int64(elapsed % 1_000_000_000))
        return seconds &* rate &+ rest &* rate / 1_000_000_000
    }

    /// Sets it: `time` in nanoseconds since 1970 at `now`. Whoever reads it sees a jump.
    public mutating func set(_ time: UInt64, uncertainty: Interval, at now: Instant) {
        (start, base, slew, end) = (now, time, 0, now)
        self.uncertainty = uncertainty
        isSet = true
    }

    /// Has it add `offset` nanoseconds from `now` on, in place of what it was still adding, over `duration` or as much longer as the largest
    /// slew takes; and go `frequency` parts of 10^9 faster than the monotonic time from now on.
    public mutating func steer(
        by offset: Int64, over duration: Interval, frequency: Int64, uncertainty: Interval, at now: Instant
    ) {
        let time = time(at: now)
        (start, base) = (now, time)
        self.frequency = min(max(frequency, -Self.largestSlew), Self.largestSlew)
        self.uncertainty = uncertainty
        let least = offset.magnitude &* (1_000_000_000 / UInt64(Self.largestSlew))
        let length = max(duration.nanoseconds, least, 1000)
        // In thousandths of the length, so that hours fit.
        slew = offset &* 1_000_000 / Int64(max(length / 1000, 1))
        end = now + .nanoseconds(length)
    }
}
