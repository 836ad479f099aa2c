import Interfaces
import Network

@testable import DHCP

/// A sink that keeps what it is given.
struct Recorder: FrameSink, DHCPTransport {
    struct Sent {
        var source: IPv4Address
        var destination: IPv4Address
        var bytes: [UInt8]
        var message: DHCPMessage
    }

    var sent: [Sent] = []
    var packets: [ARPPacket] = []

    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) {
        let frame = written(length, fill)
        packets.append(try! ARPPacket(parsing: frame.span.bytes.extracting(14..<frame.count)))
    }

    mutating func sendDHCP(
        _ length: Int, from source: IPv4Address, to destination: IPv4Address, _ fill: (inout MutableRawSpan) -> Void
    ) {
        let bytes = written(length, fill)
        sent.append(
            Sent(source: source, destination: destination, bytes: bytes, message: try! parse(bytes)))
    }

    var last: DHCPMessage { sent[sent.count - 1].message }
    var kinds: [DHCPMessage.Kind] { sent.map { $0.message.kind } }
}

/// A server that says what a test wants it to say.
struct Server {
    var address = IPv4Address(10, 0, 0, 1)
    var lent = IPv4Address(10, 0, 0, 42)
    var seconds: UInt32? = 3600
    var extra: [(DHCPOptionCode, [UInt8])] = []

    /// The answer of `kind` to `request`.
    func answer(_ kind: DHCPMessage.Kind, _ request: DHCPMessage) -> DHCPMessage {
        var message = DHCPMessage(
            .reply, kind, transaction: request.transaction, hardware: request.hardware)
        message.append(.serverIdentifier, address)
        guard kind != .nak else { return message }
        message.yourAddress = lent
        if let seconds { message.append(.leaseTime, IPv4Address(bits: seconds)) }
        message.append(.subnetMask, IPv4Address(255, 255, 255, 0))
        message.append(.router, address)
        for (code, value) in extra { message.append(code, value) }
        return message
    }
}

let hardware = HardwareAddress(bits: 0x0200_0000_0001)

extension Instant {
    static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: UInt64(seconds * 1e9)) }
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

/// The message in `bytes`.
func parse(_ bytes: [UInt8]) throws(DHCPMessageError) -> DHCPMessage { try DHCPMessage(parsing: bytes.span.bytes) }

/// `message` as it is sent.
func bytes(_ message: DHCPMessage) -> [UInt8] { written(message.encodedLength) { message.emit(into: &$0) } }

/// `count` bytes that `body` wrote; what they were before must not matter.
func written(_ count: Int, _ body: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xA5, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    body(&raw)
    return bytes
}

extension DHCPClient {
    mutating func receive(_ message: DHCPMessage, _ seconds: Double, _ sink: inout Recorder) -> Event? {
        let bytes = bytes(message)
        return receive(bytes.span.bytes, now: .at(seconds), into: &sink)
    }
}

extension AddressConfiguration {
    mutating func receive(_ message: DHCPMessage, _ seconds: Double, _ sink: inout Recorder) -> Event? {
        let bytes = bytes(message)
        return receive(dhcp: bytes.span.bytes, now: .at(seconds), into: &sink)
    }
}
