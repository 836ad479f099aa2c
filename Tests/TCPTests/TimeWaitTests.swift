import Interfaces
import Testing

@testable import Network

@Suite struct TimeWaitTests {
    let next = SequenceNumber(1002)

    /// A connection in TIME-WAIT whose last timestamp from the other end was 1000, if it has timestamps.
    private func bench(timestamps: Bool) -> Bench {
        let bench = Bench(.listen) { $0.offersTimestamps = timestamps }
        var options = TCPOptions()
        if timestamps { options.timestamps = TCPTimestamps(value: 1000, echo: 0) }
        bench.give(.syn, SequenceNumber(1000), SequenceNumber(0), options: options)
        bench.give(.ack, SequenceNumber(1001), SequenceNumber(5001), options: options)
        bench.connection.close()
        _ = bench.poll()
        bench.give([.fin, .ack], SequenceNumber(1001), SequenceNumber(5002), options: options)
        return bench
    }

    private func record(timestamps: Bool) throws -> TimeWaitRecord {
        try #require(bench(timestamps: timestamps).record)
    }

    @Test func `the record is small and only TIME-WAIT has one`() throws {
        #expect(MemoryLayout<TimeWaitRecord>.size < 64)
        #expect(Bench(.established).record == nil)
        let bench = bench(timestamps: false)
        #expect(try #require(bench.record).deadline == bench.now + .seconds(60))
    }

    @Test(
        arguments: [
            ([.syn], 1, 1001, true), ([.syn], 1, 1000, true), ([.syn], 1, 999, false), ([.syn], -5, 1001, true),
            ([.syn], -5, 1000, false), ([.syn, .ack], 1, 1001, false),
        ] as [(TCPFlags, Int, UInt32, Bool)])
    func `RFC 6191: a SYN with a newer timestamp, or the same and a higher number, opens again`(
        _ flags: TCPFlags, _ offset: Int, _ timestamp: UInt32, _ opens: Bool
    ) throws {
        var record = try record(timestamps: true)
        var header = SegmentHeader(sequence: next + offset, flags: flags)
        header.options.timestamps = TCPTimestamps(value: timestamp, echo: 0)
        switch record.receive(header, payloadCount: 0, now: Instant(nanoseconds: 2_000_000_000)) {
        case .reopen(let number): #expect(opens && number == SequenceNumber(5003))
        case .reply(let answer):
            #expect(!opens && answer.flags == .ack && answer.acknowledgement == next)
            #expect(answer.sequence == SequenceNumber(5002) && answer.options.timestamps?.echo == 1000)
        default: Issue.record("neither opened nor answered")
        }
    }

    @Test(arguments: [(1, true), (0, false), (-100, false)])
    func `without timestamps a SYN needs a higher number`(_ offset: Int, _ opens: Bool) throws {
        var record = try record(timestamps: false)
        let header = SegmentHeader(sequence: next + offset, flags: .syn)
        guard case .reopen = record.receive(header, payloadCount: 0, now: Instant(nanoseconds: 0)) else {
            #expect(!opens)
            return
        }
        #expect(opens)
    }

    @Test func `a repeated FIN is acknowledged and waits as long again; old data is acknowledged; silence otherwise`()
        throws
    {
        var record = try record(timestamps: false)
        let now = Instant(nanoseconds: 30_000_000_000)
        var header = SegmentHeader(sequence: next - 1, acknowledgement: SequenceNumber(5002), flags: [.fin, .ack])
        guard case .reply = record.receive(header, payloadCount: 0, now: now) else {
            Issue.record("the FIN was not answered")
            return
        }
        #expect(record.deadline == now + .seconds(60))
        header.flags = .ack
        guard case .reply = record.receive(header, payloadCount: 10, now: now) else {
            Issue.record("data was not answered")
            return
        }
        header.sequence = next
        guard case .drop = record.receive(header, payloadCount: 0, now: now) else {
            Issue.record("an acknowledgement was answered")
            return
        }
        header.flags = .rst
        guard case .end = record.receive(header, payloadCount: 0, now: now) else {
            Issue.record("a reset did not end it")
            return
        }
    }

    @Test func `answers are limited to ten a second`() throws {
        var record = try record(timestamps: false)
        let header = SegmentHeader(sequence: next, acknowledgement: SequenceNumber(5002), flags: .ack)
        var answers = 0
        for _ in 0..<100 {
            if case .reply = record.receive(header, payloadCount: 5, now: Instant(nanoseconds: 9)) { answers += 1 }
        }
        #expect(answers == 10)
    }
}
