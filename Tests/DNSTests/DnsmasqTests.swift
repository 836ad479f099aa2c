import Interfaces
import Network
import Testing

@testable import DNS

/// The resolver against a server that others wrote.
@Suite(.serialized, .enabled(if: Dnsmasq.program != nil, "dnsmasq is not installed"))
struct DnsmasqTests {
    private static let records =
        [
            "--host-record=one.test,192.0.2.7,2001:db8::1", "--cname=alias.test,one.test",
            "--txt-record=text.test,hello,world",
            "--srv-host=_http._tcp.test,one.test,8080,1,2", "--ptr-record=7.2.0.192.in-addr.arpa,one.test",
            "--local=/test/",
            "--max-ttl=50", "--domain-needed",
        ] + (1...60).map { "--host-record=many.test,10.0.0.\($0)" }

    private func resolve(
        _ name: String, _ type: DNSType = .a, _ resolver: inout Resolver, _ transport: inout HostTransport
    ) throws -> Result<DNSAnswer, ResolverError> {
        let id = try resolver.start(name, type, now: HostTransport.now, into: &transport)
        return transport.wait(for: id, &resolver)
    }

    private func resolver(_ ports: UInt16...) -> Resolver {
        Resolver(
            ResolverConfiguration(
                endpoints: ports.map { Endpoint(.loopback, Port(rawValue: $0)) }, searchList: [name("test")]))
    }

    @Test func `dnsmasq's answers of every type are understood, by TCP where they are too long`() throws {
        let server = try Dnsmasq(Self.records)
        var (resolver, transport) = (resolver(server.port), HostTransport())
        #expect(try resolve("one.test", .a, &resolver, &transport).value?.records == [.a(address)])
        #expect(
            try resolve("one.test", .aaaa, &resolver, &transport).value?.addresses
                == [IPAddress(high: 0x2001_0DB8_0000_0000, low: 1)])
        #expect(try resolve("alias", .a, &resolver, &transport).value?.name == name("one.test"))
        #expect(
            try resolve("text.test", .txt, &resolver, &transport).value?.records
                == [.txt([Array("hello".utf8), Array("world".utf8)])])
        #expect(
            try resolve("_http._tcp.test", .srv, &resolver, &transport).value?.records
                == [.srv(priority: 1, weight: 2, port: 8080, target: name("one.test"))])
        let reverse = try resolver.start(reverse: address, now: HostTransport.now, into: &transport)
        #expect(transport.wait(for: reverse, &resolver).value?.records == [.ptr(name("one.test"))])
        #expect(try resolve("none.test", .a, &resolver, &transport).error == .noSuchName)
        #expect(try resolve("text.test", .a, &resolver, &transport).error == .noData)
        #expect(transport.opened.stream == 0)
        #expect(try resolve("many.test", .a, &resolver, &transport).value?.records.count == 32)
        #expect(transport.opened.stream == 1)
        let before = transport.opened.datagram
        #expect(try resolve("ONE.test", .a, &resolver, &transport).value != nil && transport.opened.datagram == before)
        // Nobody there to ask: it has no server of its own.
        #expect(try resolve("example.org", .a, &resolver, &transport).error == .refused)
    }

    @Test func `a server that is gone leaves the other, and one that comes back is used again`() throws {
        let (first, second) = (try Dnsmasq(Self.records), try Dnsmasq(Self.records))
        var (resolver, transport) = (resolver(first.port, second.port), HostTransport())
        #expect(try resolve("one.test", .a, &resolver, &transport).value != nil)
        first.stop()
        #expect(try resolve("one.test", .aaaa, &resolver, &transport).value != nil && transport.opened.datagram == 3)
        second.stop()
        let id = try resolver.start(
            "alias.test", deadline: HostTransport.now + .milliseconds(100), now: HostTransport.now, into: &transport)
        #expect(transport.wait(for: id, &resolver).error == .timedOut)
    }
}
