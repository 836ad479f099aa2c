import Interfaces

/// The time of day, once something has set it: `TimeService` asks servers.
public enum WallClock {
    /// What everybody reads.
    nonisolated(unsafe) private static var clock = SteeredClock()

    /// The time of day, with its uncertainty; nil while nobody has set it.
    public static var now: SteeredClock.Reading? { unsafe clock.reading(at: SystemTime.now) }

    /// Whole seconds since 1970; nil while nobody has set it.
    public static var seconds: UInt64? { now?.seconds }

    /// Calls `body` to set or steer the clock.
    public static func withClock<Result>(_ body: (inout SteeredClock) -> Result) -> Result { unsafe body(&clock) }
}
