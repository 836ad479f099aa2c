import Interfaces
import Testing

@testable import Network

@Suite struct ListenBacklogTests {
    static let key = SecretKey(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
    let now = Instant(nanoseconds: 500_000_000_000)

    func syn(_ number: UInt32) -> SegmentHeader {
        var header = SegmentHeader(sequence: SequenceNumber(number), flags: .syn, window: 1000)
        header.options.maximumSegmentSize = 1400
        return header
    }

    @Test func `the hash is SipHash-2-4 as its authors publish it`() {
        let bytes = (0..<15).map { UInt8($0) }
        #expect(KeyedHash.hash(bytes.span.bytes, Self.key) == 0xA129_CA61_49BE_45E5)
        #expect(KeyedHash.hash([UInt8]().span.bytes, Self.key) == 0x726F_DB47_DD0E_0E31)
        #expect(
            KeyedHash.hash(bytes.span.bytes.extracting(0..<7), tail: 0x0E0D_0C0B_0A09_0807, Self.key)
                == 0xA129_CA61_49BE_45E5)
    }

    @Test func `initial numbers rise with the clock and differ between flows and keys`() {
        let (one, two): ([UInt8], [UInt8]) = ([1, 2, 3], [1, 2, 4])
        let first = InitialSequence.number(flow: one.span.bytes, key: Self.key, now: now)
        let later = InitialSequence.number(flow: one.span.bytes, key: Self.key, now: now + .microseconds(400))
        #expect(later - first == 100)
        #expect(InitialSequence.number(flow: two.span.bytes, key: Self.key, now: now) != first)
        #expect(InitialSequence.number(flow: one.span.bytes, key: SecretKey(1, 2), now: now) != first)
    }

    @Test(arguments: [(0, true), (63, true), (130, false), (64 * 32, false)])
    func `a cookie is good for about two minutes, for its flow and SYN alone`(_ age: Int, _ isGood: Bool) {
        let (flow, other): ([UInt8], [UInt8]) = ([9, 9], [9, 8])
        let cookie = SYNCookie.make(for: syn(77), flow: flow.span.bytes, key: Self.key, now: now)
        let later = now + .seconds(UInt64(age))
        var header = SegmentHeader(sequence: SequenceNumber(78), acknowledgement: cookie + 1, flags: .ack)
        let found = SYNCookie.check(header, flow: flow.span.bytes, key: Self.key, now: later)
        #expect(found == (isGood ? 1400 : nil))
        #expect(SYNCookie.check(header, flow: other.span.bytes, key: Self.key, now: later) == nil)
        header.sequence = SequenceNumber(79)
        #expect(SYNCookie.check(header, flow: flow.span.bytes, key: Self.key, now: later) == nil)
    }

    @Test func `a full backlog answers by cookies, and a cookie makes a connection`() throws {
        var listener = ListenBacklog(backlog: 2, key: Self.key)
        let flow: [UInt8] = [1]
        let configuration = TCPConfiguration()
        for number in 0..<2 {
            guard
                case .open = listener.decide(
                    syn(UInt32(number)), payloadCount: 0, flow: flow.span.bytes, configuration: configuration, now: now)
            else {
                Issue.record("the backlog had room")
                return
            }
        }
        #expect(listener.halfOpen == 2)
        guard
            case .reply(let answer) = listener.decide(
                syn(50), payloadCount: 0, flow: flow.span.bytes, configuration: configuration, now: now)
        else {
            Issue.record("no cookie")
            return
        }
        #expect(answer.flags == [.syn, .ack] && answer.acknowledgement == SequenceNumber(51))
        let last = SegmentHeader(
            sequence: SequenceNumber(51), acknowledgement: answer.sequence + 1, flags: .ack, window: 4000)
        guard
            case .resume(let options) = listener.decide(
                last, payloadCount: 5, flow: flow.span.bytes, configuration: configuration, now: now)
        else {
            Issue.record("the cookie was not known")
            return
        }
        var connection = TransmissionControlBlock(
            cookieIn: last, options: options, configuration: configuration, now: now)
        connection.receive(last, payload: [UInt8](repeating: 1, count: 5).span.bytes, now: now)
        let (state, readable, limit) = (connection.state, connection.readableCount, connection.payloadLimit)
        #expect(state == .established && readable == 5 && limit == 1400)
        #expect(connection.writableCount > 0)
    }

