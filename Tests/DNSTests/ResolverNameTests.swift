import Interfaces
import Network
import Testing

@testable import DNS

/// What is asked for a text, and what needs no asking.
struct ResolverNameTests {
    private func new(_ search: [String] = []) -> Resolver {
        Resolver(ResolverConfiguration(servers: servers, searchList: search.map { name($0) }))
    }

    @Test(arguments: [
        ("host", ["host.a.org", "host.b.org", "host"]), ("host.x", ["host.x", "host.x.a.org", "host.x.b.org"]),
        ("host.", ["host"]),
        ("host.x.", ["host.x"]),
    ])
    func `short names are looked for in the search list first, others last, absolute ones not at all`(
        text: String, names: [String]
    ) throws {
        var (resolver, transport) = (new(["a.org", "b.org"]), Recorder())
        let id = try resolver.start(text, now: .at(0), into: &transport)
        for expected in names {
            #expect(resolver.take(id) == nil && transport.last.question.name == name(expected))
            resolver.receive(answer(transport.last, code: .nameError), to: transport.last, 0, &transport)
        }
        #expect(transport.sent.count == names.count && resolver.take(id)?.error == .noSuchName)
    }

    @Test func `a name of the search list that has other data makes the error say so`() throws {
        var (resolver, transport) = (new(["a.org"]), Recorder())
        let id = try resolver.start("host", now: .at(0), into: &transport)
        resolver.receive(answer(transport.last), to: transport.last, 0, &transport)
        resolver.receive(answer(transport.last, code: .nameError), to: transport.last, 0, &transport)
        #expect(resolver.take(id)?.error == .noData)
    }

    @Test(arguments: [
        ("192.0.2.7", DNSType.a, DNSRecord.Data.a(address)), ("localhost", .a, .a(.loopback)),
        ("LOCALHOST.", .a, .a(.loopback)),
        ("x.localhost", .a, .a(.loopback)), ("localhost", .aaaa, .aaaa(IPAddress(high: 0, low: 1))),
    ])
    func `addresses and the name of this machine are answered without a server`(
        text: String, type: DNSType, data: DNSRecord.Data
    ) throws {
        var (resolver, transport) = (Resolver(ResolverConfiguration(servers: [])), Recorder())
        let id = try resolver.start(text, type, now: .at(0), into: &transport)
        #expect(resolver.nextFinished() == id && resolver.take(id)?.value?.records == [data] && transport.sent.isEmpty)
        let other = try resolver.start(text, .txt, now: .at(0), into: &transport)
        #expect(resolver.take(other)?.error == .noData)
    }

    @Test(arguments: ["", "a..b", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "a b", "é.com", "5"])
    func `what is no name is refused at once`(text: String) {
        var (resolver, transport) = (new(), Recorder())
        #expect(throws: ResolverError.malformedName) { try resolver.start(text, now: .at(0), into: &transport) }
        #expect(transport.sent.isEmpty)
    }

    @Test func `an address has names`() throws {
        var (resolver, transport) = (new(), Recorder())
        let id = try resolver.start(reverse: address, now: .at(0), into: &transport)
        #expect(transport.last.question == DNSQuestion(name("7.2.0.192.in-addr.arpa"), .ptr))
        let owner = "7.2.0.192.in-addr.arpa"
        resolver.receive(
            answer(transport.last, [record(owner, .ptr(name("www.example.com")))]), to: transport.last, 0, &transport)
        #expect(resolver.take(id)?.value?.records == [.ptr(name("www.example.com"))])
    }
}
