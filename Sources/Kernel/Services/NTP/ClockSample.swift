import Interfaces

/// What an exchange with a server has told (RFC 5905, section 8).
///
/// Kept as what the server's clock showed at an instant of the monotonic time, which nobody steers: what our own clock does later does not
/// change what was measured.
public struct ClockSample: Equatable, Sendable {
    /// What the server's clock showed at `time`, in nanoseconds since 1970.
    var truth: UInt64
    /// How long the exchange was under way, in nanoseconds.
    var delay: UInt64
    /// What the measurement itself may be wrong by, in nanoseconds.
    var dispersion: UInt64
    /// When the answer arrived.
    var time: Instant

    /// The sample of an exchange that began when our clock showed `sent` and ended when it showed `arrived`, both in nanoseconds since 1970; nil
    /// when the server says that it took longer than the whole exchange.
    init?(_ packet: NTPPacket, sent: UInt64, arrived: UInt64, at time: Instant) {
        let (received, left) = (packet.receive.nanosecondsSince1970, packet.transmit.nanosecondsSince1970)
        guard arrived >= sent, left >= received else { return nil }
        let (own, theirs) = (arrived - sent, left - received)
        guard theirs <= own &+ 10_000_000 else { return nil }
        // A server on the same machine may be quicker than clocks resolve.
        delay = own > theirs ? own - theirs : 0
        truth = left &+ delay / 2
        dispersion =
            (UInt64(1_000_000_000) >> UInt64(min(max(-Int(packet.precision), 0), 30))) &+ own / 1_000_000_000
            &* SteeredClock.wander
        self.time = time
    }

    /// A sample as it is.
    init(truth: UInt64, delay: UInt64, dispersion: UInt64, time: Instant) {
        (self.truth, self.delay, self.dispersion, self.time) = (truth, delay, dispersion, time)
    }

    /// How far the server's clock is ahead of `clock` at `now`, if both have gone on at the rate of `clock` since.
    func offset(from clock: borrowing SteeredClock, at now: Instant) -> Int64 {
        let elapsed = (now - time).nanoseconds
        let drift = Int64(elapsed / 1_000_000) &* clock.frequency / 1000
        return Int64(bitPattern: truth &+ elapsed &- clock.time(at: now)) &+ drift
    }

    /// Whether both may be of one clock: an eighth of a second is more than any crystal drifts, and any queue differs, between two of them.
    func agrees(with other: ClockSample) -> Bool {
        Int64(bitPattern: truth &- time.nanoseconds &- other.truth &+ other.time.nanoseconds).magnitude
            < 128_000_000 &+ max(delay, other.delay)
    }

    /// The dispersion at `now`: it grows with age.
    func dispersion(at now: Instant) -> UInt64 {
        dispersion &+ (now - time).nanoseconds / 1_000_000 &* SteeredClock.wander / 1000
    }
}

/// The last eight samples of a server (RFC 5905, section 10): the one with the shortest delay is believed, for queues only ever add to it.
struct ClockFilter {
    private var samples: [ClockSample] = []
    static let capacity = 8

    mutating func add(_ sample: ClockSample) {
        // Two in a row that agree with each other and with nothing before: the server's clock was set, and what was measured before is no
        // longer true.
        if let last = samples.last, last.agrees(with: sample),
            samples.dropLast().allSatisfy({ !$0.agrees(with: sample) })
        {
            samples = [last]
        }
        if samples.count == Self.capacity { samples.removeFirst() }
        samples.append(sample)
    }

    /// The best sample at `now`.
    func best(at now: Instant) -> ClockSample? {
        samples.min { distance($0, now) < distance($1, now) }
    }

    private func distance(_ sample: ClockSample, _ now: Instant) -> UInt64 {
        sample.delay / 2 &+ sample.dispersion(at: now)
    }

    /// The mean difference of the other samples from `best`, in nanoseconds.
    func jitter(around best: ClockSample, _ clock: borrowing SteeredClock, at now: Instant) -> UInt64 {
        guard samples.count > 1 else { return 0 }
        let center = best.offset(from: clock, at: now)
        var sum: UInt64 = 0
        for sample in samples { sum &+= (sample.offset(from: clock, at: now) &- center).magnitude }
        return sum / UInt64(samples.count - 1)
    }
}