    @Test func `a backlog that nobody accepts drops, and guesses are reset`() {
        var listener = ListenBacklog(backlog: 1, key: Self.key)
        let flow: [UInt8] = [1]
        func decide(_ header: SegmentHeader) -> ListenBacklog.Decision {
            listener.decide(
                header, payloadCount: 0, flow: flow.span.bytes, configuration: TCPConfiguration(), now: now)
        }
        _ = decide(syn(1))
        listener.handshakeEnded(isEstablished: true)
        if case .drop = decide(syn(2)) {} else { Issue.record("not dropped") }
        let guess = SegmentHeader(
            sequence: SequenceNumber(5), acknowledgement: SequenceNumber(12345), flags: .ack)
        if case .reply(let reset) = decide(guess) { #expect(reset.flags == .rst) } else { Issue.record("no reset") }
        listener.accepted()
        if case .open = decide(syn(3)) {} else { Issue.record("not opened") }
    }

    @Test func `segments behind the one that proves a cookie wait for it`() {
        var listener = ListenBacklog(backlog: 1, key: Self.key)
        let flow: [UInt8] = [1]
        func decide(_ header: SegmentHeader, _ count: Int = 0, at time: Instant? = nil) -> ListenBacklog.Decision {
            listener.decide(
                header, payloadCount: count, flow: flow.span.bytes, configuration: TCPConfiguration(), now: time ?? now)
        }
        _ = decide(syn(1))
        guard case .reply(let answer) = decide(syn(50)) else {
            Issue.record("no cookie")
            return
        }
        listener.handshakeEnded(isEstablished: true)
        let first = SegmentHeader(sequence: SequenceNumber(51), acknowledgement: answer.sequence + 1, flags: .ack)
        var second = first
        second.sequence = SequenceNumber(151)
        if case .drop = decide(first, 100) {} else { Issue.record("taken, where there is no room") }
        listener.accepted()
        if case .drop = decide(second, 100) {} else { Issue.record("what is behind the first was not dropped") }
        if case .resume = decide(first, 100) {} else { Issue.record("the first came again in vain") }
        if case .reply(let reset) = decide(second, 100, at: now + .seconds(5)) {
            #expect(reset.flags == .rst)
        } else {
            Issue.record("no reset, long after")
        }
    }

    @Test(
        arguments: [
            (nil, nil, false), (0x1234_5678, nil, false), (0x1234_5678, 7, true), (0x1234_5678, 0, false),
            (0xFFFF_FFFF, 14, true), (1, nil, true),
        ] as [(UInt32?, UInt8?, Bool)], [0, 31, 32, 0xFFFF_FFF0] as [UInt32])
    func `what a cookie has no room for travels in the timestamp`(
        _ syn: (value: UInt32?, scale: UInt8?, permitsSACK: Bool), _ offset: UInt32
    ) throws {
        var listener = ListenBacklog(backlog: 1, key: Self.key)
        let flow: [UInt8] = [1]
        var configuration = TCPConfiguration()
        configuration.timestampOffset = offset
        func decide(_ header: SegmentHeader) -> ListenBacklog.Decision {
            listener.decide(
                header, payloadCount: 0, flow: flow.span.bytes, configuration: configuration, now: now)
        }
        _ = decide(self.syn(1))
        var header = self.syn(50)
        header.options.windowScale = syn.scale
        header.options.isSACKPermitted = syn.permitsSACK
        header.options.timestamps = syn.value.map { TCPTimestamps(value: $0, echo: 0) }
        guard case .reply(let answer) = decide(header) else {
            Issue.record("no cookie")
            return
        }
        let hasTimestamps = syn.value != nil
        #expect((answer.options.timestamps?.echo) == syn.value)
        #expect((answer.options.windowScale != nil) == (hasTimestamps && syn.scale != nil))
        #expect(answer.options.isSACKPermitted == (hasTimestamps && syn.permitsSACK))
        var last = SegmentHeader(
            sequence: SequenceNumber(51), acknowledgement: answer.sequence + 1, flags: .ack, window: 4000)
        if let value = syn.value, let stamps = answer.options.timestamps {
            last.options.timestamps = TCPTimestamps(value: value &+ 1, echo: stamps.value)
            let clock = configuration.timestampClock(now)
            #expect(clock &- stamps.value < 64)
        }
        guard case .resume(let options) = decide(last) else {
            Issue.record("the cookie was not known")
            return
        }
        var connection = TransmissionControlBlock(
            cookieIn: last, options: options, configuration: configuration, now: now)
        connection.receive(last, payload: RawSpan(), now: now)
        let (scaling, sack, stamps) = (connection.usesScaling, connection.usesSACK, connection.usesTimestamps)
        #expect(stamps == hasTimestamps && sack == answer.options.isSACKPermitted)
        #expect(scaling == (answer.options.windowScale != nil))
        let (window, state, isMeasured) = (connection.send.window, connection.state, connection.estimator.hasMeasured)
        #expect(window == 4000 << Int(scaling ? syn.scale ?? 0 : 0) && state == .established && !isMeasured)
        let shift = connection.receiver.shift
        #expect(shift == answer.options.windowScale ?? 0)
    }

    @Test func `a handshake that nobody completes ends after 63 seconds, one of this end's after three minutes`() {
        for (isPassive, seconds) in [(true, 63.0), (false, 180.0)] {
            var connection =
                isPassive
                ? TransmissionControlBlock(
                    answering: syn(1), configuration: TCPConfiguration(), initial: SequenceNumber(1), now: now)
                : TransmissionControlBlock(opening: TCPConfiguration(), initial: SequenceNumber(1), now: now)
            var (time, sent) = (now, 0)
            var isOver = false
            while !isOver {
                while connection.poll(now: time) != nil { sent += 1 }
                isOver = connection.state == .closed
                if !isOver { time = max(time, connection.deadline) }
            }
            let took = Double((time - now).nanoseconds) / 1e9
            #expect(took >= seconds && took < seconds + 8 && sent >= 6)
        }
    }
}
