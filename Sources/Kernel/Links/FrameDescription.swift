import Interfaces
import Network
import Runtime
import Sockets

/// What a frame is, in a line for a person: `10.0.0.1:40000 > 10.0.0.2:80 TCP SYN seq 7 window 65535 length 0`.
///
/// Reads what it shows and judges nothing: checksums are not compared. Allocates; for tracing.
public struct FrameDescription {
    /// The line, without an end of line.
    public private(set) var text: Text

    /// Describes `frame`, from its destination address on.
    public init(_ frame: RawSpan) {
        guard let header = try? EthernetHeader(parsing: frame) else {
            text = "a frame of \(frame.byteCount) bytes, too short for a header"
            return
        }
        let payload = frame.extracting(header.payloadOffset..<frame.byteCount)
        switch header.type {
        case .arp: text = Self.describe(arp: payload)
        case .ipv4: text = Self.describe(ipv4: payload)
        default: text = "\(header.source) > \(header.destination) type \(hexadecimal: UInt64(header.type.rawValue))"
        }
        text.append(" length \(payload.byteCount)")
        if let network = header.virtualNetwork { text.append(" vlan \(UInt64(network))") }
    }

    private static func describe(arp payload: RawSpan) -> Text {
        guard let packet = try? ARPPacket(parsing: payload) else { return "ARP malformed" }
        switch packet.operation {
        case .request: return "ARP who has \(packet.target), asks \(packet.sender)"
        case .reply: return "ARP \(packet.sender) is at \(packet.senderHardware)"
        }
    }

    private static func describe(ipv4 payload: RawSpan) -> Text {
        let header: IPv4Header
        do throws(WireError) { header = try IPv4Header(parsing: payload) } catch { return "IPv4 malformed" }
        let bytes = payload.extracting(header.payload)
        if header.fragmentOffset != 0 {
            var text: Text = "\(header.source) > \(header.destination) fragment of \(UInt64(header.identification))"
            text.append(" at \(UInt64(header.fragmentOffset))")
            return text
        }
        switch header.payloadProtocol {
        case .tcp: return describe(tcp: bytes, header)
        case .udp: return describe(udp: bytes, header)
        case .icmp: return describe(icmp: bytes, header)
        default:
            return "\(header.source) > \(header.destination) protocol \(UInt64(header.payloadProtocol.rawValue))"
        }
    }

    private static func describe(tcp bytes: RawSpan, _ header: IPv4Header) -> Text {
        guard
            let tcp = try? TCPHeader(
                parsing: bytes, from: header.source, to: header.destination, isChecksumVerified: true)
        else { return "\(header.source) > \(header.destination) TCP malformed" }
        let segment = tcp.segment
        var text: Text =
            "\(header.source):\(UInt64(tcp.source.rawValue)) > \(header.destination):\(UInt64(tcp.destination.rawValue)) TCP"
        let names: [(TCPFlags, StaticString)] = [
            (.syn, " SYN"), (.fin, " FIN"), (.rst, " RST"), (.psh, " PSH"), (.ack, " ACK"), (.urg, " URG"),
        ]
        for (flag, name) in names where segment.flags.contains(flag) { text.put(name) }
        text.append(" seq \(UInt64(segment.sequence.value))")
        if segment.flags.contains(.ack) { text.append(" ack \(UInt64(segment.acknowledgement.value))") }
        text.append(" window \(UInt64(segment.window)) data \(bytes.byteCount - tcp.dataOffset)")
        return text
    }

    private static func describe(udp bytes: RawSpan, _ header: IPv4Header) -> Text {
        guard
            let udp = try? UDPHeader(
                parsing: bytes, from: header.source, to: header.destination, isChecksumVerified: true)
        else { return "\(header.source) > \(header.destination) UDP malformed" }
        return
            "\(header.source):\(UInt64(udp.source.rawValue)) > \(header.destination):\(UInt64(udp.destination.rawValue)) UDP data \(udp.payload.count)"
    }

    private static func describe(icmp bytes: RawSpan, _ header: IPv4Header) -> Text {
        var text: Text = "\(header.source) > \(header.destination) ICMP"
        guard let message = try? ICMPv4Message(parsing: bytes) else {
            text.put(" malformed")
            return text
        }
        switch message.kind {
        case .echoRequest(let identifier, let sequence):
            text.append(" echo request \(UInt64(identifier)) \(UInt64(sequence))")
        case .echoReply(let identifier, let sequence):
            text.append(" echo reply \(UInt64(identifier)) \(UInt64(sequence))")
        case .unreachable(let reason, _): text.append(" unreachable \(UInt64(reason.rawValue))")
        case .timeExceeded: text.put(" time exceeded")
        case .redirect: text.put(" redirect")
        case .parameterProblem(let pointer): text.append(" parameter problem at \(UInt64(pointer))")
        case .other(let type, let code): text.append(" type \(UInt64(type)) code \(UInt64(code))")
        }
        return text
    }
}
