import Interfaces
import Network

@testable import DNS

/// A transport that keeps what it is given.
struct Recorder: DNSTransport {
    struct Sent {
        var bytes: [UInt8]
        var server: Endpoint
        var flow: DNSFlow

        /// The query, without the length in front of it.
        var message: DNSMessage { try! parse(flow.isStream ? Array(bytes[2...]) : bytes) }
        var question: DNSQuestion { message.questions[0] }
    }

    var sent: [Sent] = []
    var open: Set<DNSFlow> = []
    private var state: UInt64 = 0x1234_5678_9ABC_DEF0

    mutating func random() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 32
    }

    mutating func sendDNS(_ message: RawSpan, to server: Endpoint, on flow: DNSFlow) {
        let bytes = (0..<message.byteCount).map { message.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        sent.append(Sent(bytes: bytes, server: server, flow: flow))
        precondition(open.insert(flow).inserted, "every query has a flow of its own")
    }

    mutating func closeDNS(_ flow: DNSFlow) { precondition(open.remove(flow) != nil, "closed twice") }

    var last: Sent { sent[sent.count - 1] }
}

extension Instant {
    static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: UInt64(seconds * 1e9)) }
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

let servers = [IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 2)]
let address = IPv4Address(192, 0, 2, 7)

/// The message in `bytes`.
func parse(_ bytes: [UInt8]) throws(DNSMessageError) -> DNSMessage { try DNSMessage(parsing: bytes.span.bytes) }

func name(_ text: String) -> DNSName { DNSName(text)! }

/// The record that says `data` about `owner` for five minutes.
func record(_ owner: String, _ data: DNSRecord.Data, seconds: UInt32 = 300) -> DNSRecord {
    DNSRecord(name(owner), timeToLive: seconds, data)
}

/// The record that says for how long to believe that there is nothing.
func authority(_ seconds: UInt32 = 60) -> DNSRecord {
    record("com", .soa(primary: name("a.com"), mailbox: name("b.com"), serial: 1, minimum: seconds), seconds: 3600)
}

/// The answer to `query`.
func answer(
    _ query: Recorder.Sent, _ records: [DNSRecord] = [], code: DNSResponseCode = .noError,
    authorities: [DNSRecord] = []
) -> DNSMessage {
    var message = query.message
    message.isResponse = true
    message.answers = records
    message.responseCode = code
    message.authorities = authorities
    return message
}

extension Resolver {
    /// Gives `message` to the resolver as the answer to `query`.
    mutating func receive(
        _ message: DNSMessage, to query: Recorder.Sent, _ seconds: Double, _ transport: inout Recorder
    ) {
        let bytes = query.flow.isStream ? DNSStream.frame(message.encoded) : message.encoded
        receive(bytes.span.bytes, from: query.server, on: query.flow, now: .at(seconds), into: &transport)
    }

    /// Lets time pass until `end`.
    mutating func run(until end: Double, _ transport: inout Recorder) {
        while deadline <= .at(end) { advance(to: deadline, into: &transport) }
    }
}

extension Result {
    var value: Success? { try? get() }
    var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}
