import Interfaces
import Testing

@testable import Network

@Suite struct ThroughputTests {
    /// Hands every segment across at once and gives how many there were; `left` sends `total` octets.
    static func pump(_ left: inout TransmissionControlBlock, _ right: inout TransmissionControlBlock, total: Int) -> Int
    {
        let chunk = [UInt8](repeating: 1, count: 65536)
        var frame = [UInt8](repeating: 0, count: 1500)
        var now = Instant(nanoseconds: 1_000_000)
        var (written, segments, isStuck) = (0, 0, 0)
        while right.readableCount > 0 || left.unacknowledgedCount > 0 || written < total, isStuck < 1000 {
            let before = segments
            if written < total { written += (try? left.write(chunk.span.bytes)) ?? 0 }
            while let segment = left.poll(now: now) {
                var bytes = frame.mutableSpan
                var raw = bytes.mutableBytes
                left.copyPayload(of: segment, into: &raw)
                right.receive(segment.header, payload: frame.span.bytes.extracting(0..<segment.payloadCount), now: now)
                right.consume(right.withReadable { $0.byteCount })
                segments += 1
            }
            while let segment = right.poll(now: now) {
                left.receive(segment.header, payload: RawSpan(), now: now)
                segments += 1
            }
            now = now + .microseconds(50)
            isStuck = segments == before ? isStuck + 1 : 0
        }
        return segments
    }

    @Test func `a stream over no link at all has full segments and at most one acknowledgement for two`() {
        let total = 4 << 20
        var configuration = TCPConfiguration()
        configuration.sendCapacity = 1 << 18
        configuration.receiveCapacity = 1 << 18
        var left = TransmissionControlBlock(
            opening: configuration, initial: SequenceNumber(1), now: Instant(nanoseconds: 0))
        var right = TransmissionControlBlock(listening: configuration, initial: SequenceNumber(2))
        let clock = ContinuousClock()
        var segments = 0
        let time = clock.measure { segments = Self.pump(&left, &right, total: total) }
        let unacknowledged = left.unacknowledgedCount
        #expect(unacknowledged == 0)
        #expect(segments < total / 1448 * 8 / 5, "\(segments) segments")
        print("TCP in memory: \(total) octets, \(segments) segments, \(time)")
    }
}
