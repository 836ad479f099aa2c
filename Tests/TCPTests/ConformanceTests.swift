import Interfaces
import Testing

@testable import Network

/// A segment as the tables name it, relative to what the connection expects.
enum Arrival: CaseIterable {
    case resetAtNext, resetInWindow, resetOutside, synInWindow, withoutACK, acknowledgesUnsent, data, oldData, fin,
        urgent
}

/// What is sent back: nothing, an acknowledgement, or a reset.
enum Answer { case nothing, acknowledgement, reset }

/// Section 3.10.7.4 of RFC 9293 with RFC 5961: what comes of a segment in each synchronized state.
struct Row: Sendable {
    var arrival: Arrival
    var state: TCPState
    var after: TCPState
    var answer: Answer
}

let synchronized: [TCPState] = [.established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait]

let rows: [Row] = synchronized.flatMap { state -> [Row] in
    let takesData = state == .established || state == .finWait1 || state == .finWait2
    var afterFIN = state
    if state == .established { afterFIN = .closeWait }
    if state == .finWait1 { afterFIN = .closing }
    if state == .finWait2 { afterFIN = .timeWait }
    return [
        Row(arrival: .resetAtNext, state: state, after: .closed, answer: .nothing),
        Row(arrival: .resetInWindow, state: state, after: state, answer: .acknowledgement),
        Row(arrival: .resetOutside, state: state, after: state, answer: .nothing),
        Row(arrival: .synInWindow, state: state, after: state, answer: .acknowledgement),
        Row(arrival: .withoutACK, state: state, after: state, answer: .nothing),
        Row(arrival: .acknowledgesUnsent, state: state, after: state, answer: .acknowledgement),
        Row(arrival: .data, state: state, after: state, answer: .acknowledgement),
        Row(arrival: .urgent, state: state, after: state, answer: .acknowledgement),
        Row(arrival: .oldData, state: state, after: state, answer: .acknowledgement),
        Row(arrival: .fin, state: state, after: takesData ? afterFIN : state, answer: .acknowledgement),
    ]
}

func answer(_ segments: [OutgoingSegment]) -> Answer {
    if segments.contains(where: { $0.header.flags.contains(.rst) }) { return .reset }
    return segments.contains { $0.header.flags.contains(.ack) } ? .acknowledgement : .nothing
}

