import DNS
import Interfaces
import Network

/// A sequence of steps, each a byte that chooses it and one that says how much, and for messages so many bytes: a message by itself, or what
/// follows the question of an answer to a query. What was read is written again and must read the same; in the end every request has a result and
/// every flow is closed.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
    var conversation = Conversation()
    var offset = 0
    while offset + 2 <= input.count {
        let (choice, amount) = (input[offset], Int(input[offset + 1]))
        offset += 2
        let end = min(offset + amount, input.count)
        switch choice & 7 {
        case 0:
            reread(Array(input[offset..<end]))
            offset = end
        case 1...3:
            conversation.answer(Array(input[offset..<end]), query: Int(choice >> 3))
            offset = end
        case 4:
            conversation.start(String(decoding: input[offset..<end], as: UTF8.self), choice >> 3)
            offset = end
        case 5: conversation.start("n\(amount & 3)", choice >> 3)
        case 6: conversation.pass(UInt64(amount) * 100)
        default: conversation.fail(amount)
        }
    }
    conversation.finish()
    return 0
}

/// What was read is written again and reads the same.
private func reread(_ bytes: [UInt8]) {
    guard var message = try? DNSMessage(parsing: bytes.span.bytes) else { return }
    message.isDamaged = false
    let again = try? DNSMessage(parsing: message.encoded.span.bytes)
    precondition(again == message)
    for question in message.questions {
        precondition(question.name.encoded.count <= DNSName.maximumLength)
        precondition(DNSName(question.name.description) == question.name)
    }
}

private struct Conversation {
    var resolver: Resolver
    var transport = Transport()
    var requests: [RequestID] = []
    var now = Instant(nanoseconds: 0)

    init() {
        let configuration = ResolverConfiguration(
            servers: [IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 2)], searchList: [DNSName("a.org")!])
        resolver = Resolver(configuration, requests: 8, lookups: 4, cached: 4)
    }

    mutating func start(_ name: String, _ type: UInt8) {
        let types: [DNSType] = [.a, .aaaa, .cname, .ptr, .srv, .txt, .soa, .ns]
        if let id = try? resolver.start(name, types[Int(type) & 7], now: now, into: &transport) { requests.append(id) }
    }

    /// Answers a query with `rest` after its question; the first five bytes are the flags and the counts.
    mutating func answer(_ rest: [UInt8], query: Int) {
        guard !transport.open.isEmpty, rest.count >= 5 else { return }
        let flow = transport.open[query % transport.open.count]
        var bytes = flow.flow.isStream ? Array(flow.message[2...]) : flow.message
        bytes.replaceSubrange(2..<4, with: [0x80 | rest[0], rest[1]])
        bytes.replaceSubrange(6..<10, with: [0, rest[2], rest[3] & 1, rest[4]])
        bytes += rest[5...]
        reread(bytes)
        if flow.flow.isStream { bytes = DNSStream.frame(bytes) }
        resolver.receive(bytes.span.bytes, from: flow.server, on: flow.flow, now: now, into: &transport)
    }

    mutating func pass(_ milliseconds: UInt64) {
        let end = now + .milliseconds(milliseconds)
        var steps = 0
        while resolver.deadline <= end {
            precondition(steps < 10_000, "time stands still")
            now = max(now, resolver.deadline)
            resolver.advance(to: now, into: &transport)
            steps += 1
        }
        now = end
    }

    mutating func fail(_ amount: Int) {
        if amount & 1 == 0 {
            if !requests.isEmpty { resolver.cancel(requests.remove(at: amount % requests.count), into: &transport) }
        } else if !transport.open.isEmpty {
            resolver.fail(transport.open[amount % transport.open.count].flow, now: now, into: &transport)
        }
    }

    mutating func finish() {
        pass(60_000)
        while resolver.nextFinished() != nil {}
        for id in requests {
            guard case .success(let answer)? = resolver.take(id) else { continue }
            precondition(!answer.records.isEmpty && answer.records.count <= 32)
        }
        precondition(transport.open.isEmpty && resolver.deadline == .never && resolver.cachedCount <= 4)
    }
}

private struct Transport: DNSTransport {
    struct Flow {
        var flow: DNSFlow
        var server: Endpoint
        var message: [UInt8]
    }

    var open: [Flow] = []
    var state: UInt64 = 1

    mutating func random() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }

    mutating func sendDNS(_ message: RawSpan, to server: Endpoint, on flow: DNSFlow) {
        let bytes = (0..<message.byteCount).map { message.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        open.append(Flow(flow: flow, server: server, message: bytes))
        precondition(open.count <= 16)
    }

    mutating func closeDNS(_ flow: DNSFlow) {
        let index = open.firstIndex { $0.flow == flow }
        precondition(index != nil, "closed twice")
        open.remove(at: index!)
    }
}
