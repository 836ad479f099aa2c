import Glibc
import Interfaces
import Network
import PeerPattern

/// The stack with its services, driven by the clock of this machine.
final class PeerHost {
    static let hardware = HardwareAddress(bits: 0x0200_0000_4E02)
    private static let services: [(port: Port, kind: Session.Kind)] = [(7, .echo), (9, .sink), (19, .source)]
    private static let batch = 64

    var stack: NetworkStack
    private(set) var link: TapLink
    private(set) var done = 0
    private(set) var failed = 0
    private(set) var wrong = 0
    private let interface: InterfaceID
    private let pattern = Pattern()
    private let start = PeerHost.clock()
    private var sessions: [UInt: Session] = [:]
    private var lastSession: UInt = 0
    private var listeners: [(id: ListenerID, kind: Session.Kind)] = []
    private var echo: NetworkStack.SocketID?
    private var scratch = [UInt8](repeating: 0, count: 65536)

    init(_ link: TapLink, address: InterfaceAddress, gateway: IPv4Address, configuration: NetworkStack.Configuration)
        throws(StackError)
    {
        self.link = link
        var generator = SystemRandomNumberGenerator()
        stack = NetworkStack(key: SecretKey(generator.next(), generator.next()), configuration: configuration)
        interface = try stack.addInterface(LinkDescription(hardware: Self.hardware))
        let now = Instant(nanoseconds: 0)
        stack.setLink(isUp: true, of: interface, now: now)
        stack.setAddress(address, of: interface, now: now, into: &self.link)
        try stack.addRoute(to: .everything, by: gateway, on: interface)
        for service in Self.services {
            listeners.append((try stack.listen(on: service.port, backlog: 128), service.kind))
        }
        echo = try stack.openUDP(Endpoint(.unspecified, 7))
    }

    /// Sessions that have not ended.
    var openSessions: Int { sessions.count }

    /// Opens a connection that sends `count` bytes and expects them back.
    func connect(to remote: Endpoint, count: Int) throws(StackError) {
        add(try stack.connect(to: remote, now: now), .client(count))
    }

    /// Waits for something to happen, at most for a second, and does what is to be done. False when standard input has ended, which
    /// is not looked at unless `listens`.
    @discardableResult
    func turn(listens: Bool = true) -> Bool {
        var descriptors = [
            pollfd(fd: link.tap.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listens ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
        ]
        link.flushCapture()
        let wait = min(stack.deadline, link.deadline) - now
        let milliseconds = min((wait.nanoseconds + 999_999) / 1_000_000, 1000)
        poll(&descriptors, 2, Int32(milliseconds))
        carry()
        return descriptors[1].revents == 0
    }

    private func carry() {
        let now = now
        link.now = now
        _ = link.receive(limit: Self.batch) { link, frame in
            stack.receive(frame, checksum: .unknown, on: interface, now: now, into: &link)
        }
        settle(now)
        if stack.deadline <= now { stack.advance(to: now, into: &link) }
        settle(now)
        link.deliver()
    }

    private func settle(_ now: Instant) {
        stack.flush(now, into: &link)
        var hasActed = false
        while let event = stack.nextEvent() {
            hasActed = true
            switch event {
            case .connection(_, let owner, _): step(owner, now)
            case .acceptable(let listener, _): accept(listener, now)
            case .datagram(let socket, _): reflect(socket, now)
            case .arp: break
            }
        }
        if hasActed { stack.flush(now, into: &link) }
    }

    private func accept(_ listener: ListenerID, _ now: Instant) {
        guard let kind = listeners.first(where: { $0.id == listener })?.kind else { return }
        while let id = stack.accept(from: listener) {
            add(id, kind)
            // What came before the connection was accepted is told by no event.
            step(lastSession, now)
        }
    }

    private func add(_ id: ConnectionID, _ kind: Session.Kind) {
        lastSession += 1
        sessions[lastSession] = Session(id, kind)
        stack.setOwner(lastSession, of: id)
    }

    private func step(_ owner: UInt, _ now: Instant) {
        guard let session = sessions[owner] else { return }
        session.step(&stack, &scratch, pattern, now: now)
        guard session.outcome != .open else { return }
        if session.outcome == .done { done += 1 } else { failed += 1 }
        wrong += session.wrong
        sessions[owner] = nil
    }

    private func reflect(_ socket: NetworkStack.SocketID, _ now: Instant) {
        while true {
            var span = scratch.mutableSpan
            var raw = span.mutableBytes
            guard let datagram = try? stack.receive(from: socket, into: &raw) else { return }
            let bytes = scratch.span.bytes.extracting(0..<datagram.length)
            try? stack.send(bytes, from: socket, to: datagram.sender, now: now, into: &link)
        }
    }

    /// Goes on until what is open has ended, at most for `limit`.
    func finish(within limit: Interval) {
        let end = now + limit
        while openSessions > 0 || stack.connectionCount > 0, now < end { turn(listens: false) }
    }

    private var now: Instant { Instant(nanoseconds: Self.clock() - start + 1_000_000_000) }

    private static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
