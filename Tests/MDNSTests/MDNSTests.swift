import DNS
import Interfaces
import Network
import Testing

@testable import MDNS

@Suite struct MDNSTests {
    private typealias Bench = ResponderBench
    private static let neighbour = ResponderBench.neighbour
    private static let address = ResponderBench.address

    private func name(_ text: String) -> DNSName { DNSName(text)! }

    private func response(_ record: MDNSRecord) -> MDNSMessage { ResponderBench.response(record) }

    @Test func `a name is probed for three times, then announced twice`() {
        var bench = Bench()
        bench.run(10_000)
        #expect(bench.sent.count == 5)
        let times = bench.sent.map(\.time)
        #expect(times[0] < 250)
        #expect(times[1] - times[0] == 250 && times[2] - times[1] == 250 && times[3] - times[2] == 250)
        #expect(times[4] - times[3] == 1000)
        for (_, one) in bench.sent { #expect(one.destination == MDNSMessage.group) }
        let probe = bench.sent[0].outgoing.message
        #expect(
            !probe.isResponse
                && probe.questions.map(\.name) == [name("apus.local"), name("My\\032page._http._tcp.local")])
        #expect(probe.questions.allSatisfy { $0.type == MDNSMessage.any && $0.allowsUnicast })
        #expect(probe.authorities.contains { $0.record.data == .a(Self.address) })
        let announcement = bench.sent[3].outgoing.message
        #expect(announcement.isResponse && announcement.answers.count == 6)
        #expect(bench.responder.isClaimed && bench.responder.deadline == .never)
    }

    @Test func `a message asks no more than is looked for in one frame's time`() throws {
        func isRead(_ count: Int) -> Bool {
            var message = MDNSMessage()
            message.questions = Array(repeating: MDNSQuestion(name("apus.local"), MDNSMessage.any), count: count)
            return (try? MDNSMessage(parsing: message.encoded.span.bytes)) != nil
        }
        #expect(isRead(32))
        #expect(!isRead(33) && !isRead(240))
    }

    @Test func `messages are read as they were written, and every beginning of one is an error`() throws {
        var message = MDNSMessage()
        message.isResponse = true
        message.questions = [
            MDNSQuestion(name("a.local"), .a, allowsUnicast: true), MDNSQuestion(name("b"), MDNSMessage.any),
        ]
        message.answers = [MDNSRecord(name("a.local"), timeToLive: 120, .a(Self.address), isUnique: true)]
        message.additionals = [MDNSRecord(name("x.local"), timeToLive: 4500, .ptr(name("y.local")), isUnique: false)]
        let bytes = message.encoded
        let again = try MDNSMessage(parsing: bytes.span.bytes)
        #expect(again == message)
        for count in 0..<bytes.count {
            let part = Array(bytes[..<count])
            let none = (try? MDNSMessage(parsing: part.span.bytes)) == nil
            #expect(none)
        }
    }

    @Test func `the address is answered at once and to everybody, and not twice in a second`() {
        var bench = Bench.claimed()
        bench.ask([MDNSQuestion(name("APUS.local"), .a)])
        #expect(bench.sent.count == 1)
        let message = bench.sent[0].outgoing.message
        #expect(message.answers == [MDNSRecord(name("apus.local"), timeToLive: 120, .a(Self.address), isUnique: true)])
        bench.ask([MDNSQuestion(name("apus.local"), .a)])
        #expect(bench.sent.count == 1)
        bench.run(1000)
        bench.ask([MDNSQuestion(name("apus.local"), .a)])
        #expect(bench.sent.count == 2)
        bench.ask([MDNSQuestion(name("1.0.0.10.in-addr.arpa"), .ptr)])
        #expect(bench.sent.count == 3)
    }

    @Test func `that there is no IPv6 address is said as well, and nothing about others`() {
        var bench = Bench.claimed()
        bench.ask([MDNSQuestion(name("apus.local"), .aaaa)])
        #expect(bench.sent.count == 1 && bench.sent[0].outgoing.message.answers[0].record.data.type == MDNSMessage.nsec)
        bench.ask([MDNSQuestion(name("other.local"), .a), MDNSQuestion(name("apus.example"), .a)])
        #expect(bench.sent.count == 1)
    }

