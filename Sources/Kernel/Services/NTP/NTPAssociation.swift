import Interfaces

/// A server that is asked for the time.
struct NTPAssociation {
    /// The exponents of the shortest and longest interval between two requests, in seconds: 64 s and 1,024 s.
    static let shortestPoll = 6
    static let longestPoll = 10
    /// Requests that are sent 2 s apart at the beginning.
    static let burst = 4

    var filter = ClockFilter()
    /// A bit for each of the last eight requests, set where it was answered.
    private(set) var reach: UInt8 = 0
    private(set) var poll = Self.shortestPoll
    private(set) var nextRequest: Instant
    /// Whether the server has asked not to be asked any more.
    private(set) var isRefused = false
    private(set) var stratum: UInt8 = 16
    /// How often it was asked.
    private(set) var requests = 0
    private var burst = Self.burst
    private var pending: (cookie: NTPTimestamp, sent: UInt64, time: Instant)?
    private var rootDelay: UInt64 = 0
    private var rootDispersion: UInt64 = 0

    init(first: Instant) { nextRequest = first }

    /// The request that is due at `now`. `cookie` is a number nobody can guess, `clock` what ours shows.
    mutating func request(_ cookie: NTPTimestamp, clock: UInt64, now: Instant) -> NTPPacket? {
        guard !isRefused, now >= nextRequest else { return nil }
        reach <<= 1
        requests += 1
        pending = (cookie, clock, now)
        if burst > 0 { burst -= 1 }
        let seconds = burst > 0 ? 2 : UInt64(1) << UInt64(poll)
        // Not in step with others, and not at a time that somebody else can know.
        let spread = seconds > 2 ? Interval.milliseconds(cookie.bits % (seconds * 1000 / 16)) : .milliseconds(0)
        nextRequest = now + .seconds(seconds) + spread
        return NTPPacket(request: cookie)
    }

    /// Takes an answer that arrived at `now`, when our clock showed `clock`.
    /// - Returns: whether it was a time.
    mutating func receive(_ packet: NTPPacket, clock: UInt64, now: Instant) -> Bool {
        // Not from a server, to another request, or again: nothing that was asked for.
        guard packet.mode == 4, let request = pending, packet.origin == request.cookie, request.cookie.bits != 0 else {
            return false
        }
        pending = nil
        if packet.stratum == 0 {
            refuse(packet.reference)
            return false
        }
        guard packet.leap != 3, packet.stratum < 16, packet.receive.bits != 0, packet.transmit.bits != 0,
            packet.rootDelay.nanoseconds / 2 + packet.rootDispersion.nanoseconds < 16_000_000_000,
            let sample = ClockSample(packet, sent: request.sent, arrived: clock, at: now)
        else { return false }
        reach |= 1
        stratum = packet.stratum
        rootDelay = packet.rootDelay.nanoseconds
        rootDispersion = packet.rootDispersion.nanoseconds
        filter.add(sample)
        return true
    }

    /// A kiss of death (RFC 5905, section 7.4): RATE asks for longer intervals, the others for silence.
    private mutating func refuse(_ code: UInt32) {
        burst = 0
        if code == 0x5241_5445 { return poll = min(poll + 2, Self.longestPoll) }
        if code == 0x4445_4E59 || code == 0x5253_5452 { isRefused = true }
    }

    /// A clock that is steady may be asked less often, one that is not more.
    mutating func adjustPoll(isSteady: Bool) {
        poll = isSteady ? min(poll + 1, Self.longestPoll) : max(poll - 1, Self.shortestPoll)
    }

    /// What it says at `now`; nil when it has not answered lately, or is too far from the truth (1.5 s, section 11.2.1).
    func candidate(_ index: Int, _ clock: borrowing SteeredClock, now: Instant) -> Candidate? {
        guard reach != 0, let best = filter.best(at: now) else { return nil }
        let jitter = filter.jitter(around: best, clock, at: now)
        // What is measured on a host's clock is never better than this.
        let distance = max(rootDelay + best.delay, 10_000) / 2 + rootDispersion + best.dispersion(at: now) + jitter
        guard distance < 1_500_000_000 else { return nil }
        return Candidate(
            server: index, offset: best.offset(from: clock, at: now), rootDistance: distance, jitter: jitter)
    }
}
