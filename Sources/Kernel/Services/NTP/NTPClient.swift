import Interfaces

/// Keeps a clock right by asking several servers (RFC 5905), as a pure state machine: it is told the time and what arrives, and says
/// what is to be sent.
public struct NTPClient: Sendable {
    /// What a server is known as.
    public struct Status: Sendable {
        /// Whether it was answered lately.
        public let isReachable: Bool
        /// Whether what it says agrees with what most say.
        public let isBelieved: Bool
        /// How far it is from a clock of its own; 16 while unknown.
        public let stratum: UInt8
        /// How far its clock is ahead of ours, in nanoseconds.
        public let offset: Int64
        /// The longest that the truth may be from that, in nanoseconds.
        public let distance: UInt64
    }

    private var associations: [NTPAssociation]
    private var believed: [Int] = []
    private var lastUpdate: Instant?
    private var lastSample = Instant(nanoseconds: 0)
    /// How often the rate was corrected.
    private var rateUpdates = 0
    /// Answers that were none: forged, late, malformed, of a server without a clock.
    public private(set) var ignored: UInt64 = 0
    /// Times that the clock was set rather than steered.
    public private(set) var steps: UInt64 = 0

    /// A clock that is wrong by more than this is set, not steered (STEPT).
    static let stepThreshold: Int64 = 128_000_000

    /// A client of `count` servers, asked from `now` on.
    public init(servers count: Int, now: Instant) {
        associations = (0..<count).map { _ in NTPAssociation(first: now) }
    }

    /// When something is to be sent; `.never` for no servers.
    public var deadline: Instant {
        var next = Instant.never
        for association in associations where !association.isRefused { next = min(next, association.nextRequest) }
        return next
    }

    /// The request that is due to `server`. `random` are 64 bits that nobody can guess.
    public mutating func request(
        to server: Int, random: UInt64, clock: borrowing SteeredClock, now: Instant
    ) -> NTPPacket? {
        associations[server].request(NTPTimestamp(bits: random | 1), clock: clock.time(at: now), now: now)
    }

    /// Takes what came from `server` and arrived at `now`, and steers `clock` by it.
    public mutating func receive(_ bytes: RawSpan, from server: Int, clock: inout SteeredClock, now: Instant) {
        guard let packet = NTPPacket(parsing: bytes),
            associations[server].receive(packet, clock: clock.time(at: now), now: now)
        else {
            ignored &+= 1
            return
        }
        update(&clock, now)
    }

    private mutating func update(_ clock: inout SteeredClock, _ now: Instant) {
        var candidates: [Candidate] = []
        for (index, association) in associations.enumerated() {
            if let candidate = association.candidate(index, clock, now: now) { candidates.append(candidate) }
        }
        // The first time a majority of those that are asked, or what has answered after a while.
        if !clock.isSet, candidates.count * 2 <= associations.count, !hasWaited { return }
        let survivors = ClockSelection.truechimers(candidates)
        believed = survivors.map { $0.server }
        guard let (offset, distance) = ClockSelection.combine(survivors) else { return }
        // Of samples that the clock was steered by already nothing is learned.
        var newest = Instant(nanoseconds: 0)
        for survivor in survivors {
            if let best = associations[survivor.server].filter.best(at: now) { newest = max(newest, best.time) }
        }
        guard !clock.isSet || newest > lastSample else { return }
        lastSample = newest
        adjust(&clock, by: offset, distance, now)
    }

    /// Whether every server was asked three times.
    private var hasWaited: Bool { associations.allSatisfy { $0.requests >= 3 || $0.isRefused } }

    private mutating func adjust(_ clock: inout SteeredClock, by offset: Int64, _ distance: UInt64, _ now: Instant) {
        let elapsed = lastUpdate.map { (now - $0).nanoseconds } ?? 0
        lastUpdate = now
        if !clock.isSet || offset.magnitude > UInt64(Self.stepThreshold) {
            let time = clock.time(at: now) &+ UInt64(bitPattern: offset)
            clock.set(time, uncertainty: .nanoseconds(distance), at: now)
            steps &+= 1
            return
        }
        var frequency = clock.frequency
        // What is still to be added is known already, and no sign of a wrong rate.
        let error = offset &- clock.remainder(at: now)
        if elapsed > 15_000_000_000 {
            // Half of the error that has come about since, until the rate is roughly right; then an eighth, for noise is to count little.
            let rate = error &* 1_000_000 / Int64(elapsed / 1000)
            frequency += min(max(rate, -500_000), 500_000) / (rateUpdates < 4 ? 2 : 8)
            rateUpdates += 1
        }
        let isSteady = rateUpdates >= 4 && error.magnitude <= max(distance / 4, 100_000)
        for survivor in believed { associations[survivor].adjustPoll(isSteady: isSteady) }
        clock.steer(
            by: offset, over: .seconds(16), frequency: frequency, uncertainty: .nanoseconds(distance), at: now)
    }

    /// What is known of `server` at `now`.
    public func status(of server: Int, _ clock: borrowing SteeredClock, now: Instant) -> Status {
        let association = associations[server]
        let candidate = association.candidate(server, clock, now: now)
        return Status(
            isReachable: association.reach != 0, isBelieved: believed.contains(server), stratum: association.stratum,
            offset: candidate?.offset ?? 0, distance: candidate?.rootDistance ?? 0)
    }
}
