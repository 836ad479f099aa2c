import Interfaces

@testable import NTP

/// Servers on a network with delays, and a host whose crystal is wrong, in virtual time.
struct SimulatedServers {
    /// What a server does.
    struct Server {
        /// How far its clock is from the truth, in nanoseconds.
        var error: Int64 = 0
        /// Of a thousand requests so many are not answered.
        var loss: UInt64 = 0
        var stratum: UInt8 = 2
        var leap: UInt8 = 0
        var reference: UInt32 = 0
        /// Up to this a packet is late, each way, in nanoseconds.
        var jitter: UInt64 = 1_000_000
    }

    var servers: [Server]
    /// How much faster the host's monotonic time goes than the truth, in parts of 10^9.
    var skew: Int64 = 0
    /// The truth at monotonic time 0.
    var epoch: UInt64 = 1_795_651_200_000_000_000
    var clock = SteeredClock()
    var client: NTPClient
    var now = Instant(nanoseconds: 1_000_000_000)
    private var state: UInt64

    init(_ servers: [Server], skew: Int64 = 0, seed: UInt64 = 1) {
        self.servers = servers
        self.skew = skew
        state = seed
        client = NTPClient(servers: servers.count, now: now)
    }

    mutating func random() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) << 32 | state >> 32
    }

    /// The truth at a monotonic time.
    func truth(_ instant: Instant) -> UInt64 {
        let elapsed = Int64(instant.nanoseconds)
        return epoch + UInt64(elapsed - elapsed / 1_000_000_000 * skew)
    }

    /// How wrong the clock is, in nanoseconds; nil while it is not set.
    var error: Int64? {
        clock.isSet ? Int64(bitPattern: clock.time(at: now) &- truth(now)) : nil
    }

    /// Lets `seconds` pass. Calls `each` after each answer.
    mutating func run(_ seconds: UInt64, each: (SimulatedServers) -> Void = { _ in }) {
        let end = now + .seconds(seconds)
        while client.deadline <= end {
            now = max(now, client.deadline)
            for index in servers.indices {
                if let request = client.request(to: index, random: random(), clock: clock, now: now) {
                    answer(request, index)
                    each(self)
                }
            }
        }
        now = end
    }

    private mutating func answer(_ request: NTPPacket, _ index: Int) {
        let server = servers[index]
        if random() % 1000 < server.loss { return }
        let there = now + .nanoseconds(5_000_000 + random() % max(server.jitter, 1))
        let back = there + .nanoseconds(50_000)
        let arrival = back + .nanoseconds(5_000_000 + random() % max(server.jitter, 1))
        var packet = NTPPacket(request: NTPTimestamp(bits: 0))
        packet.mode = 4
        packet.stratum = server.stratum
        packet.leap = server.leap
        packet.reference = server.reference
        packet.precision = -20
        packet.origin = request.transmit
        packet.receive = NTPTimestamp(nanosecondsSince1970: truth(there) &+ UInt64(bitPattern: server.error))
        packet.transmit = NTPTimestamp(nanosecondsSince1970: truth(back) &+ UInt64(bitPattern: server.error))
        now = arrival
        let bytes = packet.encoded
        client.receive(bytes.span.bytes, from: index, clock: &clock, now: now)
    }
}
