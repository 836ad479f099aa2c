import Interfaces
import Network
import Testing

@testable import DNS

struct ResolverTests {
    private func new(_ search: [String] = [], _ change: (inout ResolverConfiguration) -> Void = { _ in }) -> Resolver {
        var configuration = ResolverConfiguration(servers: servers, searchList: search.map { name($0) })
        change(&configuration)
        return Resolver(configuration)
    }

    private let www = "www.example.com"

    @Test func `a name is asked for with what nobody can guess, and answered`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        #expect(transport.sent.count == 1 && transport.last.server == Endpoint(servers[0], 53))
        #expect(transport.last.question == DNSQuestion(name(www), .a) && transport.last.message.isRecursionDesired)
        #expect(resolver.take(id) == nil && resolver.nextFinished() == nil)
        resolver.receive(answer(transport.last, [record(www, .a(address))]), to: transport.last, 0.1, &transport)
        #expect(resolver.nextFinished() == id && resolver.nextFinished() == nil)
        let found = resolver.take(id)?.value
        #expect(found?.addresses == [IPAddress(address)] && found?.expiry == .at(300.1))
        #expect(resolver.take(id) == nil && resolver.deadline == .never && transport.open.isEmpty)
    }

    @Test func `identifiers, flows and letters differ between queries`() throws {
        var (resolver, transport) = (new(), Recorder())
        for number in 0..<8 { _ = try resolver.start("host\(number).example.com", now: .at(0), into: &transport) }
        #expect(Set(transport.sent.map { $0.message.identifier }).count == 8)
        #expect(Set(transport.sent.map { $0.flow }).count == 8)
        #expect(transport.sent.contains { $0.question.name.description != $0.question.name.description.lowercased() })
    }

    @Test func `the next server is asked after a second, each for longer, and all is over in five`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        var times = [0.0]
        while resolver.deadline < .at(5) {
            times.append(resolver.deadline.seconds)
            resolver.advance(to: resolver.deadline, into: &transport)
        }
        #expect(times == [0, 1, 2, 4] && transport.sent.map { $0.server.address.v4! } == servers + servers)
        #expect(resolver.deadline == .at(5))
        resolver.advance(to: .at(5), into: &transport)
        #expect(resolver.take(id)?.error == .timedOut && transport.open.isEmpty && resolver.deadline == .never)
    }

    @Test func `the caller's deadline counts, and without an end the rounds do`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, deadline: .at(0.5), now: .at(0), into: &transport)
        resolver.run(until: 0.5, &transport)
        #expect(resolver.take(id)?.error == .timedOut && transport.sent.count == 1)
        let endless = try resolver.start(www, deadline: .never, now: .at(1), into: &transport)
        resolver.run(until: 1000, &transport)
        #expect(resolver.take(endless)?.error == .timedOut && transport.sent.count == 1 + 8 && transport.open.isEmpty)
    }

    @Test func `a late answer to an earlier query still counts`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        resolver.run(until: 3, &transport)
        #expect(transport.sent.count == 3)
        resolver.receive(answer(transport.sent[0], [record(www, .a(address))]), to: transport.sent[0], 3, &transport)
        #expect(resolver.take(id)?.value != nil && transport.open.isEmpty)
    }

    @Test func `a server that is gone and comes back is found again`() throws {
        var (resolver, transport) = (new { $0.servers.removeLast() }, Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        resolver.fail(transport.last.flow, now: .at(0.1), into: &transport)
        #expect(resolver.take(id) == nil)
        resolver.run(until: 1, &transport)
        #expect(transport.sent.count == 2)
        resolver.receive(answer(transport.last, [record(www, .a(address))]), to: transport.last, 1.1, &transport)
        #expect(resolver.take(id)?.value != nil)
    }

    @Test func `RFC 5452: an answer with the wrong number, flow, server or question is counted and has no effect`()
        throws
    {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        let query = transport.last
        let good = answer(query, [record(www, .a(address))])
        var (number, question, two, none, request, operation) = (good, good, good, good, good, good)
        number.identifier &+= 1
        question.questions = [DNSQuestion(name("www.example.org"), .a)]
        two.questions.append(question.questions[0])
        none.questions = []
        request.isResponse = false
        operation.operation = 2
        for forged in [number, question, two, none, request, operation] {
            resolver.receive(forged, to: query, 0.1, &transport)
        }
        var elsewhere = query
        elsewhere.server = Endpoint(servers[1], 53)
        resolver.receive(good, to: elsewhere, 0.1, &transport)
        elsewhere.server = Endpoint(servers[0], 54)
        resolver.receive(good, to: elsewhere, 0.1, &transport)
        elsewhere = query
        elsewhere.flow.number += 1
        resolver.receive(good, to: elsewhere, 0.1, &transport)
        resolver.receive([1, 2, 3].span.bytes, from: query.server, on: query.flow, now: .at(0.1), into: &transport)
        #expect(resolver.ignored == 10 && resolver.take(id) == nil && transport.sent.count == 1)
        resolver.receive(good, to: query, 0.2, &transport)
        #expect(resolver.take(id)?.value != nil)
    }

    @Test func `records about other names than the one that was asked for are not believed`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        let forged = [record("bank.example.com", .a(address)), record(www, .cname(name("bank.example.com")))]
        resolver.receive(answer(transport.last, [forged[0]]), to: transport.last, 0.1, &transport)
        #expect(resolver.take(id)?.error == .noData && resolver.cachedCount == 0)
    }

    @Test func `an answer whose letters have another case is asked for again by TCP`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        var lower = answer(transport.last, [record(www, .a(address))])
        lower.questions = [DNSQuestion(name(www), .a)]
        resolver.receive(lower, to: transport.last, 0.1, &transport)
        #expect(resolver.take(id) == nil && transport.last.flow.isStream && transport.sent.count == 2)
        resolver.receive(answer(transport.last, [record(www, .a(address))]), to: transport.last, 0.2, &transport)
        #expect(resolver.take(id)?.value != nil && transport.open.isEmpty)
    }

    @Test(arguments: [true, false])
    func `a server that makes letters small and has no TCP is asked without a secret in them`(isRefused: Bool) throws {
        var (resolver, transport) = (new { $0.servers = [Endpoint(servers[0], 53)] }, Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        func small(_ query: Recorder.Sent) -> DNSMessage {
            var message = answer(query, [record(www, .a(address))])
            message.questions = [DNSQuestion(name(www), .a)]
            return message
        }
        resolver.receive(small(transport.last), to: transport.last, 0.1, &transport)
        #expect(transport.last.flow.isStream)
        if isRefused {
            resolver.fail(transport.last.flow, now: .at(0.2), into: &transport)
        } else {
            resolver.run(until: 1.2, &transport)
        }
        #expect(!transport.last.flow.isStream && transport.last.question.name.description == www)
        resolver.receive(small(transport.last), to: transport.last, 1.3, &transport)
        #expect(resolver.take(id)?.value?.addresses == [IPAddress(address)] && transport.open.isEmpty)
        // Known from now on; on another network everything may be different.
        _ = try resolver.start("one.example.com", now: .at(2), into: &transport)
        #expect(transport.last.question.name.description == "one.example.com")
        resolver.configure(ResolverConfiguration(servers: servers), now: .at(3), into: &transport)
        for number in 0..<4 { _ = try resolver.start("host\(number).a.com", now: .at(3), into: &transport) }
        #expect(
            transport.sent.suffix(4).contains {
                $0.question.name.description.first == "H" || $0.question.name.description.contains("O")
            })
    }

    @Test(arguments: [DNSResponseCode.serverFailure, .refused, .formatError, .notImplemented])
    func `trouble that is told without the question is told`(code: DNSResponseCode) throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        for server in servers {
            #expect(transport.last.server == Endpoint(server, 53))
            var message = answer(transport.last, code: code)
            message.questions = []
            resolver.receive(message, to: transport.last, 0.1, &transport)
        }
        #expect(resolver.take(id)?.error == (code == .refused ? .refused : .serverFailure))
        // That there is nothing is no trouble: without its question it is nobody's answer.
        _ = try resolver.start(www, now: .at(1), into: &transport)
        var message = answer(transport.last, code: .nameError)
        message.questions = []
        resolver.receive(message, to: transport.last, 1.1, &transport)
        #expect(resolver.ignored == 1)
    }

    @Test func `a broken record takes nothing from the good ones, and proves nothing`() throws {
        var (resolver, transport) = (new(), Recorder())
        let second = IPv4Address(192, 0, 2, 8)
        let broken = record(www, .other(.a, [1, 2, 3, 4, 5]))
        let id = try resolver.start(www, now: .at(0), into: &transport)
        let records = [record(www, .a(address)), broken, record(www, .a(second))]
        resolver.receive(answer(transport.last, records), to: transport.last, 0.1, &transport)
        #expect(resolver.take(id)?.value?.addresses == [IPAddress(address), IPAddress(second)])
        // A record that says to be longer than the message.
        let cut = try resolver.start("a.b", now: .at(1), into: &transport)
        var bytes = answer(transport.last, [record("a.b", .a(address)), record("a.b", .a(second))]).encoded
        bytes.removeLast(2)
        resolver.receive(
            bytes.span.bytes, from: transport.last.server, on: transport.last.flow, now: .at(1.1), into: &transport)
        #expect(resolver.take(cut)?.value?.addresses == [IPAddress(address)])
        let none = try resolver.start("c.d", now: .at(2), into: &transport)
        resolver.receive(
            answer(transport.last, [record("c.d", .other(.cname, [1]))]), to: transport.last, 2.1, &transport)
        #expect(resolver.take(none) == nil && resolver.ignored == 1)
    }

    @Test func `an answer that was cut off is asked for by TCP, from the same server, and read in pieces`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        var cut = answer(transport.last)
        cut.isTruncated = true
        resolver.receive(cut, to: transport.last, 0.1, &transport)
        let query = transport.last
        #expect(query.flow.isStream && query.server == Endpoint(servers[0], 53) && transport.open == [query.flow])
        #expect(query.bytes.count == 2 + Int(query.bytes[1]))
        let many = (0..<60).map { record(www, .a(IPv4Address(10, 0, 0, UInt8($0)))) }
        for byte in DNSStream.frame(answer(query, many).encoded) {
            resolver.receive([byte].span.bytes, from: query.server, on: query.flow, now: .at(0.2), into: &transport)
        }
        #expect(resolver.take(id)?.value?.records.count == 32 && transport.open.isEmpty)
    }

    @Test func `a TCP connection that fails leaves the next server`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        var cut = answer(transport.last)
        cut.isTruncated = true
        resolver.receive(cut, to: transport.last, 0.1, &transport)
        resolver.fail(transport.last.flow, now: .at(0.2), into: &transport)
        #expect(transport.last.server == Endpoint(servers[1], 53) && !transport.last.flow.isStream)
        resolver.receive(answer(transport.last, [record(www, .a(address))]), to: transport.last, 0.3, &transport)
        #expect(resolver.take(id)?.value != nil)
    }

    @Test(arguments: [
        (DNSResponseCode.serverFailure, ResolverError.serverFailure), (.refused, .refused),
        (.formatError, .serverFailure),
        (.notImplemented, .serverFailure),
    ])
    func `a server that cannot answer leaves the next one, and the last one's trouble is told`(
        code: DNSResponseCode, error: ResolverError
    ) throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        resolver.receive(answer(transport.last, code: code), to: transport.last, 0.1, &transport)
        #expect(transport.sent.count == 2 && transport.last.server == Endpoint(servers[1], 53))
        resolver.receive(answer(transport.last, code: code), to: transport.last, 0.2, &transport)
        #expect(resolver.take(id)?.error == error && resolver.cachedCount == 0 && transport.open.isEmpty)
    }

    @Test func `aliases in one answer are followed, and believed as long as the shortest`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        let chain = [
            record("b.net", .a(address), seconds: 600), record(www, .cname(name("a.net")), seconds: 700),
            record("A.net", .cname(name("b.net")), seconds: 50),
        ]
        resolver.receive(answer(transport.last, chain), to: transport.last, 0, &transport)
        let found = resolver.take(id)?.value
        #expect(found?.name == name("b.net") && found?.addresses == [IPAddress(address)] && found?.expiry == .at(50))
    }

    @Test func `an alias about which nothing is said is asked for`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        resolver.receive(
            answer(transport.last, [record(www, .cname(name("a.net")), seconds: 20)]), to: transport.last, 0, &transport
        )
        #expect(transport.last.question == DNSQuestion(name("a.net"), .a) && transport.open.count == 1)
        resolver.receive(answer(transport.last, [record("a.net", .a(address))]), to: transport.last, 1, &transport)
        #expect(resolver.take(id)?.value?.expiry == .at(21))
    }

    @Test func `aliases that lead in a circle, in one answer or in many, end`() throws {
        var (resolver, transport) = (new(), Recorder())
        let circle = [record(www, .cname(name("a.net"))), record("a.net", .cname(name(www)))]
        let id = try resolver.start(www, now: .at(0), into: &transport)
        resolver.receive(answer(transport.last, circle), to: transport.last, 0, &transport)
        #expect(resolver.take(id)?.error == .serverFailure)
        let other = try resolver.start(www, now: .at(0), into: &transport)
        for step in 0..<20 where resolver.deadline != .never {
            let owner = transport.last.question.name.description
            resolver.receive(
                answer(transport.last, [record(owner, .cname(name("x\(step).net")))]), to: transport.last, 0, &transport
            )
        }
        #expect(resolver.take(other)?.error == .serverFailure && transport.open.isEmpty && transport.sent.count == 10)
    }

    @Test func `the type CNAME is answered by the alias itself`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, .cname, now: .at(0), into: &transport)
        resolver.receive(
            answer(transport.last, [record(www, .cname(name("a.net")))]), to: transport.last, 0, &transport)
        #expect(resolver.take(id)?.value?.records == [.cname(name("a.net"))])
    }

    @Test func `what is known is answered at once until its time is over`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        resolver.receive(answer(transport.last, [record(www, .a(address))]), to: transport.last, 0, &transport)
        _ = resolver.take(id)
        let again = try resolver.start("WWW.example.COM.", now: .at(299), into: &transport)
        #expect(resolver.nextFinished() == again && resolver.take(again)?.value?.expiry == .at(300))
        #expect(transport.sent.count == 1)
        _ = try resolver.start(www, .aaaa, now: .at(299), into: &transport)
        _ = try resolver.start(www, now: .at(300), into: &transport)
        #expect(transport.sent.count == 3)
    }

    @Test(arguments: [
        (DNSResponseCode.nameError, ResolverError.noSuchName, 60 as UInt32?, true), (.noError, .noData, 60, false),
        (.nameError, .noSuchName, nil, false), (.noError, .noData, nil, false), (.nameError, .noSuchName, 0, false),
    ])
    func `RFC 2308: that there is nothing is believed as long as the authority says`(
        code: DNSResponseCode, error: ResolverError, seconds: UInt32?, holdsForAllTypes: Bool
    ) throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        resolver.receive(
            answer(transport.last, code: code, authorities: seconds.map { [authority($0)] } ?? []), to: transport.last,
            0, &transport)
        #expect(resolver.take(id)?.error == error)
        let again = try resolver.start(www, now: .at(59), into: &transport)
        #expect(resolver.take(again)?.error == ((seconds ?? 0) > 0 ? error : nil))
        let other = try resolver.start(www, .aaaa, now: .at(59), into: &transport)
        #expect((resolver.take(other) != nil) == holdsForAllTypes)
        let count = transport.sent.count
        _ = try resolver.start(www, .txt, now: .at(60), into: &transport)
        #expect(transport.sent.count == count + 1)
    }

    @Test func `the cache is bounded, and times are too`() throws {
        var (resolver, transport) = (Resolver(ResolverConfiguration(servers: servers), cached: 4), Recorder())
        for number in 0..<20 {
            let id = try resolver.start("n\(number).com", now: .at(0), into: &transport)
            let owner = "n\(number).com"
            resolver.receive(
                answer(transport.last, [record(owner, .a(address), seconds: number == 3 ? 1_000_000 : 300)]),
                to: transport.last, 0, &transport)
            if number == 3 { #expect(resolver.take(id)?.value?.expiry == .at(86400)) } else { _ = resolver.take(id) }
        }
        #expect(resolver.cachedCount == 4)
        let id = try resolver.start("n3.com", now: .at(80000), into: &transport)
        #expect(resolver.take(id)?.value != nil)
    }

    @Test func `a time of nothing is not kept`() throws {
        var (resolver, transport) = (new(), Recorder())
        _ = try resolver.start(www, now: .at(0), into: &transport)
        resolver.receive(
            answer(transport.last, [record(www, .a(address), seconds: 0)]), to: transport.last, 0, &transport)
        #expect(resolver.cachedCount == 0 && resolver.nextFinished() != nil)
    }

    @Test func `requests for the same are one query, whose answer all get`() throws {
        var (resolver, transport) = (new(), Recorder())
        let ids = try (0..<5).map { _ in try resolver.start(www, now: .at(0), into: &transport) }
        let other = try resolver.start(www, .aaaa, now: .at(0), into: &transport)
        #expect(transport.sent.count == 2)
        resolver.cancel(ids[0], into: &transport)
        resolver.receive(answer(transport.sent[0], [record(www, .a(address))]), to: transport.sent[0], 0, &transport)
        for id in ids[1...] { #expect(resolver.take(id)?.value?.addresses == [IPAddress(address)]) }
        #expect(resolver.take(ids[0]) == nil && resolver.take(other) == nil)
    }

    @Test func `a query that nobody waits for any more is given up`() throws {
        var (resolver, transport) = (new(), Recorder())
        let ids = try (0..<2).map { _ in try resolver.start(www, now: .at(0), into: &transport) }
        resolver.cancel(ids[0], into: &transport)
        #expect(transport.open.count == 1)
        resolver.cancel(ids[1], into: &transport)
        #expect(transport.open.isEmpty && resolver.deadline == .never)
    }

    @Test func `without servers the error says so, and with new ones what is under way goes on`() throws {
        var (resolver, transport) = (Resolver(ResolverConfiguration(servers: [])), Recorder())
        let id = try resolver.start(www, now: .at(0), into: &transport)
        #expect(resolver.take(id)?.error == .noServers)
        resolver.configure(ResolverConfiguration(servers: [servers[0]]), now: .at(1), into: &transport)
        let again = try resolver.start(www, now: .at(1), into: &transport)
        resolver.configure(ResolverConfiguration(servers: [servers[1]]), now: .at(2), into: &transport)
        #expect(transport.last.server == Endpoint(servers[1], 53) && transport.open.count == 1)
        resolver.configure(ResolverConfiguration(servers: []), now: .at(3), into: &transport)
        #expect(resolver.take(again)?.error == .noServers && transport.open.isEmpty)
    }

    @Test func `requests and questions have a bound`() throws {
        var (resolver, transport) = (
            Resolver(ResolverConfiguration(servers: servers), requests: 4, lookups: 2), Recorder()
        )
        let ids = try (0..<4).map { try resolver.start("n\($0).com", now: .at(0), into: &transport) }
        #expect(resolver.take(ids[3])?.error == .busy && resolver.take(ids[0]) == nil)
        _ = try resolver.start("n0.com", now: .at(0), into: &transport)
        #expect(throws: ResolverError.busy) { try resolver.start("n0.com", now: .at(0), into: &transport) }
    }

    @Test func `ten thousand random events never trap, leak or stand still`() throws {
        var (random, transport) = (SystemRandomNumberGenerator(), Recorder())
        var (resolver, ids, now): (Resolver, [RequestID], Double) = (new(["a.org"]), [], 0)
        let data = DNSMessageTests.data + [.cname(name("n1")), .cname(name("n2.a.org")), .a(address)]
        for _ in 0..<10_000 {
            now += Double.random(in: 0...0.5, using: &random)
            if let id = try? resolver.start("n\(Int.random(in: 0..<20))", now: .at(now), into: &transport) {
                ids.append(id)
            }
            if let query = transport.sent.suffix(12).randomElement(using: &random) {
                let records = (0..<Int.random(in: 0...3)).map { _ in
                    DNSRecord(
                        Bool.random() ? query.question.name : name("n\(Int.random(in: 0..<20))"),
                        timeToLive: UInt32.random(in: 0...3),
                        data.randomElement(using: &random)!)
                }
                var message = answer(
                    query, records, code: DNSResponseCode(rawValue: [0, 0, 0, 2, 3, 5].randomElement()!),
                    authorities: Bool.random() ? [authority(1)] : [])
                message.isTruncated = Int.random(in: 0..<8) == 0
                var bytes = query.flow.isStream ? DNSStream.frame(message.encoded) : message.encoded
                if Int.random(in: 0..<4) == 0 { bytes[Int.random(in: 0..<bytes.count)] ^= 1 << UInt8.random(in: 0...7) }
                resolver.receive(bytes.span.bytes, from: query.server, on: query.flow, now: .at(now), into: &transport)
                if Int.random(in: 0..<5) == 0 { resolver.fail(query.flow, now: .at(now), into: &transport) }
            }
            var steps = 0
            while resolver.deadline <= .at(now) {
                resolver.advance(to: .at(now), into: &transport)
                steps += 1
                #expect(steps < 20)
            }
            ids.removeAll { resolver.take($0) != nil }
            if ids.count > 20 { resolver.cancel(ids.removeFirst(), into: &transport) }
            if transport.sent.count > 100 { transport.sent.removeFirst(50) }
        }
        resolver.run(until: now + 6, &transport)
        for id in ids { #expect(resolver.take(id) != nil) }
        #expect(transport.open.isEmpty && resolver.deadline == .never)
    }
}
