import Interfaces
import Testing

@testable import Network

@Suite struct RecoveryTests {
    /// Sends `count` full segments of 100 octets and gives them.
    func burst(_ bench: Bench, _ count: Int) -> [OutgoingSegment] {
        bench.connection.limitSegmentSize(to: 100)
        return bench.write(100 * count)
    }

    func sack(_ ranges: (Int, Int)...) -> TCPOptions {
        var options = TCPOptions()
        for (start, end) in ranges {
            options.sack.append(SequenceRange(SequenceNumber(5001) + start, SequenceNumber(5001) + end))
        }
        return options
    }

    @Test func `RFC 6675: three reported segments behind a hole repair it at once`() {
        let bench = Bench(.established)
        #expect(burst(bench, 8).count == 8)
        let una = SequenceNumber(5001)
        #expect(bench.give(.ack, bench.next, una, options: sack((100, 200))).isEmpty)
        #expect(bench.give(.ack, bench.next, una, options: sack((100, 300))).isEmpty)
        let repaired = bench.give(.ack, bench.next, una, options: sack((100, 400)))
        #expect(repaired.first?.header.sequence == una && repaired.first?.payloadCount == 100)
        bench.give(.ack, bench.next, SequenceNumber(5801))
        #expect(!bench.isRecovering && bench.flight == 0)
    }

    @Test func `RFC 6675: only what is missing is sent again`() {
        let bench = Bench(.established)
        _ = burst(bench, 10)
        let sent = bench.give(
            .ack, bench.next, SequenceNumber(5001), options: sack((700, 1000), (400, 500), (100, 200)))
        var again = sent.map { $0.header.sequence - SequenceNumber(5001) }
        for _ in 0..<5 {
            again += bench.give(
                .ack, bench.next, SequenceNumber(5001),
                options: sack((700, 1000), (400, 500), (100, 200))
            ).map { $0.header.sequence - SequenceNumber(5001) }
        }
        #expect(again.prefix(1) == [0])
        #expect(Set(again).isDisjoint(with: [100, 400, 700, 800, 900]))
        #expect(again.count == Set(again).count)
    }

    @Test func `RFC 6675: a lost end is sent again once without waiting for the timer`() {
        let bench = Bench(.established)
        _ = burst(bench, 10)
        let start = bench.now
        var again: [Int] = []
        for count in 1...6 {
            let reported = sack((100, 200 + 100 * count))
            again += bench.give(.ack, bench.next, SequenceNumber(5001), options: reported).map {
                $0.header.sequence - SequenceNumber(5001)
            }
        }
        #expect(again == [0, 900] && bench.now == start)
    }

    @Test(arguments: [(1_347_748_040, -1_011_482_424), (500, 500), (700, 500), (900, 1100), (-200, 300), (-300, -200)])
    func `a reported range that was never under way is ignored`(_ start: Int, _ end: Int) {
        let bench = Bench(.established)
        _ = burst(bench, 10)
        let answer = bench.give(.ack, bench.next, SequenceNumber(5001), options: sack((start, end)))
        #expect(answer.isEmpty && !bench.isRecovering)
        let next = bench.give(.ack, bench.next, SequenceNumber(5101), options: sack((start, end)))
        #expect(next.isEmpty)
    }

