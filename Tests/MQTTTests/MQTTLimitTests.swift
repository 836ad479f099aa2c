import Interfaces
import Testing

@testable import MQTT

/// What a broker's CONNACK allows holds for what is queued, what was under way over an earlier connection, and what is new alike
/// (MQTT 5.0, section 3.2.2.3).
@Suite struct MQTTLimitTests {
    private static let filter = Array("a/#".utf8)

    private func message(
        _ quality: QualityOfService, _ payload: UInt8 = 0x78, count: Int = 1, isRetained: Bool = false
    ) -> MQTTMessage {
        MQTTMessage(
            Array("t".utf8), [UInt8](repeating: payload, count: count), quality: quality, isRetained: isRetained)
    }

    private func events(_ bench: inout Bench) -> [MQTTEvent] {
        var events: [MQTTEvent] = []
        while let event = bench.session.nextEvent() { events.append(event) }
        return events
    }

    @Test(arguments: [false, true]) func `what is longer than the broker takes is given up, and said`(isUnderWay: Bool)
        throws
    {
        var bench = Bench()
        if isUnderWay { _ = try bench.connect() }
        let long = try bench.session.publish(message(.atLeastOnce, count: 500), now: bench.now)
        let short = try bench.session.publish(message(.exactlyOnce, count: 50), now: bench.now)
        bench.session.end()
        // A maximum packet size of 100.
        let sent = try bench.connect(isResumed: isUnderWay, "2700000064")
        #expect(sent.count == 1 && sent[0].count == 2 * 58)
        #expect(events(&bench) == [.delivered(long, .packetTooLarge)])
        #expect(!bench.session.isPending(long) && bench.session.isPending(short))
        #expect(throws: MQTTError.tooLong) {
            _ = try bench.session.publish(message(.atLeastOnce, count: 93), now: bench.now)
        }
        _ = try bench.session.publish(message(.atLeastOnce, count: 92), now: bench.now)
        #expect(try bench.sent().map(\.count) == [100])
    }

    @Test func `no more are sent again than the broker takes at a time, and in order`() throws {
        var bench = Bench()
        _ = try bench.connect()
        for number in 1...6 { _ = try bench.session.publish(message(.atLeastOnce, UInt8(number)), now: bench.now) }
        #expect(try bench.sent().count == 6)
        bench.session.end()
        var sent = try bench.connect(isResumed: true, "210002")
        #expect(sent == ["3a07000174000100" + "01", "3a07000174000200" + "02"])
        for number in 1...4 {
            _ = try bench.receive("40 02 000\(number)")
            sent = try bench.sentText()
            #expect(sent == ["3a07000174000\(number + 2)000\(number + 2)"])
        }
        _ = try bench.session.publish(message(.atLeastOnce, 7), now: bench.now)
        #expect(try bench.sent().isEmpty)
        _ = try bench.receive("40 02 0005")
        #expect(try bench.sentText() == ["320700017400070007"])
    }

    @Test func `what was released is sent again whatever the maximum`() throws {
        var bench = Bench()
        _ = try bench.connect()
        for number in 1...3 { _ = try bench.session.publish(message(.exactlyOnce, UInt8(number)), now: bench.now) }
        for number in 1...3 { _ = try bench.receive("50 02 000\(number)") }
        _ = try bench.sent()
        bench.session.end()
        #expect(try bench.connect(isResumed: true, "210001") == ["62020001", "62020002", "62020003"])
    }

    @Test func `a lesser quality holds for what was under way, and ends with that broker`() throws {
        var bench = Bench()
        _ = try bench.connect()
        let number = try bench.session.publish(message(.exactlyOnce, isRetained: true), now: bench.now)
        #expect(try bench.sentText() == ["350700017400010078"])
        bench.session.end()
        // Quality 1 at most, and nothing kept: another packet than before, so no repetition.
        #expect(try bench.connect(isResumed: true, "2401 2500") == ["320700017400020078"])
        #expect(try bench.receive("50 02 0002") == nil)
        _ = try bench.sent()
        bench.session.end()
        // As it was wanted, where that is offered.
        #expect(try bench.connect() == ["350700017400030078"])
        bench.session.end()
        #expect(try bench.connect(isResumed: true, "2400") == ["31050001740078"])
        #expect(!bench.session.isPending(number))
    }

    @Test func `filters that the broker does not take are not asked for, until another does`() throws {
        for (filter, property, reason) in [
            ("a/#", "2800", UInt8(0xA2)), ("+/b", "2800", 0xA2), ("$share/g/a", "2a00", 0x9E),
            (String(repeating: "f", count: 99), "2700000064", 0x95),
        ] {
            var bench = Bench()
            let bytes = Array(filter.utf8)
            try bench.session.subscribe(bytes, now: bench.now)
            #expect(try bench.connect(property).isEmpty)
            #expect(events(&bench) == [.subscribed(bytes, MQTTReason(reason))])
            bench.session.end()
            #expect(try bench.connect(isResumed: true).count == 1)
        }
    }

    @Test func `a broker that takes no acknowledgement is none`() throws {
        var bench = Bench()
        bench.session.begin(now: bench.now)
        #expect(throws: MQTTError.broken(.packetTooLarge)) { _ = try bench.receive("20 08 000005 2700000004") }
        #expect(!bench.session.isConnected)
    }

    @Test func `the broker's time between signs of life and its name for the client hold for its connection`() throws {
        var bench = Bench { $0.identifier = [] }
        _ = try bench.connect("13001e 12000178")
        #expect(bench.session.identifier == [0x78])
        #expect(bench.session.deadline == bench.now + .seconds(30))
        bench.session.end()
        _ = try bench.connect(isResumed: true)
        #expect(bench.session.deadline == bench.now + .seconds(60))
    }
}
