import DHCP
import Interfaces
import Network

/// A sequence of steps, each a byte that chooses it and one that says how much, and for messages so many bytes: the datagram itself, or the
/// options of an answer whose header fits the last question. What was read is written again and must read the same; time always goes on.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
    var conversation = Conversation()
    var offset = 0
    while offset + 2 <= input.count {
        let (choice, amount) = (input[offset], Int(input[offset + 1]))
        offset += 2
        let end = min(offset + amount, input.count)
        switch choice % 8 {
        case 0:
            conversation.receive(Array(input[offset..<end]))
            offset = end
        case 1...4:
            conversation.receive(conversation.answer(Array(input[offset..<end]), isReply: choice & 0x80 == 0))
            offset = end
        case 5: conversation.pass(UInt64(amount))
        case 6: conversation.pass(UInt64(amount) << 6)
        default: conversation.other(amount)
        }
    }
    return 0
}

private struct Conversation {
    var configuration = AddressConfiguration(
        .automatic(fallback: .seconds(10)), hardware: HardwareAddress(bits: 0x0200_0000_0001), seed: 1)
    var sink = Sink()
    var now = Instant(nanoseconds: 0)
    var steps = 0

    init() { _ = configuration.linkChanged(isUp: true, now: now, into: &sink) }

    /// A message with the numbers of the last one that was sent, and these options.
    func answer(_ options: [UInt8], isReply: Bool) -> [UInt8] {
        var message = Array(sink.last.prefix(240))
        message[0] = isReply ? 2 : 1
        message.replaceSubrange(16..<20, with: [10, 0, 0, 42])
        return message + options
    }

    mutating func receive(_ bytes: [UInt8]) {
        if let message = try? DHCPMessage(parsing: bytes.span.bytes) {
            let written = write(message.encodedLength) { message.emit(into: &$0) }
            guard let again = try? DHCPMessage(parsing: written.span.bytes) else { preconditionFailure("unread") }
            // An overload that was followed points to fields that are empty now.
            precondition(message.options[.overload] != nil || again == message)
        }
        _ = configuration.receive(dhcp: bytes.span.bytes, now: now, into: &sink)
        check()
    }

    /// Lets time pass, as far as the steps of one input go.
    mutating func pass(_ seconds: UInt64) {
        let end = now + .seconds(seconds)
        var standing = 0
        while configuration.deadline <= end, steps < 200 {
            standing = configuration.deadline > now ? 0 : standing + 1
            precondition(standing < 10, "time stands still")
            now = max(now, configuration.deadline)
            _ = configuration.advance(to: now, into: &sink)
            check()
            steps += 1
        }
        now = max(now, min(end, configuration.deadline))
    }

    mutating func other(_ amount: Int) {
        switch amount & 3 {
        case 0: _ = configuration.linkChanged(isUp: amount & 4 != 0, now: now, into: &sink)
        case 1:
            let address = amount & 4 != 0 ? IPv4Address(10, 0, 0, 42) : configuration.current?.address.address
            let stranger = HardwareAddress(bits: 0x0200_0000_0002)
            let packet = ARPPacket(.reply, from: address ?? .loopback, at: stranger, to: .loopback)
            _ = configuration.receive(packet, now: now, into: &sink)
        default: pass(UInt64(amount) << 4)
        }
        check()
    }

    func check() {
        guard let current = configuration.current else { return }
        precondition(current.address.address.isUnicast && current.routes.count <= 16 && current.nameServers.count <= 3)
    }
}

private struct Sink: FrameSink, DHCPTransport {
    var last = [UInt8](repeating: 0, count: 300)

    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) { _ = write(length, fill) }

    mutating func sendDHCP(
        _ length: Int, from source: IPv4Address, to destination: IPv4Address, _ fill: (inout MutableRawSpan) -> Void
    ) {
        precondition(length >= 300 && length <= 576)
        last = write(length, fill)
    }
}

/// `count` bytes that `body` wrote.
private func write(_ count: Int, _ body: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xA5, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    body(&raw)
    return bytes
}