    @Test func `RFC 6582: without SACK three duplicates repair, and partial acknowledgements repair the next`() {
        let bench = Bench(.established) { $0.offersSACK = false }
        _ = burst(bench, 8)
        let una = SequenceNumber(5001)
        for _ in 0..<2 { #expect(bench.give(.ack, bench.next, una).isEmpty) }
        #expect(bench.give(.ack, bench.next, una).first?.header.sequence == una)
        #expect(bench.give(.ack, bench.next, una + 300).first?.header.sequence == una + 300)
        bench.give(.ack, bench.next, una + 800)
        #expect(!bench.isRecovering)
    }

    @Test func `RFC 1191: a path that carries less gets what is under way again at once, in smaller segments`() {
        let bench = Bench(.established)
        let una = SequenceNumber(5001)
        #expect(bench.write(4000).map(\.payloadCount) == [1460, 1460])
        let window = bench.congestionWindow
        let isUnderWay = [una - 1, una, una + 2919, una + 2920].map { bench.isUnderWay($0) }
        #expect(isUnderWay == [false, true, true, false])
        bench.connection.limitSegmentSize(to: 500)
        let again = bench.poll()
        #expect(again.first?.header.sequence == una && again.allSatisfy { $0.payloadCount <= 500 })
        #expect(again.prefix(6).reduce(0) { $0 + $1.payloadCount } == 2920)
        #expect(bench.congestionWindow == window)
        bench.give(.ack, bench.next, una + 2920)
        #expect(!bench.isRecovering)
    }

    @Test func `RFC 6298: the timeout doubles, and the connection fails in the end`() {
        let bench = Bench(.established) { $0.offersSACK = false }
        _ = burst(bench, 1)
        var times: [UInt64] = []
        var last = bench.now
        while bench.connection.state != .closed, times.count < 50 {
            let sent = bench.wait()
            if !sent.isEmpty { times.append((bench.now - last).nanoseconds / 1_000_000) }
            last = bench.now
        }
        #expect(times.count > 5)
        for index in 1..<(times.count - 1) where times[index] < 60_000 {
            #expect(times[index] >= times[index - 1] * 2 - 1)
        }
        #expect(bench.connection.error == .timedOut)
    }

    @Test func `RFC 8985 section 7: a lost tail is probed before the timeout`() {
        let bench = Bench(.established)
        _ = burst(bench, 4)
        bench.now = bench.now + .milliseconds(20)
        bench.give(.ack, bench.next, SequenceNumber(5101))
        let start = bench.now
        let probe = bench.wait()
        #expect(probe.first?.header.sequence == SequenceNumber(5301))
        #expect(bench.now - start < .milliseconds(100))
        let repaired = bench.give(.ack, bench.next, SequenceNumber(5101), options: sack((300, 400)))
        #expect(repaired.isEmpty || repaired[0].header.sequence == SequenceNumber(5101))
    }

    @Test func `a single loss in a long transfer costs no timeout`() {
        for congestion in [CongestionAlgorithm.cubic, .newReno] {
            let simulated = link(LinkFaults(), Workload(total: 400_000), Workload(), seed: 4) { configuration, _ in
                configuration.congestion = congestion
            }
            var count = 0
            simulated.filter = { fromLeft, segment in
                guard fromLeft, segment.payloadCount > 0 else { return true }
                count += 1
                return count != 60
            }
            #expect(simulated.run())
            #expect(isComplete(simulated), story(simulated))
            #expect(simulated.now < Instant(nanoseconds: 900_000_000), story(simulated))
        }
    }

    @Test func `RFC 5681: the window doubles each round trip at first and halves at a loss`() {
        var reno = NewReno(window: 14_600, segmentSize: 1460)
        for _ in 0..<10 { reno.acknowledged(1460, roundTrip: .milliseconds(10), now: Instant(nanoseconds: 0)) }
        #expect(reno.window == 29_200)
        reno.lost(flight: 29_200)
        #expect(reno.window == 14_600 && reno.threshold == 14_600)
        for _ in 0..<10 { reno.acknowledged(1460, roundTrip: .milliseconds(10), now: Instant(nanoseconds: 0)) }
        #expect(reno.window == 16_060)
        reno.timedOut(flight: 16_060, isFirst: true)
        #expect(reno.window == 1460 && reno.threshold == 8030)
    }

    @Test func `RFC 9438: after a loss the window returns to its plateau after K, slowly, then beyond`() {
        var cubic = Cubic(window: 1_460_000, segmentSize: 1460)
        cubic.lost(flight: 1_460_000)
        #expect(cubic.window == 1_022_000)
        // K is the cube root of 300 segments / 0.4 per cubic second: 9.09 s.
        var now = Instant(nanoseconds: 1_000_000_000)
        var windows: [Int] = []
        for _ in 0..<150 {
            cubic.acknowledged(cubic.window, roundTrip: .milliseconds(100), now: now)
            now = now + .milliseconds(100)
            windows.append(cubic.window)
        }
        #expect(abs(windows[91] - 1_460_000) < 20_000)
        #expect(windows[149] > 1_500_000)
        #expect(zip(windows, windows.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test(arguments: [0, 1, 7, 8, 26, 27, 1_000_000_000, 9_000_000_000_000_000_000] as [UInt64])
    func `the cube root is the largest number below`(_ value: UInt64) {
        let root = Cubic.cubeRoot(value)
        #expect(root * root * root <= value)
        #expect(root > 2_000_000 || (root + 1) * (root + 1) * (root + 1) > value)
    }
}
