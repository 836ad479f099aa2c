import Interfaces
import Testing

@testable import Network

/// Nothing that is not accepted says anything about the connection.
@Suite struct AcceptanceTests {
    /// An established connection with timestamps, whose other end counts from 100.
    private func bench() -> Bench {
        let bench = Bench(.listen) { $0.offersTimestamps = true }
        bench.give(.syn, SequenceNumber(1000), SequenceNumber(0), options: options(100))
        bench.give(.ack, bench.next, SequenceNumber(5001), options: options(100))
        return bench
    }

    private func options(_ value: UInt32) -> TCPOptions {
        var options = TCPOptions()
        options.maximumSegmentSize = 1460
        options.timestamps = TCPTimestamps(value: value, echo: 0)
        return options
    }

    @Test func `RFC 5961 section 5.2: the timestamp of a segment that acknowledges what was not sent is not kept`() {
        let bench = bench()
        bench.give(.ack, bench.next, SequenceNumber(5001), length: 700, options: options(101))
        bench.next = bench.next + 700
        let forged = bench.give(
            .ack, bench.next - 700, SequenceNumber(5001) + (1 << 30), length: 1400, options: options(500_000_101))
        #expect(answer(forged) == .acknowledgement)
        #expect(forged.first?.header.options.timestamps?.echo == 101)
        bench.give(.ack, bench.next, SequenceNumber(5001), length: 10, options: options(102))
        #expect(bench.connection.readableCount == 710)
    }

    @Test func `a segment outside the window is no sign of life`() {
        let bench = Bench(.established) {
            $0.keepAlive = KeepAlive(idle: .seconds(10), interval: .seconds(2), count: 3)
        }
        let start = bench.now
        bench.now = start + .seconds(9)
        bench.give(.ack, bench.next - 100_000, SequenceNumber(5001), length: 10)
        #expect(bench.wait().first?.header.sequence == SequenceNumber(5000) && bench.now == start + .seconds(10))
    }

    @Test func `RFC 5961 section 4.2: a SYN without timestamps is challenged on a connection that has them`() {
        let bench = bench()
        #expect(answer(bench.give(.syn, bench.next, SequenceNumber(0))) == .acknowledgement)
        #expect(bench.connection.state == .established)
        #expect(bench.give(.ack, bench.next, SequenceNumber(5001), length: 10).isEmpty)
    }

    @Test func `RFC 7323 section 3.2: a reset has timestamps as well`() {
        let bench = bench()
        bench.connection.abort()
        let reset = bench.poll()
        #expect(answer(reset) == .reset && reset.first?.header.options.timestamps?.echo == 100)
    }

    @Test func `RFC 9293 section 3.10.7.3: data that comes with the SYN and ACK is kept`() {
        let bench = Bench(.synSent)
        bench.give([.syn, .ack], SequenceNumber(1000), SequenceNumber(5001), length: 7)
        #expect(bench.connection.state == .established && bench.connection.readableCount == 7)
    }

    @Test func `RFC 2018 section 8: after a timeout the left edge goes again, though it was reported once`() {
        let bench = Bench(.established)
        bench.connection.limitSegmentSize(to: 1000)
        #expect(bench.write(3000).count == 3)
        let first = SequenceNumber(5001)
        var report = TCPOptions()
        report.sack.append(SequenceRange(first + 1000, first + 2000))
        _ = bench.give(.ack, bench.next, first, options: report)
        _ = bench.give(.ack, bench.next, first + 1000)
        var again: [OutgoingSegment] = []
        for _ in 0..<4 where !again.contains(where: { $0.header.sequence == first + 1000 }) { again = bench.wait() }
        let sent = again.first { $0.header.sequence == first + 1000 }
        #expect(sent?.payloadCount == 1000 && bench.connection.send.unacknowledged == first + 1000)
    }

    @Test(arguments: [100, 300, 536, 1220, 1460])
    func `a cookie remembers no more than the other end takes`(_ size: UInt16) {
        var syn = SegmentHeader(sequence: SequenceNumber(77), flags: .syn)
        syn.options.maximumSegmentSize = size
        let flow: [UInt8] = [1, 2, 3]
        let key = SecretKey(1, 2)
        let now = Instant(nanoseconds: 1_000_000_000)
        let cookie = SYNCookie.make(for: syn, flow: flow.span.bytes, key: key, now: now)
        let header = SegmentHeader(sequence: SequenceNumber(78), acknowledgement: cookie + 1, flags: .ack)
        let found = SYNCookie.check(header, flow: flow.span.bytes, key: key, now: now)
        #expect(found.map { $0 <= size && $0 >= 48 } == true)
        if size >= 536 { #expect(found == size) }
    }
}
