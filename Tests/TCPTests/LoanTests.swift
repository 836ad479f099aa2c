import Interfaces
import Testing

@testable import Network

/// Memory that is lent: at an address that does not move.
private final class Lent {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ count: Int, from index: Int = 0, salt: Int = 17) {
        bytes = .allocate(byteCount: count, alignment: 1)
        for offset in 0..<count { bytes[offset] = End.octet(index + offset, salt) }
    }

    deinit { bytes.deallocate() }
}

@Suite struct LoanTests {
    private func octets(_ range: Range<Int>) -> [UInt8] { range.map { End.octet($0, 17) } }

    /// The payload of `segment`, which the connection has just given.
    private func payload(_ bench: Bench, _ segment: OutgoingSegment) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: segment.payloadCount)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        bench.connection.copyPayload(of: segment, into: &raw)
        return bytes
    }

    @Test func `what is written before, lent, and written after the loan leaves in order`() throws {
        let bench = Bench(.established) { $0.usesNagle = false }
        let lent = Lent(3000, from: 500)
        _ = try bench.connection.write(octets(0..<500).span.bytes)
        let taken = try bench.connection.lend(UnsafeRawBufferPointer(lent.bytes))
        #expect(taken == 3000)
        _ = try bench.connection.write(octets(3500..<4000).span.bytes)
        #expect(bench.connection.unacknowledgedCount == 4000 && bench.connection.loanRemaining == 3000)
        var sent: [UInt8] = []
        while let segment = bench.connection.poll(now: bench.now) { sent += payload(bench, segment) }
        #expect(sent == octets(0..<4000))
        bench.give(.ack, bench.next, SequenceNumber(5001 + 1500))
        #expect(bench.connection.loanRemaining == 2000)
        bench.give(.ack, bench.next, SequenceNumber(5001 + 3600))
        #expect(bench.connection.loanRemaining == 0 && bench.connection.unacknowledgedCount == 400)
        bench.give(.ack, bench.next, SequenceNumber(5001 + 4000))
        #expect(bench.connection.unacknowledgedCount == 0)
    }

    @Test(arguments: [0, 300, 500, 1200, 3500, 3700])
    func `a loan that ends early leaves its rest in the buffer`(_ acknowledged: Int) throws {
        let bench = Bench(.established) { $0.usesNagle = false }
        let lent = Lent(3000, from: 500)
        _ = try bench.connection.write(octets(0..<500).span.bytes)
        _ = try bench.connection.lend(UnsafeRawBufferPointer(lent.bytes))
        _ = try bench.connection.write(octets(3500..<4000).span.bytes)
        _ = bench.poll()
        if acknowledged > 0 { bench.give(.ack, bench.next, SequenceNumber(5001) + acknowledged) }
        let isKept = bench.connection.endLoan()
        #expect(isKept)
        for index in lent.bytes.indices { lent.bytes[index] = 0 }
        #expect(bench.connection.loanRemaining == 0)
        #expect(bench.connection.unacknowledgedCount == 4000 - acknowledged)
        _ = try bench.connection.write(octets(4000..<4100).span.bytes)
        let rest = OutgoingSegment(
            header: SegmentHeader(sequence: SequenceNumber(5001) + acknowledged, flags: .ack),
            payloadCount: 4100 - acknowledged)
        #expect(payload(bench, rest) == octets(acknowledged..<4100))
    }

    @Test func `a loan too large for the buffer aborts when it ends early`() throws {
        let bench = Bench(.established) { $0.sendCapacity = 1024 }
        let lent = Lent(5000)
        _ = try bench.connection.lend(UnsafeRawBufferPointer(lent.bytes))
        let isKept = bench.connection.endLoan()
        #expect(!isKept)
        #expect(bench.connection.error == .aborted && bench.connection.loanRemaining == 0)
        #expect(bench.poll().first?.header.flags.contains(.rst) == true)
    }

    @Test func `a loan is over when the connection is`() throws {
        let bench = Bench(.established)
        let lent = Lent(5000)
        _ = try bench.connection.lend(UnsafeRawBufferPointer(lent.bytes))
        bench.give(.rst, bench.next, SequenceNumber(0))
        #expect(bench.connection.loanRemaining == 0)
        #expect(throws: TCPError.reset) { _ = try bench.connection.lend(UnsafeRawBufferPointer(lent.bytes)) }
    }

    @Test(arguments: 0..<60)
    func `loans and writes in turn arrive over a link that loses, repeats and reorders`(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed) &+ 77)
        let faults = LinkFaults(
            loss: [0, 20, 100][random.below(3)], duplication: random.below(50), reordering: random.below(100),
            delay: [50, 20_000][random.below(2)])
        let lenient = Workload(total: 60_000, chunk: 1 + random.below(6000), loan: 1 + random.below(20_000))
        let link = link(faults, lenient, Workload(total: 1000, closesFirst: false), seed: UInt64(seed)) {
            configuration, _ in
            configuration.sendCapacity = [1024, 16384][random.below(2)]
            configuration.offersSACK = random.chance(700)
        }
        #expect(link.run())
        #expect(isComplete(link), "seed \(seed): \(story(link))")
        #expect(link.left.loans > 0)
    }
}
