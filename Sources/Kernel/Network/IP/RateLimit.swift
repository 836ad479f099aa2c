import Interfaces

/// A bucket of tokens: so many at once, and so many a second after that (RFC 1812 section 4.3.2.8).
public struct RateLimit: Sendable {
    private let burst: UInt64
    private let interval: UInt64
    private var tokens: UInt64
    private var filled = Instant(nanoseconds: 0)

    /// `burst` at once, `perSecond` on average.
    public init(perSecond: Int, burst: Int) {
        precondition(perSecond > 0 && burst > 0, "a rate limit lets something through")
        self.burst = UInt64(burst)
        interval = 1_000_000_000 / UInt64(perSecond)
        tokens = UInt64(burst)
    }

    /// Whether one more may go at `now`.
    public mutating func take(now: Instant) -> Bool {
        let earned = (now - filled).nanoseconds / max(interval, 1)
        if earned > 0 {
            // A full bucket earns nothing; time that was too short for a token counts on.
            tokens = min(burst, tokens &+ min(earned, burst))
            filled = tokens == burst ? now : filled + .nanoseconds(earned * interval)
        }
        guard tokens > 0 else { return false }
        tokens -= 1
        return true
    }
}
