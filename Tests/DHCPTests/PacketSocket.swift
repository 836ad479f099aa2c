import Foundation
import Interfaces
import Network

@testable import DHCP

/// The client's end of a cable in a network namespace: whole frames, past the host's own stack.
final class PacketSocket {
    private let descriptor: Int32

    /// Opens the interface `name` of `namespace`, from a thread that visits it.
    init(_ name: String, in namespace: String) throws {
        nonisolated(unsafe) var opened: Int32 = -1
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            opened = Self.open(name, in: namespace)
            done.signal()
        }
        done.wait()
        guard opened >= 0 else { throw POSIXError(.ENETDOWN) }
        descriptor = opened
    }

    deinit { close(descriptor) }

    private static func open(_ name: String, in namespace: String) -> Int32 {
        guard let symbol = dlsym(nil, "setns") else { return -1 }
        let setns = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        let file = Foundation.open("/var/run/netns/\(namespace)", O_RDONLY)
        defer { close(file) }
        let (everyProtocol, packetFamily) = (UInt16(3).bigEndian, sa_family_t(17))
        guard setns(file, 0) == 0 else { return -1 }
        let descriptor = socket(Int32(packetFamily), Int32(SOCK_RAW.rawValue), Int32(everyProtocol))
        // struct sockaddr_ll of Linux: family, protocol, index of the interface, and what only the kernel fills.
        var address = [UInt8](repeating: 0, count: 20)
        withUnsafeBytes(of: packetFamily) { address.replaceSubrange(0..<2, with: $0) }
        withUnsafeBytes(of: everyProtocol) { address.replaceSubrange(2..<4, with: $0) }
        withUnsafeBytes(of: Int32(if_nametoindex(name))) { address.replaceSubrange(4..<8, with: $0) }
        let status = address.withUnsafeBytes {
            bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), 20)
        }
        return status == 0 ? descriptor : -1
    }

    /// A frame that arrives within `milliseconds`; nil when none does.
    func receive(milliseconds: Int32) -> [UInt8]? {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard Foundation.poll(&poll, 1, milliseconds) == 1 else { return nil }
        var frame = [UInt8](repeating: 0, count: 2048)
        let count = recv(descriptor, &frame, frame.count, 0)
        return count > 0 ? Array(frame[..<count]) : nil
    }

    func send(_ frame: [UInt8]) { _ = Foundation.send(descriptor, frame, frame.count, 0) }
}

/// Puts what a client sends on a cable, with the headers that a stack would put in front.
struct Cable: DHCPTransport {
    let socket: PacketSocket
    /// The hardware address of the server, once it has spoken.
    var server = HardwareAddress.broadcast
    var sent: [DHCPMessage] = []

    mutating func sendDHCP(
        _ length: Int, from source: IPv4Address, to destination: IPv4Address, _ fill: (inout MutableRawSpan) -> Void
    ) {
        let payload = written(length, fill)
        sent.append(try! parse(payload))
        let header = IPv4Header(.udp, from: source, to: destination, payloadLength: 8 + length)
        var frame = written(42 + length) { frame in
            EthernetHeader(
                destination: destination == .broadcast ? .broadcast : server, source: hardware, type: .ipv4
            ).emit(into: &frame)
        }
        frame.replaceSubrange(14..<34, with: written(20) { header.emit(into: &$0) })
        // No checksum (RFC 768).
        frame.replaceSubrange(
            34..<42, with: [0, 68, 0, 67, UInt8((length + 8) >> 8), UInt8((length + 8) & 0xFF), 0, 0])
        frame.replaceSubrange(42..., with: payload)
        socket.send(frame)
    }

    /// What the server said to the client in `frame`; answers for `address` when it asks where that is.
    mutating func payload(_ frame: [UInt8], answeringFor address: IPv4Address?) -> [UInt8]? {
        guard let header = try? EthernetHeader(parsing: frame.span.bytes), header.source != hardware else { return nil }
        let rest = Array(frame[header.payloadOffset...])
        if header.type == .arp, let packet = try? ARPPacket(parsing: rest.span.bytes), packet.target == address {
            let reply = ARPPacket(
                .reply, from: packet.target, at: hardware, to: packet.sender, at: packet.senderHardware)
            let ethernet = EthernetHeader(destination: packet.senderHardware, source: hardware, type: .arp)
            socket.send(written(14) { ethernet.emit(into: &$0) } + written(28) { reply.emit(into: &$0) })
        }
        guard header.type == .ipv4, let ip = try? IPv4Header(parsing: rest.span.bytes), ip.payloadProtocol == .udp
        else {
            return nil
        }
        let datagram = Array(rest[ip.payload])
        guard datagram.count > 8, datagram[..<4] == [0, 67, 0, 68] else { return nil }
        server = header.source
        return Array(datagram[8...])
    }
}
