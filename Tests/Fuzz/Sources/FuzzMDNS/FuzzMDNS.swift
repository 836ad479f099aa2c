import DNS
import Interfaces
import MDNS
import Network

/// Messages that arrive at a responder, each with two bytes in front: how much time passes before and from which port it comes, and its length.
/// What was read is written again and reads the same; what the responder sends is a message, and it comes to rest.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
    var responder = MDNSResponder(
        "a", services: [MDNSServiceInstance("b", type: "_c._tcp", port: 1)], seed: UInt64(size))
    var now = Instant(nanoseconds: 0)
    check(responder.setAddress(InterfaceAddress(IPv4Address(10, 0, 0, 1), prefixLength: 24), now: now))
    var offset = 0
    while offset + 2 <= input.count {
        let (choice, length) = (input[offset], Int(input[offset + 1]))
        offset += 2
        let end = min(input.count, offset + length)
        let message = Array(input[offset..<end])
        offset = end
        pass(UInt64(choice & 0x3F) * 50, &responder, &now)
        reread(message)
        let port: Port = choice & 0x40 == 0 ? 5353 : 4000
        let sender = Endpoint(IPAddress(IPv4Address(10, 0, 0, 2)), port)
        let destination = choice & 2 == 0 ? IPv4Address(224, 0, 0, 251) : IPv4Address(10, 0, 0, 1)
        check(responder.receive(message.span.bytes, from: sender, to: destination, now: now))
        if choice & 0x80 != 0 {
            let address = choice & 1 == 0 ? nil : InterfaceAddress(IPv4Address(10, 0, 0, choice), prefixLength: 24)
            check(responder.setAddress(address, now: now))
        }
    }
    pass(60_000, &responder, &now)
    precondition(responder.deadline == .never)
    check(responder.goodbye())
    return 0
}

private func pass(_ milliseconds: UInt64, _ responder: inout MDNSResponder, _ now: inout Instant) {
    let end = now + .milliseconds(milliseconds)
    var steps = 0
    while responder.deadline <= end {
        precondition(steps < 1000, "it never rests")
        now = max(now, responder.deadline)
        check(responder.advance(to: now))
        steps += 1
    }
    now = end
}

private func check(_ outgoing: [MDNSResponder.Outgoing]) {
    for one in outgoing {
        let bytes = one.message.encoded
        precondition(bytes.count <= 1472)
        let again = try? MDNSMessage(parsing: bytes.span.bytes)
        precondition(again == one.message)
    }
}

private func reread(_ bytes: [UInt8]) {
    guard let message = try? MDNSMessage(parsing: bytes.span.bytes) else { return }
    let encoded = message.encoded
    // Names in full may make it longer than any message is.
    guard encoded.count < 65536, message.answers.allSatisfy({ $0.record.data.type != .soa }),
        message.authorities.allSatisfy({ $0.record.data.type != .soa }),
        message.additionals.allSatisfy({ $0.record.data.type != .soa })
    else { return }
    let again = try? MDNSMessage(parsing: encoded.span.bytes)
    precondition(again == message)
}