@Suite struct ConformanceTests {
    @Test(arguments: rows)
    func `RFC 9293 section 3.10.7.4: every segment in every synchronized state`(_ row: Row) {
        let bench = Bench(row.state)
        #expect(bench.connection.state == row.state)
        let next = bench.next
        let known = bench.connection.send.unacknowledged
        let sent: [OutgoingSegment]
        switch row.arrival {
        case .resetAtNext: sent = bench.give(.rst, next, known)
        case .resetInWindow: sent = bench.give(.rst, next + 1, known)
        case .resetOutside: sent = bench.give(.rst, next - 100, known)
        case .synInWindow: sent = bench.give(.syn, next, known)
        case .withoutACK: sent = bench.give([], next, known, length: 10)
        case .acknowledgesUnsent: sent = bench.give(.ack, next, known + 1000)
        case .data: sent = bench.give(.ack, next, known, length: 10)
        case .urgent: sent = bench.give([.ack, .urg], next, known, length: 10)
        case .oldData: sent = bench.give(.ack, next - 10, known, length: 10)
        case .fin: sent = bench.give([.ack, .fin], next, known)
        }
        #expect(bench.connection.state == row.after, "\(row)")
        #expect(answer(sent) == row.answer, "\(row)")
        if row.arrival == .urgent, row.state == .established { #expect(bench.connection.readableCount == 10) }
    }

    @Test(
        arguments: [
            (TCPState.synReceived, TCPError.reset), (.established, .reset), (.finWait1, .reset),
            (.closeWait, .reset), (.closing, nil), (.lastAck, nil), (.timeWait, nil),
        ] as [(TCPState, TCPError?)])
    func `a reset is an error only while something was still to come`(
        _ state: TCPState, _ error: TCPError?
    ) {
        let bench = Bench(state)
        bench.give(.rst, bench.next, SequenceNumber(0))
        #expect(bench.connection.state == .closed)
        #expect(bench.connection.error == error)
    }

    @Test(arguments: [(TCPState.finWait1, TCPState.finWait2), (.closing, .timeWait), (.lastAck, .closed)])
    func `the acknowledgement of the FIN moves on`(_ state: TCPState, _ after: TCPState) {
        let bench = Bench(state)
        bench.give(.ack, bench.next, SequenceNumber(5002))
        #expect(bench.connection.state == after)
        #expect(bench.connection.error == nil)
    }

    @Test func `LISTEN ignores resets, resets acknowledgements and answers a SYN`() {
        let bench = Bench(.listen)
        #expect(bench.give(.rst, SequenceNumber(1), SequenceNumber(0)).isEmpty)
        #expect(bench.give([], SequenceNumber(1), SequenceNumber(0)).isEmpty)
        let reset = bench.give(.ack, SequenceNumber(1), SequenceNumber(77))
        #expect(reset.first?.header.flags == .rst && reset.first?.header.sequence == SequenceNumber(77))
        let answer = bench.give(.syn, SequenceNumber(1000), SequenceNumber(0))
        #expect(answer.first?.header.flags == [.syn, .ack])
        #expect(answer.first?.header.acknowledgement == SequenceNumber(1001))
        #expect(answer.first?.header.options.isSACKPermitted == false)
        #expect(answer.first?.header.options.windowScale == nil)
    }

    @Test func `SYN-SENT: wrong acknowledgements are reset, resets count only with a right one`() {
        let bench = Bench(.synSent)
        let wrong = bench.give([.syn, .ack], SequenceNumber(1000), SequenceNumber(4000))
        #expect(wrong.first?.header.flags == .rst && wrong.first?.header.sequence == SequenceNumber(4000))
        #expect(bench.give(.rst, SequenceNumber(0), SequenceNumber(0)).isEmpty)
        #expect(bench.give([.rst, .ack], SequenceNumber(0), SequenceNumber(5002)).isEmpty)
        #expect(bench.connection.state == .synSent)
        bench.give([.rst, .ack], SequenceNumber(0), SequenceNumber(5001))
        #expect(bench.connection.error == .refused)
    }

    @Test func `SYN-RECEIVED: a wrong acknowledgement is reset, a repeated SYN answered again`() {
        let bench = Bench(.synReceived)
        #expect(bench.give(.syn, SequenceNumber(1000), SequenceNumber(0)).first?.header.flags == [.syn, .ack])
        #expect(answer(bench.give(.ack, bench.next, SequenceNumber(6000))) == .reset)
        #expect(bench.connection.state == .synReceived)
        bench.give(.ack, bench.next, SequenceNumber(5001))
        #expect(bench.connection.state == .established)
    }

    @Test func `a segment for no connection is answered by RFC 9293 section 3.10.7.1`() {
        let plain = SegmentHeader(sequence: SequenceNumber(10), flags: [.syn, .fin])
        let reset = TransmissionControlBlock.reset(for: plain, payloadCount: 5)
        #expect(reset?.flags == [.rst, .ack] && reset?.acknowledgement == SequenceNumber(17))
        #expect(
            TransmissionControlBlock.reset(for: SegmentHeader(sequence: plain.sequence, flags: .rst), payloadCount: 0)
                == nil)
    }

    @Test func `both ends opening at once meet in ESTABLISHED`() {
        let simulated = link(LinkFaults(), Workload(total: 5000), Workload(total: 5000), seed: 5)
        let other = TransmissionControlBlock(
            opening: TCPConfiguration(), initial: SequenceNumber(99), now: simulated.now)
        let both = SimulatedLink(
            simulated.left, End(other, Workload(total: 5000), salt: 90), LinkFaults(loss: 50), seed: 8)
        #expect(both.run())
        #expect(isComplete(both), story(both))
    }

    @Test func `challenges are limited to ten a second`() {
        let bench = Bench(.established)
        var sent = 0
        for _ in 0..<100 { sent += bench.give(.syn, bench.next, SequenceNumber(5001)).count }
        #expect(sent == 10)
    }

    @Test func `TIME-WAIT ends after twice the segment lifetime`() {
        let bench = Bench(.timeWait)
        #expect(bench.wait().isEmpty)
        #expect(bench.connection.state == .closed && bench.connection.error == nil)
        #expect(bench.connection.footprint == 0)
    }
}
