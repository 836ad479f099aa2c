import DNS
import Interfaces
import MDNS
import Network
import Runtime
import Sockets

/// The names of a link without servers: answers for this host's, and finds others' (RFC 6762 and 6763).
public final class LocalNames: LinkObserver {
    private let host: IPHost
    private let interface: InterfaceID
    private var responder: MDNSResponder
    private let work = Signal()
    private var socket: UDPSocket?
    /// Whether the link has come back since the last look.
    private var isLinkBack = false
    /// Those who wait for an address.
    private var seekers: [Seeker] = []

    private final class Seeker {
        let name: DNSName
        var address: IPv4Address?
        let found = Signal()

        init(_ name: DNSName) { self.name = name }
    }

    /// Names on `interface`: `label`.local for the host, and `services`.
    public init(_ host: IPHost, on interface: InterfaceID, _ label: String, services: [MDNSServiceInstance] = []) {
        self.host = host
        self.interface = interface
        responder = MDNSResponder(label, services: services, seed: host.stack.randomNumber())
        host.add(self)
    }

    /// The host's name, once nobody else claims it.
    public var name: DNSName? { responder.isClaimed ? responder.hostName : nil }

    /// To be called when the interface's address has changed.
    public func addressChanged() { work.raise() }

    /// Part of `LinkObserver`.
    public func linkChanged(_ interface: InterfaceID, isUp: Bool) {
        guard interface == self.interface, isUp else { return }
        isLinkBack = true
        work.raise()
    }

    /// Part of `LinkObserver`.
    public func received(_ packet: ARPPacket, on interface: InterfaceID) {}

    /// Answers until the task is cancelled, and takes leave then.
    /// - Throws: `.inUse`, `.full`, `.cancelled`.
    public func run() throws(SocketError) {
        let socket = try host.openUDP(on: MDNSMessage.port, on: interface)
        socket.onReadable = work
        self.socket = socket
        let group = MDNSMessage.group.address.v4 ?? .unspecified
        do throws(StackError) {
            try host.withStack { (stack, now, sink) throws(StackError) in
                try stack.join(group, on: interface, now: now, into: &sink)
            }
        } catch { throw .full }
        host.device(of: interface)?.join(HardwareAddress(multicast: group))
        defer {
            send(responder.goodbye())
            host.device(of: interface)?.leave(HardwareAddress(multicast: group))
            host.withStack { stack, now, sink in stack.leave(group, on: interface, now: now, into: &sink) }
            self.socket = nil
        }
        while true {
            send(responder.setAddress(host.stack.address(of: interface), now: SystemTime.now))
            if isLinkBack { responder.linkReturned(now: SystemTime.now) }
            isLinkBack = false
            receive(socket)
            send(responder.advance(to: SystemTime.now))
            do throws(TaskError) { try work.wait(until: responder.deadline) } catch {
                if error != .timedOut { throw .cancelled }
            }
        }
    }

    private func send(_ outgoing: [MDNSResponder.Outgoing]) {
        for one in outgoing {
            let bytes = one.message.encoded
            try? socket?.send(unsafe bytes.span.bytes, to: one.destination)
        }
    }

    private func receive(_ socket: UDPSocket) {
        var bytes = [UInt8](repeating: 0, count: 9000)
        while let (sender, destination, length) = Self.receive(&bytes, socket) {
            let message = bytes
            let part = unsafe message.span.bytes.extracting(0..<min(length, message.count))
            if !seekers.isEmpty, MDNSResponder.believesAnswers(from: sender, to: destination),
                let found = try? MDNSMessage(parsing: part), found.isResponse
            {
                tell(found)
            }
            send(responder.receive(part, from: sender, to: destination, now: SystemTime.now))
        }
    }

    private static func receive(
        _ bytes: inout [UInt8], _ socket: UDPSocket
    ) -> NetworkStack.ReceivedDatagram? {
        var span = bytes.mutableSpan
        // Every pattern of bits is a byte.
        var raw = unsafe span.mutableBytes
        return socket.receiveNow(into: &raw)
    }

    // MARK: Others

    private func tell(_ message: MDNSMessage) {
        for record in message.answers + message.additionals where record.record.timeToLive > 0 {
            guard case .a(let address) = record.record.data else { continue }
            for seeker in seekers where seeker.name == record.record.name && seeker.address == nil {
                seeker.address = address
                seeker.found.raise()
            }
        }
    }

    /// Asks everybody for the address of `name`, three times in as many seconds. `run` has to be running.
    /// - Returns: nil when nobody answers.
    /// - Throws: `.cancelled`.
    public func address(of name: DNSName) throws(SocketError) -> IPv4Address? {
        let seeker = Seeker(name)
        seekers.append(seeker)
        defer { seekers.removeAll { $0 === seeker } }
        var query = MDNSMessage()
        query.questions = [MDNSQuestion(name, .a)]
        for attempt in 0..<3 {
            send([MDNSResponder.Outgoing(message: query, destination: MDNSMessage.group)])
            do throws(TaskError) {
                try seeker.found.wait(until: SystemTime.now + .milliseconds(500 << UInt64(attempt)))
                return seeker.address
            } catch {
                if error != .timedOut { throw .cancelled }
            }
        }
        return nil
    }
}
