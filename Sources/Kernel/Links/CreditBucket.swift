import Interfaces

/// Bytes that may pass, which time refills.
struct CreditBucket {
    private let nanosecondsPerByte: UInt64
    private let bitsPerSecond: UInt64
    private let burst: Int64
    private var credit: Int64
    private var last: Instant
    /// When it opens for somebody who found it closed; `.never` when nobody did.
    private(set) var wanted = Instant.never

    init(bitsPerSecond: UInt64, burst: Int, now: Instant) {
        precondition(
            (1000...10_000_000_000).contains(bitsPerSecond), "a link passes 1,000 to 10,000,000,000 bits a second")
        precondition(burst >= 1518, "a burst holds a frame: 1518 bytes at least")
        self.bitsPerSecond = bitsPerSecond
        nanosecondsPerByte = max(8_000_000_000 / bitsPerSecond, 1)
        self.burst = Int64(burst)
        credit = Int64(burst)
        last = now
    }

    /// Whether a frame may pass at `now`; if not, `wanted` is when.
    mutating func isOpen(_ now: Instant) -> Bool {
        refill(now)
        if credit > 0 {
            wanted = .never
            return true
        }
        wanted = now + .nanoseconds(UInt64(1 - credit) * nanosecondsPerByte)
        return false
    }

    /// A frame of `count` bytes has passed.
    mutating func take(_ count: Int) {
        credit -= Int64(count)
    }

    private mutating func refill(_ now: Instant) {
        // After a rest of more than a second the bucket is as full as the rate fills it in one.
        let elapsed = min((now - last).nanoseconds, 1_000_000_000)
        let bytes = elapsed * bitsPerSecond / 8_000_000_000
        guard bytes > 0 else { return }
        credit = min(credit + Int64(bytes), burst)
        // What is less than a byte counts the next time.
        let remainder = elapsed - min(bytes * 8_000_000_000 / bitsPerSecond, elapsed)
        last = Instant(nanoseconds: now.nanoseconds - remainder)
    }
}
