import Interfaces

@testable import Network

/// SplitMix64: small, and the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func chance(_ perMille: Int) -> Bool { Int(next() % 1000) < perMille }
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }
}

/// What a link does to segments. Corruption is loss, since the checksum is not TCP's business here.
struct LinkFaults {
    var loss = 0
    var duplication = 0
    var reordering = 0
    var delay = 10_000
    var jitter = 0
}

/// How an end uses its connection.
struct Workload {
    var total = 0
    var chunk = 4096
    var readSize = 65536
    /// Microseconds between reads; zero reads at once.
    var readPause = 0
    /// Closes before, rather than after, the other end has closed.
    var closesFirst = true
    /// Octets of each second piece, which is lent rather than written; zero lends nothing.
    var loan = 0
}

/// One end: a connection and the application on it.
final class End {
    var connection: TransmissionControlBlock
    let work: Workload
    let salt: Int
    var written = 0
    var received = 0
    var sawEnd = false
    var hasClosed = false
    var failure: TCPError?
    var isWrong = false
    var nextRead = Instant(nanoseconds: 0)
    var sent = 0
    var loans = 0
    private var isLoanNext = true
    private var lent = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var scratch: [UInt8]

    init(_ connection: consuming TransmissionControlBlock, _ work: Workload, salt: Int) {
        self.connection = connection
        self.work = work
        self.salt = salt
        scratch = [UInt8](repeating: 0, count: max(work.readSize, work.chunk))
    }

    deinit { lent.deallocate() }

    static func octet(_ index: Int, _ salt: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (index &* 31) ^ (index >> 8) ^ salt)
    }

    var sendCapacity: Int { connection.send.buffer.capacity }
    var receiveCapacity: Int { connection.receiver.buffer.capacity }
    var isDone: Bool { connection.state == .closed || connection.state == .timeWait }

    /// Lets the application do what it can.
    func act(_ now: Instant, otherSalt: Int, _ budget: inout BufferBudget) {
        if connection.error != nil { failure = connection.error }
        if connection.state == .closed, connection.readableCount == 0 { sawEnd = true }
        while nextRead <= now, connection.readableCount > 0 { read(now, otherSalt) }
        if nextRead <= now, connection.isAtEnd { sawEnd = true }
        write(&budget)
    }

    private func write(_ budget: inout BufferBudget) {
        switch connection.state {
        case .synSent, .synReceived, .established, .closeWait: break
        default: return
        }
        while written < work.total, connection.writableCount > 0 {
            if work.loan > 0, isLoanNext, connection.loanRemaining == 0 {
                lend()
                continue
            }
            isLoanNext = true
            let length = min(work.chunk, work.total - written)
            for index in 0..<length { scratch[index] = Self.octet(written + index, salt) }
            let taken = (try? connection.write(scratch.span.bytes.extracting(0..<length), &budget)) ?? 0
            written += taken
            if taken < length { break }
        }
        if written == work.total, !hasClosed, connection.state.isSynchronized, work.closesFirst || sawEnd {
            hasClosed = true
            connection.close()
        }
    }

    /// Lends the next octets, from memory that is spoiled as soon as it is no longer lent.
    private func lend() {
        lent.deallocate()
        let length = min(work.loan, work.total - written)
        lent = .allocate(byteCount: length, alignment: 1)
        for index in 0..<length { lent[index] = Self.octet(written + index, salt) }
        written += (try? connection.lend(UnsafeRawBufferPointer(lent))) ?? 0
        (loans, isLoanNext) = (loans + 1, false)
    }

    private func read(_ now: Instant, _ otherSalt: Int) {
        var bytes = scratch.mutableSpan
        var raw = bytes.mutableBytes
        let count = (try? connection.read(into: &raw)) ?? 0
        for index in 0..<count where scratch[index] != Self.octet(received + index, otherSalt) { isWrong = true }
        received += count
        if connection.isAtEnd { sawEnd = true }
        if work.readPause > 0 { nextRead = now + .microseconds(UInt64(work.readPause)) }
    }
}

/// Two ends and the link between them, in virtual time.
final class SimulatedLink {
    private struct Flight {
        var arrival: UInt64
        var order: Int
        var toLeft: Bool
        var header: SegmentHeader
        var payload: [UInt8]
    }

    let left: End
    let right: End
    var now = Instant(nanoseconds: 1_000_000)
    var faults: LinkFaults
    var segments = 0
    /// What both ends ask for memory.
    var budget = BufferBudget.unlimited
    /// Sees each segment before the link does; false drops it.
    var filter: ((_ fromLeft: Bool, OutgoingSegment) -> Bool)?
    private var random: SeededGenerator
    private var flights: [Flight] = []
    private var order = 0

    init(_ left: End, _ right: End, _ faults: LinkFaults, seed: UInt64) {
        self.left = left
        self.right = right
        self.faults = faults
        random = SeededGenerator(seed: seed)
    }

    /// Runs until both ends are done, or nothing more can happen, or `limit` has passed. True when both are done.
    func run(limit: Interval = .seconds(3600)) -> Bool {
        let stop = now + limit
        while now < stop {
            left.act(now, otherSalt: right.salt, &budget)
            right.act(now, otherSalt: left.salt, &budget)
            transmit(left, isLeft: true)
            transmit(right, isLeft: false)
            if left.isDone, right.isDone, left.sawEnd, right.sawEnd { return true }
            guard let next = nextTime() else { return false }
            now = max(next, now)
            deliver()
        }
        return false
    }

    private func nextTime() -> Instant? {
        var next = Instant.never
        for end in [left, right] {
            if !end.isDone { next = min(next, end.connection.deadline) }
            if end.nextRead > now, end.connection.readableCount > 0 || end.connection.isAtEnd {
                next = min(next, end.nextRead)
            }
        }
        if let first = flights.first { next = min(next, Instant(nanoseconds: first.arrival)) }
        return next == .never ? nil : next
    }

    private func transmit(_ end: End, isLeft: Bool) {
        var count = 0
        while let segment = end.connection.poll(now: now) {
            count += 1
            precondition(count < 10_000, "an end sends without limit")
            var payload = [UInt8](repeating: 0, count: segment.payloadCount)
            var bytes = payload.mutableSpan
            var raw = bytes.mutableBytes
            end.connection.copyPayload(of: segment, into: &raw)
            end.sent += 1
            segments += 1
            if let filter, !filter(isLeft, segment) { continue }
            if random.chance(faults.loss) { continue }
            launch(segment.header, payload, toLeft: !isLeft)
            if random.chance(faults.duplication) { launch(segment.header, payload, toLeft: !isLeft) }
        }
    }

    private func launch(_ header: SegmentHeader, _ payload: [UInt8], toLeft: Bool) {
        var delay = UInt64(faults.delay) * 1000 + UInt64(random.below(faults.jitter + 1)) * 1000
        if random.chance(faults.reordering) { delay += UInt64(random.below(4 * faults.delay + 1)) * 1000 }
        order += 1
        let flight = Flight(
            arrival: now.nanoseconds + delay, order: order, toLeft: toLeft, header: header, payload: payload)
        var index = flights.count
        while index > 0, flights[index - 1].arrival > flight.arrival { index -= 1 }
        flights.insert(flight, at: index)
    }

    private func deliver() {
        while let first = flights.first, first.arrival <= now.nanoseconds {
            flights.removeFirst()
            let end = first.toLeft ? left : right
            end.connection.receive(first.header, payload: first.payload.span.bytes, &budget, now: now)
            transmit(end, isLeft: first.toLeft)
        }
    }
}
