import DNS
import Interfaces
import Network
import Testing

@testable import MDNS

/// Who is answered, and how much (RFC 6762, sections 6, 7 and 11).
@Suite struct MDNSLinkTests {
    private static let host = DNSName("apus.local")!
    private static let pages = DNSName("_http._tcp.local")!
    private static let instance = DNSName("My\\032page._http._tcp.local")!
    private static let pointer = MDNSRecord(pages, timeToLive: 4500, .ptr(instance), isUnique: false)
    private static let stranger = IPAddress(IPv4Address(203, 0, 113, 5))

    @Test(arguments: [53, 5353, 40_000] as [UInt16], [false, true])
    func `nobody off the link is answered alone`(_ port: UInt16, _ allowsUnicast: Bool) {
        let sender = Endpoint(Self.stranger, Port(rawValue: port))
        for destination in [ResponderBench.address, ResponderBench.group] {
            var bench = ResponderBench.claimed()
            bench.ask(
                [MDNSQuestion(Self.host, .a, allowsUnicast: allowsUnicast)], from: sender, to: destination)
            bench.run(1000)
            // Another network on the same link is answered where everybody hears it.
            let isHeard = destination == ResponderBench.group && port == 5353
            #expect(bench.sent.map(\.outgoing.destination) == (isHeard ? [MDNSMessage.group] : []))
        }
    }

    @Test func `an answer for this host alone is no conflict, unless it probes`() {
        let record = MDNSRecord(Self.host, timeToLive: 120, .a(IPv4Address(10, 0, 0, 7)), isUnique: true)
        var bench = ResponderBench.claimed()
        bench.receive(ResponderBench.response(record), to: ResponderBench.address)
        #expect(bench.responder.isClaimed && bench.responder.conflicts == 0)
        bench = ResponderBench()
        bench.run(300)
        bench.receive(
            ResponderBench.response(record), from: Endpoint(Self.stranger, 5353), to: ResponderBench.address)
        #expect(bench.responder.conflicts == 0)
        bench.receive(ResponderBench.response(record), to: ResponderBench.address)
        #expect(bench.responder.conflicts == 1)
    }

    @Test func `only what everybody hears is believed`() {
        #expect(MDNSResponder.believesAnswers(from: ResponderBench.neighbour, to: ResponderBench.group))
        #expect(!MDNSResponder.believesAnswers(from: ResponderBench.neighbour, to: ResponderBench.address))
        let other = Endpoint(ResponderBench.neighbour.address, 5354)
        #expect(!MDNSResponder.believesAnswers(from: other, to: ResponderBench.group))
    }

    @Test func `an answer to one that knows DNS alone fits a frame, and repeats a question once`() throws {
        let services = (0..<8).map {
            MDNSServiceInstance(
                "Service \($0)", type: "_a\($0)._tcp", port: 80,
                texts: [[UInt8](repeating: 0x61, count: 200), [UInt8](repeating: 0x62, count: 200)])
        }
        let legacy = Endpoint(ResponderBench.neighbour.address, 40_000)
        var bench = ResponderBench.claimed(services)
        bench.ask(Array(repeating: MDNSQuestion(Self.host, .a), count: 32), from: legacy)
        let first = try #require(bench.sent.last).outgoing.message
        #expect(first.questions == [MDNSQuestion(Self.host, .a)] && first.answers.count == 1)
        var questions = (0..<8).map { MDNSQuestion(DNSName("Service\\032\($0)._a\($0)._tcp.local")!, MDNSMessage.any) }
        questions += (0..<24).map { MDNSQuestion(DNSName("other-\($0).local")!, .a) }
        bench.ask(questions, from: legacy)
        let second = try #require(bench.sent.last).outgoing.message
        #expect(second.encoded.count <= 1472 && second.answers.count > 2)
        #expect(second.questions.allSatisfy { $0.type == MDNSMessage.any })
        for (_, one) in bench.sent { #expect(one.message.encoded.count <= 1472) }
    }

    @Test func `announcements take as many frames as they need, and names are said once`() {
        let services = (0..<8).map {
            MDNSServiceInstance(
                "Service \($0)", type: "_a\($0)._tcp", port: 80, texts: [[UInt8](repeating: 0x61, count: 200)])
        }
        var bench = ResponderBench(services)
        bench.run(1000)
        let messages = bench.sent.map(\.outgoing.message).filter { $0.isResponse }
        #expect(messages.count > 1 && messages.allSatisfy { $0.encoded.count <= 1472 })
        #expect(messages.reduce(0) { $0 + $1.answers.count } == 2 + 4 * 8)
        let whole = messages[0].answers.reduce(12) {
            $0 + $1.record.name.encoded.count + 10 + $1.record.data.encoded.count
        }
        #expect(messages[0].encoded.count < whole - 300)
    }

    @Test func `what the asker knows may come in the messages behind a truncated one`() {
        var bench = ResponderBench.claimed()
        bench.ask([MDNSQuestion(Self.pages, .ptr)], isTruncated: true)
        bench.run(100)
        bench.ask([], known: [Self.pointer])
        bench.run(2000)
        #expect(bench.sent.isEmpty)
    }

    @Test func `what one asker knows another is told`() {
        var bench = ResponderBench.claimed()
        bench.ask([MDNSQuestion(Self.pages, .ptr)], isTruncated: true)
        bench.ask(
            [MDNSQuestion(Self.pages, .ptr)], isTruncated: true,
            from: Endpoint(IPAddress(IPv4Address(10, 0, 0, 8)), 5353))
        bench.ask([], known: [Self.pointer])
        bench.run(2000)
        #expect(bench.sent.map(\.outgoing.message.answers) == [[Self.pointer]])
    }

    @Test func `a truncated message waits for each that follows, and is answered then`() {
        var bench = ResponderBench.claimed()
        bench.ask([MDNSQuestion(Self.pages, .ptr)], isTruncated: true)
        bench.run(390)
        bench.ask([], isTruncated: true)
        bench.run(390)
        #expect(bench.sent.isEmpty)
        bench.run(200)
        #expect(bench.sent.map(\.outgoing.message.answers) == [[Self.pointer]])
    }

    @Test(arguments: [String(repeating: "a", count: 63), String(repeating: "b", count: 62)])
    func `a label of full length gives way to the number of the next name`(_ label: String) {
        let service = MDNSServiceInstance(String(repeating: "ä", count: 31), type: "_http._tcp", port: 80)
        var bench = ResponderBench([service], label: label)
        bench.run(300)
        bench.receive(
            ResponderBench.response(
                MDNSRecord(
                    DNSName(label + ".local")!, timeToLive: 120, .a(IPv4Address(10, 0, 0, 7)), isUnique: true)))
        bench.run(5000)
        #expect(bench.responder.hostName == DNSName(String(label.prefix(61)) + "-2.local"))
        #expect(bench.responder.isClaimed)
        let names = bench.sent.last?.outgoing.message.answers.map(\.record.name.encoded) ?? []
        let instance = Array((String(repeating: "ä", count: 29) + " (2)").utf8)
        #expect(names.contains([UInt8(instance.count)] + instance + DNSName("_http._tcp.local")!.encoded))
    }
}
