import Interfaces
import Testing

@testable import Network

@Suite struct ProtocolTests {
    let first = SequenceNumber(5001)

    @Test func `RFC 9293 section 3.8.6.1: a closed window is probed with growing pauses and reopens`() {
        let bench = Bench(.established)
        bench.window = 0
        bench.give(.ack, bench.next, first)
        #expect(bench.write(3000).isEmpty)
        var pauses: [UInt64] = []
        for _ in 0..<5 {
            let before = bench.now
            let probe = bench.wait()
            #expect(probe.count == 1 && probe.first?.payloadCount == 1 && probe.first?.header.sequence == first)
            pauses.append((bench.now - before).nanoseconds)
            bench.give(.ack, bench.next, first)
        }
        #expect(pauses[4] > pauses[0])
        bench.window = 60000
        let sent = bench.give(.ack, bench.next, first)
        #expect(sent.reduce(0) { $0 + $1.payloadCount } >= 1460 && sent.first?.header.sequence == first)
    }

    @Test func `a window that stays closed is waited for without end while the other end answers`() {
        let bench = Bench(.established)
        bench.window = 0
        bench.give(.ack, bench.next, first)
        bench.write(100)
        for _ in 0..<100 {
            _ = bench.wait()
            bench.give(.ack, bench.next, first)
        }
        #expect(bench.connection.state == .established)
    }

    @Test func `RFC 7323: a segment with an older timestamp is answered and dropped`() {
        var options = TCPOptions()
        options.timestamps = TCPTimestamps(value: 1000, echo: 0)
        let bench = Bench(.listen) { $0.offersTimestamps = true }
        bench.give(.syn, SequenceNumber(1000), SequenceNumber(0), options: options)
        bench.give(.ack, bench.next, first, options: options)
        options.timestamps = TCPTimestamps(value: 999, echo: 0)
        #expect(bench.give(.ack, bench.next, first, length: 10, options: options).count == 1)
        #expect(bench.connection.readableCount == 0)
        options.timestamps = TCPTimestamps(value: 1001, echo: 0)
        let answer = bench.give(.ack, bench.next, first, length: 10, options: options)
        #expect(bench.connection.readableCount == 10)
        #expect(answer.first?.header.options.timestamps?.echo == 1001)
        #expect(bench.give(.ack, bench.next + 10, first, length: 10).isEmpty)
        #expect(bench.connection.readableCount == 10)
    }

    @Test func `RFC 2018: the latest range is reported first; RFC 2883: duplicates before it`() {
        let bench = Bench(.established)
        let next = bench.next
        bench.give(.ack, next + 100, first, length: 10)
        let answer = bench.give(.ack, next + 300, first, length: 10)
        let sack = answer[0].header.options.sack
        #expect(sack.count == 2)
        #expect(sack[0] == SequenceRange(next + 300, next + 310) && sack[1] == SequenceRange(next + 100, next + 110))
        let again = bench.give(.ack, next + 100, first, length: 10)[0].header.options.sack
        #expect(again[0] == SequenceRange(next + 100, next + 110) && again.count >= 2)
    }

    @Test func `RFC 9293 section 3.8.6.3: one segment is acknowledged after the delay, two at once`() {
        let bench = Bench(.established) { $0.acknowledgementDelay = .milliseconds(40) }
        #expect(bench.give(.ack, bench.next, first, length: 1460).isEmpty)
        #expect(bench.connection.deadline == bench.now + .milliseconds(40))
        #expect(bench.give(.ack, bench.next + 1460, first, length: 1460).count == 1)
        #expect(bench.give(.ack, bench.next + 2920, first, length: 1).isEmpty)
        #expect(bench.wait().count == 1)
    }

    @Test(arguments: [true, false])
    func `Nagle holds a small segment back while another is under way`(_ isOn: Bool) {
        let bench = Bench(.established) { $0.usesNagle = isOn }
        #expect(bench.write(10).count == 1)
        #expect(bench.write(10).count == (isOn ? 0 : 1))
        #expect(bench.give(.ack, bench.next, first + 10).count == (isOn ? 1 : 0))
    }

    @Test func `RFC 9293 section 3.8.4: a silent peer is probed and given up`() {
        let bench = Bench(.established) {
            $0.keepAlive = KeepAlive(idle: .seconds(10), interval: .seconds(2), count: 3)
        }
        for _ in 0..<3 {
            let probe = bench.wait()
            #expect(probe.count == 1 && probe.first?.header.sequence == first - 1)
        }
        _ = bench.wait()
        #expect(bench.connection.error == .timedOut)
    }

    @Test func `a half-closed connection still receives`() {
        let bench = Bench(.finWait2)
        bench.give(.ack, bench.next, first + 1, length: 500)
        #expect(bench.connection.readableCount == 500 && bench.connection.writableCount == 0)
    }

    @Test func `data for an application that is gone is answered with a reset`() {
        let bench = Bench(.established)
        bench.connection.release(linger: .never, now: bench.now)
        _ = bench.poll()
        #expect(answer(bench.give(.ack, bench.next, first, length: 5)) == .reset)
        #expect(bench.connection.state == .closed)
    }

    @Test func `linger gives up with a reset when its time is over`() {
        let bench = Bench(.established)
        bench.write(100)
        bench.connection.release(linger: bench.now + .milliseconds(100), now: bench.now)
        _ = bench.poll()
        bench.now = bench.now + .milliseconds(100)
        #expect(answer(bench.poll()) == .reset)
    }
}
