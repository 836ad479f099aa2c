import Foundation
import Interfaces
import Network

@testable import DNS

/// Carries a resolver's queries by sockets of the host to ports of the loopback interface.
struct HostTransport: DNSTransport {
    private var flows: [(flow: DNSFlow, server: Endpoint, descriptor: Int32)] = []
    /// How many flows of each kind were opened.
    private(set) var opened = (datagram: 0, stream: 0)

    mutating func random() -> UInt64 { UInt64.random(in: 0 ... .max) }

    mutating func sendDNS(_ message: RawSpan, to server: Endpoint, on flow: DNSFlow) {
        let kind = flow.isStream ? SOCK_STREAM : SOCK_DGRAM
        let descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
        _ = Loopback(server.port.rawValue).with { connect(descriptor, $0, $1) }
        message.withUnsafeBytes { _ = send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        flows.append((flow, server, descriptor))
        if flow.isStream { opened.stream += 1 } else { opened.datagram += 1 }
    }

    mutating func closeDNS(_ flow: DNSFlow) {
        guard let index = flows.firstIndex(where: { $0.flow == flow }) else { return }
        close(flows.remove(at: index).descriptor)
    }

    /// Gives `resolver` what arrives, until `id` has a result.
    mutating func wait(for id: RequestID, _ resolver: inout Resolver) -> Result<DNSAnswer, ResolverError> {
        while true {
            if let result = resolver.take(id) { return result }
            var polls = flows.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            let known = flows
            if poll(&polls, nfds_t(polls.count), 10) > 0 {
                for (index, entry) in known.enumerated() where polls[index].revents != 0 {
                    var bytes = [UInt8](repeating: 0, count: 4096)
                    let count = recv(entry.descriptor, &bytes, bytes.count, 0)
                    if count > 0 {
                        let received = Array(bytes[..<count])
                        resolver.receive(
                            received.span.bytes, from: entry.server, on: entry.flow, now: Self.now, into: &self)
                    } else {
                        resolver.fail(entry.flow, now: Self.now, into: &self)
                    }
                }
            }
            resolver.advance(to: Self.now, into: &self)
        }
    }

    static var now: Instant { Instant(nanoseconds: DispatchTime.now().uptimeNanoseconds) }
}
