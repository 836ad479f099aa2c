import Interfaces
import Testing

@testable import Network

private let here = IPv4Address(10, 0, 0, 1)
private let there = IPv4Address(10, 0, 0, 2)

/// A reassembler, and what it handed out.
private final class Bench {
    var reassembler: Reassembler
    var whole: [[UInt8]] = []
    var header: IPv4Header?

    init(_ datagrams: Int = 2, size: Int = 2000) { reassembler = Reassembler(datagrams: datagrams, size: size) }

    func receive(_ header: IPv4Header, _ payload: [UInt8], at: Double = 0) -> Reassembler.Outcome {
        reassembler.receive(header, payload.span.bytes, now: .at(at)) { header, bytes in
            self.header = header
            whole.append((0..<bytes.byteCount).map { bytes.byte($0) })
        }
    }

    /// A fragment of `bytes` at `offset`, each byte `value`.
    func receive(_ offset: Int, _ count: Int, last: Bool = false, value: UInt8 = 1, id: UInt16 = 7, at: Double = 0)
        -> Reassembler.Outcome
    {
        var header = IPv4Header(.udp, from: there, to: here, payloadLength: count)
        header.identification = id
        header.fragmentOffset = UInt16(offset)
        header.moreFragments = !last
        return receive(header, [UInt8](repeating: value, count: count), at: at)
    }

    func expire(_ at: Double) -> [Int] {
        var lengths: [Int] = []
        reassembler.advance(to: .at(at)) { _, bytes in lengths.append(bytes.byteCount) }
        return lengths
    }
}

struct FragmentationTests {
    @Test(arguments: 0..<200) func `a payload cut for any link comes together in any order, with repetitions`(seed: Int)
        throws
    {
        var random = Seeded(seed)
        let payload = random.bytes(random.below(2000))
        var header = IPv4Header(.udp, from: there, to: here, payloadLength: payload.count)
        (header.dontFragment, header.identification) = (false, random.next(UInt16.self))
        let linkSize = 200 + random.below(1400)
        var fragmentation = try #require(Fragmentation(header, linkSize: linkSize))
        var pieces: [Fragmentation.Piece] = []
        while let piece = fragmentation.next() { pieces.append(piece) }
        #expect(pieces.count == fragmentation.count)
        #expect(
            pieces.allSatisfy { Int($0.header.totalLength) <= linkSize && $0.range.count == $0.header.payload.count })
        guard pieces.count > 1 else {
            #expect(!pieces[0].header.isFragment && pieces[0].range == 0..<payload.count)
            return
        }
        // A fragment as it travels must be one that the parser takes.
        for piece in pieces {
            let bytes = written(Int(piece.header.totalLength)) { piece.header.emit(into: &$0) }
            #expect(try IPv4Header(parsing: bytes.span.bytes) == piece.header)
        }
        let bench = Bench()
        var order = pieces.shuffled(using: &random)
        order.insert(order[0], at: 1)
        for piece in order { _ = bench.receive(piece.header, Array(payload[piece.range])) }
        #expect(bench.whole == [payload])
        #expect(bench.header?.isFragment == false && bench.header?.payload == 20..<20 + payload.count)
        #expect(bench.reassembler.deadline == .never)
    }

    @Test func `what is not to be fragmented is not, and links have a least size`() {
        var header = IPv4Header(.udp, from: there, to: here, payloadLength: 1000)
        #expect(Fragmentation(header, linkSize: 1000) == nil && Fragmentation(header, linkSize: 1020)?.count == 1)
        header.dontFragment = false
        #expect(Fragmentation(header, linkSize: 67) == nil && Fragmentation(header, linkSize: 68)?.count == 21)
    }
}

struct ReassemblerTests {
    /// Offset, length, whether it is the last, and what becomes of it.
    typealias Step = (offset: Int, count: Int, last: Bool, outcome: Reassembler.Outcome)