    @Test func `a service is found by its type, with all that is asked next, after a moment`() {
        var bench = Bench.claimed()
        bench.ask([
            MDNSQuestion(name("_http._tcp.local"), .ptr), MDNSQuestion(name("_services._dns-sd._udp.local"), .ptr),
        ])
        #expect(bench.sent.isEmpty)
        bench.run(200)
        #expect(bench.sent.count == 1)
        let message = bench.sent[0].outgoing.message
        let instance = name("My\\032page._http._tcp.local")
        #expect(message.answers.map(\.record.data) == [.ptr(instance), .ptr(name("_http._tcp.local"))])
        #expect(message.answers.allSatisfy { !$0.isUnique })
        let host = name("apus.local")
        #expect(
            message.additionals.map(\.record.data) == [
                .srv(priority: 0, weight: 0, port: 80, target: host), .txt([Array("path=/".utf8)]), .a(Self.address),
            ])
    }

    @Test func `what the asker knows is not told again, unless it is about to forget it`() {
        for (seconds, isTold) in [(UInt32(4500), false), (2250, false), (2249, true)] {
            var bench = Bench.claimed()
            let known = MDNSRecord(
                name("_http._tcp.local"), timeToLive: seconds, .ptr(name("My\\032page._http._tcp.local")),
                isUnique: false)
            bench.ask([MDNSQuestion(name("_http._tcp.local"), .ptr)], known: [known])
            bench.run(1000)
            #expect(bench.sent.isEmpty != isTold)
        }
    }

    @Test func `who asks for itself is answered alone, and who knows DNS alone gets DNS`() throws {
        var bench = Bench.claimed()
        bench.ask([MDNSQuestion(name("apus.local"), .a, allowsUnicast: true)])
        #expect(bench.sent.count == 1 && bench.sent[0].outgoing.destination == Self.neighbour)
        let legacy = Endpoint(IPAddress(IPv4Address(10, 0, 0, 9)), 40_000)
        var query = MDNSMessage()
        query.identifier = 77
        query.questions = [MDNSQuestion(name("apus.local"), .a)]
        bench.receive(query, from: legacy)
        let answer = try #require(bench.sent.last).outgoing
        #expect(answer.destination == legacy && answer.message.identifier == 77)
        #expect(answer.message.questions == query.questions)
        #expect(
            answer.message.answers == [
                MDNSRecord(name("apus.local"), timeToLive: 10, .a(Self.address), isUnique: false)
            ])
    }

    @Test func `a name that somebody has is given up for the next`() {
        var bench = Bench()
        bench.run(300)
        bench.receive(
            response(MDNSRecord(name("apus.local"), timeToLive: 120, .a(IPv4Address(10, 0, 0, 7)), isUnique: true)))
        bench.run(5000)
        #expect(bench.responder.hostName == name("apus-2.local") && bench.responder.isClaimed)
        #expect(bench.responder.conflicts == 1)
        // Later somebody claims that one as well: it is probed for again, and kept if nobody objects.
        bench.receive(
            response(MDNSRecord(name("apus-2.local"), timeToLive: 120, .a(IPv4Address(10, 0, 0, 8)), isUnique: true)))
        #expect(!bench.responder.isClaimed)
        bench.run(5000)
        #expect(bench.responder.hostName == name("apus-2.local") && bench.responder.isClaimed)
        // Our own words, a goodbye, and what comes from another port are no conflict.
        for record in [
            MDNSRecord(name("apus-2.local"), timeToLive: 120, .a(Self.address), isUnique: true),
            MDNSRecord(name("apus-2.local"), timeToLive: 0, .a(IPv4Address(10, 0, 0, 8)), isUnique: true),
        ] { bench.receive(response(record)) }
        bench.receive(
            response(MDNSRecord(name("apus-2.local"), timeToLive: 9, .a(IPv4Address(10, 0, 0, 8)), isUnique: true)),
            from: Endpoint(IPAddress(IPv4Address(10, 0, 0, 9)), 4000))
        #expect(bench.responder.isClaimed && bench.responder.conflicts == 2)
    }

    @Test func `of two that probe at once the later data wins, and the other waits`() {
        for (other, waits) in [(IPv4Address(10, 0, 0, 2), true), (IPv4Address(9, 255, 255, 255), false)] {
            var bench = Bench([])
            bench.run(300)
            let count = bench.sent.count
            var probe = MDNSMessage()
            probe.questions = [MDNSQuestion(name("apus.local"), MDNSMessage.any)]
            probe.authorities = [MDNSRecord(name("apus.local"), timeToLive: 120, .a(other), isUnique: false)]
            bench.receive(probe)
            bench.run(900)
            #expect((bench.sent.count == count) == waits)
        }
    }

    @Test func `with the address go the names, and with another they come back`() {
        var bench = Bench.claimed()
        bench.take(bench.responder.setAddress(nil, now: bench.now))
        #expect(bench.sent.count == 1)
        #expect(bench.sent[0].outgoing.message.answers.allSatisfy { $0.record.timeToLive == 0 })
        bench.ask([MDNSQuestion(name("apus.local"), .a)])
        bench.run(10_000)
        #expect(bench.sent.count == 1 && bench.responder.deadline == .never)
        bench.take(
            bench.responder.setAddress(InterfaceAddress(IPv4Address(10, 0, 0, 5), prefixLength: 24), now: bench.now))
        bench.run(10_000)
        #expect(bench.sent.last?.outgoing.message.answers.first?.record.data == .a(IPv4Address(10, 0, 0, 5)))
    }
}
