import Interfaces
import Testing

@testable import MQTT

/// The tables of MQTT 5.0, and a session beside a broker that says what the test wants.
@Suite struct MQTTTests {
    private func message(_ quality: QualityOfService, _ payload: UInt8 = 0x78) -> MQTTMessage {
        MQTTMessage(Array("t".utf8), [payload], quality: quality)
    }

    @Test func `CONNECT says who, how, and what to say when the client is gone`() throws {
        var bench = Bench {
            $0.userName = [0x75]
            $0.password = [1, 2]
            $0.will = MQTTMessage([0x77], [0x6F], quality: .atLeastOnce, isRetained: true)
            $0.willDelay = 5
        }
        bench.session.begin(now: bench.now)
        #expect(
            try bench.sentText() == [
                "102f" + "00044d515454" + "05" + "ee" + "003c" + "0d" + "1100000e10" + "210010" + "2700004000"
                    + "00026d65" + "05" + "1800000005" + "000177" + "00016f" + "000175" + "00020102"
            ])
    }

    @Test(
        arguments: [
            // Fixed headers: an unknown type, wrong flags, lengths that do not fit or have five bytes.
            "00 00", "d1 00", "21 03 000000", "62 00", "60 02 0001", "d0 01 00", "40 03 0001", "20 ffffffff01",
            "d0 8000",
            // What only a client sends.
            "10 00", "82 00", "a2 00", "c0 00", "f0 00",
            // CONNACK: reserved bits, a session beside a refusal, properties twice, unknown, cut off, of others, zero.
            "20 03 020000", "20 03 018000", "20 09 000006 210001 210002", "20 05 0000 02 7f00", "20 05 0000 02 2100",
            "20 06 0000 03 230001", "20 06 0000 03 210000", "20 05 0000 02 2402", "20 08 0000 05 2700000000",
            // PUBLISH: quality 3, a repetition of quality 0, no topic, wildcards, not UTF-8, U+0000, an alias, identifier 0.
            "36 06 000174 0001 00", "38 04 000174 00", "30 03 0000 00", "30 04 000123 00", "30 04 0001ff 00",
            "30 04 000100 00", "30 07 000174 03 230001", "32 06 000174 0000 00", "30 05 000174 01 00",
            "30 04 000274 00", "30 08 000174 04 08000123",
            // Acknowledgements of nothing, SUBACK without a reason.
            "40 02 0000", "50 02 0000", "62 02 0000", "70 02 0000", "90 04 0000 00 00", "90 03 0001 00",
        ])
    func `what breaks the protocol ends the connection`(_ hex: String) throws {
        let bytes = Bench.bytes(hex)
        #expect(throws: MQTTError.self) {
            guard try MQTTPacket.length(in: bytes.span.bytes) != nil else { throw MQTTError.full }
            _ = try MQTTPacket(parsing: bytes.span.bytes)
        }
    }

    @Test func `what was accepted holds`() throws {
        let bytes = Bench.bytes("20 1c 0000 19 210002 2401 2500 2700000064 12 0002 6162 13 001e 260000 0000")
        let packet = try MQTTPacket(parsing: bytes.span.bytes)
        guard case .connack(let acceptance) = packet else { throw MQTTError.full }
        #expect(acceptance.receiveMaximum == 2 && acceptance.maximumQuality == .atLeastOnce && !acceptance.retains)
        #expect(acceptance.maximumPacketSize == 100 && acceptance.keepAlive == 30)
        #expect(acceptance.assignedIdentifier == Array("ab".utf8))
    }

    @Test func `a message of each quality goes its way`() throws {
        var bench = Bench()
        #expect(throws: MQTTError.notConnected) {
            _ = try bench.session.publish(message(.atMostOnce), now: bench.now)
        }
        _ = try bench.connect()
        _ = try bench.session.publish(message(.atMostOnce), now: bench.now)
        let first = try bench.session.publish(message(.atLeastOnce), now: bench.now)
        let second = try bench.session.publish(message(.exactlyOnce), now: bench.now)
        #expect(
            try bench.sentText() == ["30050001740078", "3207000174" + "000100" + "78", "3407000174" + "000200" + "78"])
        #expect(try bench.receive("4002 0001") == .delivered(first, .success))
        #expect(try bench.receive("5002 0002") == nil)
        #expect(try bench.sentText() == ["62020002"])
        #expect(try bench.receive("7002 0002") == .delivered(second, .success))
        // Late and foreign ones change nothing.
        #expect(try bench.receive("4002 0001") == nil)
        #expect(try bench.receive("5002 0009") == nil)
        #expect(try bench.sentText() == ["6203000992"])
        let third = try bench.session.publish(message(.exactlyOnce), now: bench.now)
        #expect(try bench.receive("5003 0003 87") == .delivered(third, .notAuthorized))
        #expect(bench.session.pendingCount == 0)
    }

    @Test func `after a loss the session goes on, or begins again`() throws {
        var bench = Bench()
        _ = try bench.connect()
        try bench.session.subscribe(Array("a/#".utf8), now: bench.now)
        #expect(try bench.sentText() == ["820900010000" + "03612f2301"])
        #expect(try bench.receive("9004 0001 00 01") == .subscribed(Array("a/#".utf8), MQTTReason(1)))
        for index in 0..<3 {
            _ = try bench.session.publish(message(index == 0 ? .atLeastOnce : .exactlyOnce), now: bench.now)
        }
        _ = try bench.receive("5002 0003")
        bench.session.end()
        // Clean only the first time.
        bench.session.begin(now: bench.now)
        #expect(try bench.sent()[0][9] == 0)
        #expect(
            try bench.connect(isResumed: true) == [
                "3a07000174" + "000200" + "78", "62020003", "3c07000174" + "000400" + "78",
            ])
        bench.session.end()
        // The broker has forgotten: what it had is done, the rest and the subscription come again.
        #expect(
            try bench.connect() == [
                "820900050000" + "03612f2301", "3207000174" + "000600" + "78", "3407000174" + "000700" + "78",
            ])
        #expect(bench.session.pendingCount == 2)
    }

    @Test func `a session that only the broker knows is none`() throws {
        var bench = Bench()
        bench.session.begin(now: bench.now)
        #expect(throws: MQTTError.broken(.protocolError)) { _ = try bench.receive("2003 010000") }
    }

    @Test func `no more is under way than the broker takes, and no more is kept than there is room for`() throws {
        var bench = Bench { $0.capacity = 4 }
        for _ in 0..<4 { _ = try bench.session.publish(message(.atLeastOnce), now: bench.now) }
        #expect(throws: MQTTError.full) { _ = try bench.session.publish(message(.atLeastOnce), now: bench.now) }
        #expect(try bench.connect("210002").count == 2)
        _ = try bench.receive("4002 0002")
        #expect(try bench.sentText() == ["3207000174" + "000300" + "78"])
        // A broker that acknowledges nothing gets all at once.
        bench.session.end()
        #expect(try bench.connect("2400").allSatisfy { $0.hasPrefix("30") })
        #expect(bench.session.pendingCount == 0)
        bench.session.end()
        _ = try bench.connect("2700000008")
        #expect(throws: MQTTError.tooLong) { _ = try bench.session.publish(message(.atLeastOnce), now: bench.now) }
    }

    @Test func `messages come in, once where it was promised`() throws {
        var bench = Bench { $0.receiveMaximum = 2 }
        _ = try bench.connect()
        #expect(try bench.receive("3005000174 00 78") == .message(message(.atMostOnce)))
        #expect(try bench.receive("3207000174 0005 00 78") == .message(message(.atLeastOnce)))
        #expect(try bench.receive("3407000174 0006 00 78") == .message(message(.exactlyOnce)))
        #expect(try bench.receive("3c07000174 0006 00 78") == nil)
        #expect(try bench.sentText() == ["40020005", "50020006", "50020006"])
        #expect(try bench.receive("6202 0006") == nil)
        #expect(try bench.receive("6202 0006") == nil)
        #expect(try bench.sentText() == ["70020006", "7003000692"])
        #expect(try bench.receive("3407000174 0006 00 78") == .message(message(.exactlyOnce)))
        #expect(try bench.receive("3407000174 0007 00 78") == .message(message(.exactlyOnce)))
        #expect(throws: MQTTError.broken(.receiveMaximumExceeded)) { _ = try bench.receive("3407000174 0008 00 78") }
    }

    @Test func `all that a message can carry comes and goes`() throws {
        var full = message(.atLeastOnce)
        full.isText = true
        full.expiry = 60
        full.contentType = Array("text/plain".utf8)
        full.responseTopic = Array("r".utf8)
        full.correlation = [0, 255]
        let bytes = full.packet(9)
        let packet = try MQTTPacket(parsing: bytes.span.bytes)
        #expect(packet == .publish(full, identifier: 9, isDuplicate: false))
    }

    @Test func `a silent client shows that it lives, a silent broker is left`() throws {
        var bench = Bench { $0.keepAlive = 30 }
        _ = try bench.connect()
        #expect(bench.session.deadline == bench.now + .seconds(30))
        bench.now = bench.session.deadline
        try bench.session.advance(to: bench.now)
        #expect(try bench.sentText() == ["c000"])
        #expect(try bench.receive("d000") == nil)
        bench.now = bench.session.deadline
        try bench.session.advance(to: bench.now)
        bench.now = bench.session.deadline
        #expect(throws: MQTTError.broken(.keepAliveTimeout)) { try bench.session.advance(to: bench.now) }
        // The broker's wish counts, and 0 is for ever.
        bench.session.end()
        _ = try bench.connect(isResumed: true, "130000")
        #expect(bench.session.deadline == .never)
        // CONNECT is answered in time as well.
        bench.session.begin(now: bench.now)
        #expect(throws: MQTTError.broken(.keepAliveTimeout)) { try bench.session.advance(to: bench.now + .seconds(10)) }
    }

    @Test(
        arguments: [
            ("a", true, true), ("/", true, true), ("a/b c/é", true, true), ("", false, false), ("#", false, true),
            ("+", false, true), ("a/+/b/#", false, true), ("a+", false, false), ("a/#/b", false, false),
            ("a#", false, false), ("+a/b", false, false), ("a\0", false, false),
            (String(repeating: "x", count: 65536), false, false),
        ] as [(String, Bool, Bool)])
    func `topics and filters`(_ text: String, _ isTopic: Bool, _ isFilter: Bool) {
        #expect(MQTTMessage.isTopic(Array(text.utf8)) == isTopic)
        #expect(MQTTMessage.isFilter(Array(text.utf8)) == isFilter)
    }
}
