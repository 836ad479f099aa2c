import Interfaces
import Testing

@testable import Network

@Suite struct MemoryTests {
    let first = SequenceNumber(5001)

    @Test func `an idle connection takes less than a kibibyte`() {
        #expect(MemoryLayout<TransmissionControlBlock>.size <= 900)
        let bench = Bench(.established)
        var budget = BufferBudget(limit: 1 << 20)
        #expect(bench.connection.footprint == 0)
        bench.give(.ack, bench.next + 10, first, length: 1000)
        bench.give(.ack, bench.next, first, length: 10)
        #expect(bench.connection.footprint > 1000)
        bench.connection.consume(1010)
        bench.connection.releaseIdleMemory(&budget)
        #expect(bench.connection.footprint == 0 && budget.used == 0)
    }

    @Test func `a ring that grows keeps what lies in it, wherever it begins`() {
        for start in [0, 1, 15, 16, 17, 100, 0xFFFF_FFF0] as [UInt32] {
            var buffer = StreamBuffer(capacity: 16)
            buffer.begin(at: SequenceNumber(start))
            let text = (0..<16).map { UInt8($0) }
            _ = buffer.append(text.span.bytes)
            buffer.grow(to: 64)
            var copy = [UInt8](repeating: 0xFF, count: 16)
            var span = copy.mutableSpan
            var raw = span.mutableBytes
            buffer.copy(from: buffer.start, length: 16, into: &raw)
            #expect(copy == text)
        }
    }

    @Test func `the budget is asked before a buffer is made, and gets everything back`() throws {
        var budget = BufferBudget(limit: 100_000)
        let (one, two) = (Bench(.established), Bench(.established))
        let bytes = [UInt8](repeating: 1, count: 60_000)
        let first = try one.connection.write(bytes.span.bytes, &budget)
        #expect(first == 60_000)
        #expect(budget.used == 65536)
        let second = try two.connection.write(bytes.span.bytes, &budget)
        #expect(second == 32768 && budget.used == 98304)
        let three = Bench(.established)
        let third = try three.connection.write(bytes.span.bytes, &budget)
        #expect(third == BufferBudget.minimumBuffer)
        three.connection.relinquish(&budget)
        one.connection.abort()
        one.connection.relinquish(&budget)
        #expect(budget.used == 32768)
        two.connection.relinquish(&budget)
        #expect(budget.used == 0)
    }

    @Test func `where memory is short, data beyond the small buffer is dropped and can be sent again`() {
        var budget = BufferBudget(limit: 0)
        let bench = Bench(.established)
        let payload = [UInt8](repeating: 7, count: 1460)
        var header = SegmentHeader(sequence: bench.next, acknowledgement: first, flags: .ack, window: 60000)
        for _ in 0..<4 {
            bench.connection.receive(header, payload: payload.span.bytes, &budget, now: bench.now)
            header.sequence = header.sequence + 1460
        }
        #expect(bench.connection.readableCount == BufferBudget.minimumBuffer)
        #expect(bench.poll().last?.header.acknowledgement == bench.next + BufferBudget.minimumBuffer)
        bench.connection.consume(4096)
        header.sequence = bench.next + 4096
        bench.connection.receive(header, payload: payload.span.bytes, &budget, now: bench.now)
        #expect(bench.connection.readableCount == 1460)
        #expect(budget.used == BufferBudget.minimumBuffer)
    }

    @Test func `on a long path both buffers grow, and the transfer takes a fraction of the time`() {
        var times: [UInt64] = []
        for mayGrow in [true, false] {
            let faults = LinkFaults(delay: 50_000)
            let link = link(faults, Workload(total: 6_000_000, chunk: 65536), Workload(closesFirst: false), seed: 3) {
                configuration, _ in
                guard !mayGrow else { return }
                configuration.largestSendCapacity = 65536
                configuration.largestReceiveCapacity = 65536
            }
            #expect(link.run())
            #expect(isComplete(link), story(link))
            times.append(link.now.nanoseconds)
            let (sending, receiving) = (link.left.sendCapacity, link.right.receiveCapacity)
            #expect((sending > 65536) == mayGrow && (receiving > 65536) == mayGrow, "\(sending) \(receiving)")
        }
        #expect(times[0] * 3 < times[1])
    }

    @Test func `many connections on a small budget stay within it and all end`() {
        var budget = BufferBudget(limit: 200_000)
        for seed in 0..<20 {
            let link = link(LinkFaults(loss: 20), Workload(total: 100_000), Workload(total: 50_000), seed: UInt64(seed))
            link.budget = budget
            #expect(link.run())
            #expect(isComplete(link), story(link))
            budget = link.budget
            #expect(budget.used <= budget.limit + 4 * BufferBudget.minimumBuffer + 2048)
            if seed % 2 == 0 {
                link.left.connection.relinquish(&budget)
                link.right.connection.relinquish(&budget)
            }
        }
    }
}
