import Interfaces
import Network

/// A connection and what its other end and its application know about it.
///
/// What must hold: nothing traps; a poll ends, and leaves a deadline that is not over; every octet that is read is the one that was sent
/// under its number, and every octet that leaves is the one that was written under its number, also from a loan; no octet leaves that the
/// other end gave no window for, but a probe's; an end is final; the budget gets back what was taken.
struct Conversation: ~Copyable {
    private static let ownInitial = SequenceNumber(0xFFFF_F000)
    private static let peerInitial = SequenceNumber(0x7FFF_FF00)

    private var connection: TransmissionControlBlock
    private var budget: BufferBudget
    private var now = Instant(nanoseconds: 5_000_000_000)
    /// The next number the connection expects, as far as it has said.
    private var expected = peerInitial
    /// The number behind the last octet it has sent.
    private var sent = ownInitial + 1
    private var written = 0
    private var read = 0
    private var timestamp: UInt32 = 1000
    private var lent: [UnsafeMutableRawBufferPointer] = []

    init(choice: UInt8) {
        var configuration = TCPConfiguration()
        configuration.offersSACK = choice & 1 == 0
        configuration.offersTimestamps = choice & 2 == 0
        configuration.offersWindowScaling = choice & 4 == 0
        configuration.congestion = choice & 8 == 0 ? .cubic : .newReno
        configuration.usesNagle = choice & 16 == 0
        if choice & 32 != 0 {
            configuration.sendCapacity = 512
            configuration.receiveCapacity = 1024
            configuration.keepAlive = KeepAlive(idle: .seconds(5), interval: .seconds(1), count: 3)
        }
        budget = BufferBudget(limit: choice & 64 == 0 ? 1 << 24 : 0)
        if choice & 128 == 0 {
            connection = TransmissionControlBlock(listening: configuration, initial: Self.ownInitial)
        } else {
            connection = TransmissionControlBlock(opening: configuration, initial: Self.ownInitial, now: now)
        }
    }

    deinit { for memory in lent { memory.deallocate() } }

    /// The octet with `number` of a stream whose SYN had `initial`.
    private static func octet(_ number: SequenceNumber, _ initial: SequenceNumber) -> UInt8 {
        let index = number - initial
        return UInt8(truncatingIfNeeded: (index &* 31) ^ (index >> 8))
    }

    mutating func perform(_ step: UInt8, _ script: inout Script) {
        switch step & 15 {
        case 0...5: receive(step, &script)
        case 6, 7: pass(&script)
        case 8: write(Int(script.byte()) * 20)
        case 9: take(Int(script.byte()) * 50)
        case 10: lend(Int(script.byte()) * 30)
        case 11: connection.endLoan()
        case 12: rare(script.byte(), &script)
        default: poll()
        }
        // As a stack does it: at once where it must, else now and then.
        if connection.mustPollAtOnce { poll() }
    }

    private mutating func rare(_ choice: UInt8, _ script: inout Script) {
        switch choice & 15 {
        case 0: connection.close()
        case 1: connection.abort()
        case 2: connection.release(linger: choice & 16 == 0 ? .never : now + .seconds(1), now: now)
        case 3: connection.releaseIdleMemory(&budget)
        case 4: connection.limitSegmentSize(to: 40 + Int(script.byte()) * 4)
        case 5: _ = connection.takeEvents()
        case 6: exchangeForRecord(&script)
        default: poll()
        }
    }

    // MARK: The other end

    private mutating func header(_ step: UInt8, _ script: inout Script) -> SegmentHeader {
        // Mostly acknowledgements; sometimes whatever bits.
        var flags: TCPFlags = .ack
        switch step >> 4 {
        case 0: flags = .syn
        case 1: flags = [.syn, .ack]
        case 2: flags = [.fin, .ack]
        case 3: flags = .rst
        case 4: flags = TCPFlags(rawValue: script.byte())
        default: break
        }
        var header = SegmentHeader(
            sequence: expected + script.offset(), acknowledgement: sent + min(script.offset(), 1 << 20), flags: flags,
            window: UInt16(script.byte()) << 8 | 0xFF)
        if flags.contains(.syn) { header.sequence = Self.peerInitial }
        let options = script.byte()
        if options & 1 != 0 { header.window = UInt16(options >> 4) }
        if options & 2 == 0 {
            timestamp &+= UInt32(options >> 6)
            let value = options & 4 == 0 ? timestamp : timestamp &- UInt32(script.byte())
            header.options.timestamps = TCPTimestamps(value: value, echo: UInt32(script.byte()))
        }
        if flags.contains(.syn), options & 8 == 0 {
            header.options.maximumSegmentSize = UInt16(script.byte()) * 8
            header.options.windowScale = script.byte() & 15
            header.options.isSACKPermitted = true
        }
        if options & 16 != 0 {
            for _ in 0..<script.byte() & 3 {
                let start = sent + script.offset()
                header.options.sack.append(SequenceRange(start, start + script.offset()))
            }
        }
        return header
    }