    @Test(
        arguments: [
            ("in order", [(0, 16, false, .incomplete), (16, 8, true, .complete)]),
            ("backwards", [(16, 8, true, .incomplete), (0, 16, false, .complete)]),
            ("repeated", [(0, 16, false, .incomplete), (0, 16, false, .ignored), (16, 8, true, .complete)]),
            ("contained", [(0, 16, false, .incomplete), (8, 8, false, .ignored), (16, 8, true, .complete)]),
            ("overlap behind", [(0, 16, false, .incomplete), (8, 16, false, .dropped), (16, 8, true, .ignored)]),
            ("overlap in front", [(8, 16, false, .incomplete), (0, 16, false, .dropped), (24, 8, true, .ignored)]),
            ("teardrop", [(0, 40, false, .incomplete), (24, 4, true, .dropped)]),
            ("two ends", [(16, 8, true, .incomplete), (32, 8, true, .dropped)]),
            ("beyond the end", [(16, 8, true, .incomplete), (24, 8, false, .dropped)]),
            ("an end before what came", [(32, 8, false, .incomplete), (16, 8, true, .dropped)]),
        ] as [(String, [Step])])
    func `holes are filled by RFC 815 and overlaps end the datagram`(name: String, steps: [Step]) {
        let bench = Bench()
        for (index, step) in steps.enumerated() {
            #expect(bench.receive(step.offset, step.count, last: step.last) == step.outcome, "\(name), step \(index)")
        }
        #expect(bench.whole.count == (steps.last?.outcome == .complete ? 1 : 0))
    }

    @Test func `datagrams are told apart by identification`() {
        let bench = Bench()
        #expect(bench.receive(0, 8, value: 1, id: 1) == .incomplete)
        #expect(bench.receive(0, 8, value: 2, id: 2) == .incomplete)
        #expect(bench.receive(8, 8, last: true, value: 2, id: 2) == .complete)
        #expect(bench.receive(8, 8, last: true, value: 1, id: 1) == .complete)
        #expect(bench.whole == [[UInt8](repeating: 2, count: 16), [UInt8](repeating: 1, count: 16)])
    }

    @Test func `a datagram beyond its buffer is given up`() {
        let bench = Bench(2, size: 576)
        #expect(bench.receive(0, 568) == .incomplete && bench.receive(568, 16) == .tooLong)
        #expect(bench.receive(568, 8, last: true) == .ignored && bench.whole.isEmpty)
        #expect(bench.receive(65480, 16, id: 8) == .tooLong)
    }

    @Test func `too many gaps end the datagram`() {
        let bench = Bench()
        var outcomes: [Reassembler.Outcome] = []
        for index in 0..<20 { outcomes.append(bench.receive(16 * index + 8, 8)) }
        #expect(outcomes.filter { $0 == .incomplete }.count == 15 && outcomes.contains(.dropped))
    }

    @Test func `when memory is out the oldest datagram gives way`() {
        let bench = Bench()
        for id in 1...3 as ClosedRange<UInt16> { #expect(bench.receive(0, 8, id: id, at: Double(id)) == .incomplete) }
        #expect(bench.receive(8, 8, last: true, id: 3, at: 4) == .complete)
        #expect(bench.receive(8, 8, last: true, id: 2, at: 4) == .complete)
        #expect(bench.receive(8, 8, last: true, id: 1, at: 4) == .incomplete)
    }

    @Test func `time is up after 30 seconds, and told when the first fragment came (RFC 792)`() {
        let bench = Bench()
        _ = bench.receive(0, 8, id: 1)
        _ = bench.receive(8, 8, id: 2, at: 1)
        #expect(bench.reassembler.deadline == .at(30) && bench.expire(29.9) == [])
        #expect(bench.expire(40) == [8] && bench.reassembler.deadline == .never)
        #expect(bench.receive(8, 8, last: true, id: 1, at: 41) == .incomplete)
    }

    @Test(arguments: 0..<100) func `no sequence of fragments traps or hands out what did not come`(seed: Int) {
        var random = Seeded(seed)
        let bench = Bench(3, size: 600)
        for step in 0..<400 {
            let count = 8 * random.below(20) + 8
            let offset = 8 * random.below(seed & 1 == 0 ? 12 : 8190)
            guard offset + count <= 65515 else { continue }
            let (last, id) = (random.below(4) == 0, UInt16(random.below(4)))
            _ = bench.receive(offset, count, last: last, value: 9, id: id, at: Double(step))
            if random.below(10) == 0 { _ = bench.expire(Double(step)) }
        }
        #expect(bench.whole.allSatisfy { $0.allSatisfy { $0 == 9 } && $0.count <= 600 })
    }
}
