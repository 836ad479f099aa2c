import Interfaces
import NTP
import Network
import TaskBench
import Testing

@testable import Links
@testable import Runtime

/// How long a board has been on: a day, a hundred days, ten years, a century, and an hour before 64 bits of nanoseconds end.
private let uptimes: [UInt64] =
    [0, 86_400, 100 * 86_400, 3_650 * 86_400, 36_500 * 86_400].map { $0 * 1_000_000_000 } + [
        .max - 3_600_000_000_000
    ]

/// Whatever turns a time into something else does it as well after years as at the start.
@Suite(.serialized) struct TimeConversionTests {
    @Test(arguments: [54_000_000, 62_500_000, 19_200_000, 1_000_000_000] as [UInt64], uptimes)
    func `counts become the time that they take`(frequency: UInt64, uptime: UInt64) {
        VirtualProcessor.run(frequency: frequency) {
            let exact = UInt128(uptime)
            let count = UInt64(clamping: (exact * UInt128(frequency) + 999_999_999) / 1_000_000_000)
            let error = Int128(SystemTime.nanoseconds(count)) - Int128(exact)
            // A crystal is right to a millionth; this, to 20 parts of 10^12, and to a count.
            #expect(error.magnitude <= exact / 50_000_000_000 + 1_000_000_000 / UInt128(frequency) + 1)
            // The counter's own end is no fault and no step back.
            #expect(SystemTime.nanoseconds(.max) >= SystemTime.nanoseconds(.max - 1))
            #expect(SystemTime.nanoseconds(.max) >= SystemTime.nanoseconds(count))
        }
    }

    @Test(arguments: uptimes)
    func `shares of an uptime are right`(uptime: UInt64) {
        let whole = max(uptime, 1000)
        for (share, text) in [(1, "0.1 %"), (250, "25.0 %"), (999, "99.9 %"), (1000, "100.0 %")] as [(UInt64, String)] {
            let part = UInt64((UInt128(whole) * UInt128(share) + 999) / 1000)
            #expect(String(decoding: ("\(part, percentOf: whole)" as Text).bytes, as: UTF8.self) == text)
        }
    }

    @Test(arguments: uptimes)
    func `what passes in a second does not depend on the uptime`(uptime: UInt64) {
        let start = Instant(nanoseconds: uptime)
        var limit = RateLimit(perSecond: 100, burst: 20)
        var bucket = CreditBucket(bitsPerSecond: 100_000_000, burst: 3000, now: start)
        var (answers, octets) = (0, 0)
        for step in 0..<100_000 as Range<UInt64> {
            let now = start + .microseconds(step * 100)
            if limit.take(now: now) { answers += 1 }
            while bucket.isOpen(now) {
                bucket.take(1500)
                octets += 1500
            }
            #expect(bucket.wanted > now && bucket.wanted < now + .milliseconds(1))
        }
        // Those of ten seconds, and what was there at the start.
        #expect((1018...1020).contains(answers))
        #expect((124_999_000...125_004_000).contains(octets))
    }

    @Test(arguments: uptimes)
    func `a steered clock goes on at its rate`(uptime: UInt64) throws {
        let start = Instant(nanoseconds: uptime)
        let date: UInt64 = 1_800_000_000_000_000_000
        var clock = SteeredClock()
        clock.set(date, uncertainty: .milliseconds(1), at: start)
        clock.steer(by: -250_000, over: .seconds(16), frequency: 37_500, uncertainty: .milliseconds(1), at: start)
        for age in [3600, 86_400, 3_650 * 86_400] as [UInt64] {
            let now = start + .seconds(age)
            let elapsed = UInt128((now - start).nanoseconds)
            let exact = UInt128(date) + elapsed + elapsed * 37_500 / 1_000_000_000 - 250_000
            #expect((Int128(clock.time(at: now)) - Int128(exact)).magnitude <= 2)
            let doubt = try #require(clock.reading(at: now)).uncertainty
            #expect(doubt >= .milliseconds(1) && doubt < .seconds(24 * 3600))
        }
    }

    @Test(arguments: [0, 1, 2_085_978_495, 2_085_978_496, 2_524_608_000, 4_294_967_295] as [UInt64])
    func `times of the network's clock come back, whatever their era`(seconds: UInt64) {
        for rest in [0, 1, 999_999_999] as [UInt64] {
            let time = seconds * 1_000_000_000 + rest
            let back = NTPTimestamp(nanosecondsSince1970: time).nanosecondsSince1970
            #expect(time - min(back, time) <= 1 && back <= time)
        }
    }

    @Test(arguments: uptimes)
    func `a deadline is kept, or is never, and is not passed at once`(uptime: UInt64) {
        let now = Instant(nanoseconds: uptime)
        for interval in [.nanoseconds(1), .seconds(1), .seconds(600_000_000), .seconds(.max)] as [Interval] {
            let deadline = now + interval
            #expect(deadline > now)
            #expect(deadline == .never || deadline - now == interval)
            #expect(now - deadline == .nanoseconds(0))
        }
    }
}
