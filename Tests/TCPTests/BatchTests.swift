import Interfaces
import Testing

@testable import Network

/// What a stack does that hands over a batch of frames and polls once, except where it must not wait.
@Suite struct BatchTests {
    let first = SequenceNumber(5001)

    /// Hands over data segments of 100 octets at `offsets` as one batch; gives what is sent.
    private func batch(_ bench: Bench, _ offsets: [Int]) -> (sent: [OutgoingSegment], early: Int) {
        var (sent, early): ([OutgoingSegment], Int) = ([], 0)
        let payload = [UInt8](repeating: 1, count: 100)
        for offset in offsets {
            let header = SegmentHeader(
                sequence: bench.next + offset, acknowledgement: first, flags: .ack, window: 60000)
            bench.connection.receive(header, payload: payload.span.bytes, now: bench.now)
            if bench.connection.mustPollAtOnce {
                early += 1
                sent += bench.poll()
            }
        }
        return (sent + bench.poll(), early)
    }

    @Test func `data in order waits for the end of the batch and is acknowledged once`() {
        let bench = Bench(.established)
        let (sent, early) = batch(bench, (0..<32).map { $0 * 100 })
        #expect(early == 0 && sent.count == 1)
        #expect(sent.first?.header.acknowledgement == bench.next + 3200)
    }

    @Test func `RFC 5681 section 4.2: each segment behind a gap is answered by itself`() {
        let bench = Bench(.established)
        let (sent, early) = batch(bench, [0, 200, 300, 400, 500])
        #expect(early == 4 && sent.count == 4)
        #expect(sent.allSatisfy { $0.header.acknowledgement == bench.next + 100 })
        let filled = batch(bench, [100])
        #expect(filled.early == 1 && filled.sent.first?.header.acknowledgement == bench.next + 600)
    }

    @Test func `a repeated segment and a FIN are answered at once`() {
        let bench = Bench(.established)
        #expect(batch(bench, [0, 0, 0]).early == 2)
        let fin = SegmentHeader(
            sequence: bench.next + 100, acknowledgement: first, flags: [.ack, .fin], window: 60000)
        bench.connection.receive(fin, payload: RawSpan(), now: bench.now)
        #expect(bench.mustPollAtOnce)
    }

    @Test func `the third duplicate acknowledgement asks for the fast retransmission at once`() {
        let bench = Bench(.established) { $0.offersSACK = false }
        bench.connection.limitSegmentSize(to: 100)
        bench.write(800)
        let duplicate = SegmentHeader(sequence: bench.next, acknowledgement: first, flags: .ack, window: 60000)
        for count in 1...3 {
            bench.connection.receive(duplicate, payload: RawSpan(), now: bench.now)
            #expect(bench.mustPollAtOnce == (count == 3))
        }
        #expect(bench.poll().first?.header.sequence == first)
    }

    @Test(arguments: [true, false])
    func `RFC 5681 section 3.1: each acknowledgement of a batch lets the window grow`(offersSACK: Bool) {
        let bench = Bench(.established) { $0.offersSACK = offersSACK }
        let window = bench.connection.congestion.window
        let sent = bench.write(60000)
        var end = first
        for segment in sent {
            end = end + segment.payloadCount
            let header = SegmentHeader(sequence: bench.next, acknowledgement: end, flags: .ack, window: 60000)
            bench.connection.receive(header, payload: RawSpan(), now: bench.now)
        }
        #expect(sent.count > 5 && bench.connection.congestion.window == window + (end - first))
    }

    @Test func `RFC 7661: a window that nobody fills does not grow`() {
        let bench = Bench(.established)
        let window = bench.connection.congestion.window
        for round in 1...10 {
            bench.write(100)
            let header = SegmentHeader(
                sequence: bench.next, acknowledgement: first + 100 * round, flags: .ack, window: 60000)
            bench.connection.receive(header, payload: RawSpan(), now: bench.now)
        }
        #expect(bench.connection.congestion.window == window)
    }
}
