import DNS
import Interfaces
import Network

@testable import MDNS

/// A responder in virtual time, and what it has sent.
struct ResponderBench {
    static let neighbour = Endpoint(IPAddress(IPv4Address(10, 0, 0, 9)), 5353)
    static let address = IPv4Address(10, 0, 0, 1)
    static let group = IPv4Address(224, 0, 0, 251)
    static let service = MDNSServiceInstance(
        "My page", type: "_http._tcp", port: 80, texts: [Array("path=/".utf8)])

    var responder: MDNSResponder
    var now = Instant(nanoseconds: 0)
    var sent: [(time: UInt64, outgoing: MDNSResponder.Outgoing)] = []

    init(
        _ services: [MDNSServiceInstance] = [ResponderBench.service], label: String = "apus", seed: UInt64 = 1
    ) {
        responder = MDNSResponder(label, services: services, seed: seed)
        take(responder.setAddress(InterfaceAddress(Self.address, prefixLength: 24), now: now))
    }

    mutating func take(_ outgoing: [MDNSResponder.Outgoing]) {
        for one in outgoing { sent.append((now.nanoseconds / 1_000_000, one)) }
    }

    mutating func run(_ milliseconds: UInt64) {
        let end = now + .milliseconds(milliseconds)
        while responder.deadline <= end {
            now = max(now, responder.deadline)
            take(responder.advance(to: now))
        }
        now = end
    }

    /// A bench whose name is claimed.
    static func claimed(_ services: [MDNSServiceInstance] = [ResponderBench.service]) -> Self {
        var bench = Self(services)
        bench.run(10_000)
        bench.sent = []
        return bench
    }

    mutating func receive(
        _ message: MDNSMessage, from sender: Endpoint = ResponderBench.neighbour,
        to destination: IPv4Address = ResponderBench.group
    ) {
        let bytes = message.encoded
        take(responder.receive(bytes.span.bytes, from: sender, to: destination, now: now))
    }

    mutating func ask(
        _ questions: [MDNSQuestion], known: [MDNSRecord] = [], isTruncated: Bool = false,
        from sender: Endpoint = ResponderBench.neighbour, to destination: IPv4Address = ResponderBench.group
    ) {
        var query = MDNSMessage()
        query.questions = questions
        query.answers = known
        query.isTruncated = isTruncated
        receive(query, from: sender, to: destination)
    }

    /// A message that answers with `record`.
    static func response(_ record: MDNSRecord) -> MDNSMessage {
        var message = MDNSMessage()
        message.isResponse = true
        message.answers = [record]
        return message
    }
}