    private mutating func receive(_ step: UInt8, _ script: inout Script) {
        let header = header(step, &script)
        let count = step & 1 == 0 ? 0 : Int(script.byte()) * 8 + 1
        let first = header.sequence + (header.flags.contains(.syn) ? 1 : 0)
        let payload = (0..<count).map { Self.octet(first + $0, Self.peerInitial) }
        connection.receive(header, payload: payload.span.bytes, &budget, now: now)
        if header.flags.contains(.syn), expected == Self.peerInitial { expected = Self.peerInitial + 1 }
    }

    // MARK: Time

    private mutating func pass(_ script: inout Script) {
        let choice = script.byte()
        if choice & 1 == 0, connection.deadline != .never {
            now = max(now, connection.deadline)
        } else {
            now = now + .microseconds(UInt64(choice) << UInt64(choice & 15))
        }
        poll()
    }

    private mutating func poll() {
        var count = 0
        while let segment = connection.poll(now: now) {
            count += 1
            precondition(count < 5000, "a connection sends without end")
            check(segment)
        }
        precondition(connection.state == .closed || connection.deadline > now, "there is something to do, but not done")
    }

    private mutating func check(_ segment: OutgoingSegment) {
        precondition(segment.payloadCount <= 1460 && segment.header.options.encodedLength <= 40)
        var payload = [UInt8](repeating: 0, count: segment.payloadCount)
        var span = payload.mutableSpan
        var raw = span.mutableBytes
        connection.copyPayload(of: segment, into: &raw)
        for index in 0..<segment.payloadCount {
            let number = segment.header.sequence + index
            precondition(payload[index] == Self.octet(number, Self.ownInitial), "another octet was written there")
            precondition(number - (Self.ownInitial + 1) < written, "an octet that nobody has written")
        }
        guard !segment.header.flags.contains(.rst) else { return }
        let end = segment.header.sequence + segment.header.length(payload: segment.payloadCount)
        sent = .later(sent, end)
        if segment.header.flags.contains(.ack) { expected = segment.header.acknowledgement }
    }

    // MARK: The application

    private mutating func write(_ count: Int) {
        let bytes = (0..<count).map { Self.octet(Self.ownInitial + (1 + written + $0), Self.ownInitial) }
        written += (try? connection.write(bytes.span.bytes, &budget)) ?? 0
    }

    private mutating func lend(_ count: Int) {
        guard connection.loanRemaining == 0, lent.count < 100 else { return }
        // What is no longer lent may change at once.
        if let last = lent.last { for index in last.indices { last[index] = 0xEE } }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        for index in 0..<count { memory[index] = Self.octet(Self.ownInitial + (1 + written + index), Self.ownInitial) }
        lent.append(memory)
        written += (try? connection.lend(UnsafeRawBufferPointer(memory))) ?? 0
    }

    private mutating func take(_ count: Int) {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        let length = (try? connection.read(into: &raw)) ?? 0
        for index in 0..<length {
            let number = Self.peerInitial + (1 + read + index)
            precondition(bytes[index] == Self.octet(number, Self.peerInitial), "another octet was sent there")
        }
        read += length
    }

    /// What a stack keeps of TIME-WAIT takes a segment as well.
    private mutating func exchangeForRecord(_ script: inout Script) {
        guard var record = connection.timeWaitRecord else { return }
        let header = header(script.byte(), &script)
        if case .reply(let answer) = record.receive(header, payloadCount: Int(script.byte()), now: now) {
            precondition(answer.flags == .ack)
        }
        precondition(record.deadline > now)
    }

    mutating func end() {
        poll()
        let isClosed = connection.state == .closed
        connection.abort()
        while connection.poll(now: now) != nil {}
        precondition(connection.state == .closed && connection.loanRemaining == 0)
        precondition(isClosed || connection.error != nil || connection.state == .closed)
        connection.relinquish(&budget)
        precondition(budget.used == 0, "memory was not given back")
    }
}
