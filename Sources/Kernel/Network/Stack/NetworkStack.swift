import Interfaces

/// TCP/IP: frames in, frames out.
///
/// Synchronous and sans-IO: it has no clock, no device and no task. Its owner hands it frames (`receive`), calls of applications, and
/// the time (`advance`, when `deadline` has come); after each of these, or after a batch of frames, it calls `flush`, which sends what
/// TCP has to send, and asks `nextEvent` until there is none. Frames leave through the sink that each call is given.
///
/// Nothing on the way of a packet allocates. What an application or the other end of a cable can make it keep is bounded by
/// `Configuration`; what does not fit is dropped and counted.
public struct NetworkStack: ~Copyable {
    /// Bounds, and what connections are opened with.
    public struct Configuration: Sendable {
        /// The most TCP connections at a time.
        public var maximumConnections = 16384
        /// The most connections in TIME-WAIT, beside the others; the oldest gives way.
        public var maximumTimeWaits = 4096
        /// The most UDP and echo sockets.
        public var maximumSockets = 64
        /// Bytes that all connections together hold in buffers.
        public var bufferLimit = 64 << 20
        /// Bytes of datagrams that wait for a socket.
        public var datagramQueueSize = 64 << 10
        /// What TCP connections are opened with. The segment size follows the interface.
        public var tcp = TCPConfiguration()

        /// The defaults.
        public init() {}
    }

    /// What it was made with.
    public let configuration: Configuration
    let key: SecretKey
    var random: RandomNumbers

    // MARK: Links and packets

    var interfaces = InterfaceTable()
    var routes = RoutingTable()
    var reassembler = Reassembler()
    var icmp = ICMPResponder()
    var pathMTUs = PathMTUCache()
    var loopback = LoopbackQueue()
    /// Counts changes of routes, addresses and neighbours: a `PathCache` of another version is void.
    var pathVersion: UInt32 = 1
    var identification: UInt16 = 0

    // MARK: Sockets

    var connections: ConnectionTable
    var timeWaits: TimeWaitTable
    var budget: BufferBudget
    var listeners: [ListenerRecord] = []
    var sockets: [DatagramSocket] = []
    var ports: UDPDemultiplexer
    var lastSocket: UInt32 = 0
    var lastListener: UInt32 = 0
    /// Connections that may have something to send, first and last.
    var firstToPoll = ConnectionRecord.none
    var lastToPoll = ConnectionRecord.none
    /// Connections with events, first and last.
    var firstWithEvents = ConnectionRecord.none
    var lastWithEvents = ConnectionRecord.none
    /// Other events.
    var events: [PendingEvent] = []

    /// What has been done so far.
    public internal(set) var statistics = StackStatistics()

    /// A stack with the loopback interface only. `key` comes from an entropy source: numbers that nobody is to guess hang on it.
    public init(key: SecretKey, configuration: Configuration = Configuration()) {
        self.configuration = configuration
        self.key = key
        random = RandomNumbers(key)
        identification = UInt16(truncatingIfNeeded: random.next())
        connections = ConnectionTable(capacity: configuration.maximumConnections, secret: random.next())
        timeWaits = TimeWaitTable(capacity: configuration.maximumTimeWaits, secret: random.next())
        budget = BufferBudget(limit: configuration.bufferLimit)
        ports = UDPDemultiplexer(capacity: configuration.maximumSockets)
        events.reserveCapacity(16)
        let id = interfaces.add(LinkDescription(loopbackUnit: LoopbackQueue.packetSize), seed: 0)
        precondition(id == .loopback, "NetworkStack: the loopback is number 0")
        interfaces[.loopback].isUp = true
        interfaces[.loopback].address = InterfaceAddress(.loopback, prefixLength: 8)
    }

    // Empty, but here: what destroys a stack elsewhere does not see what its parts do at their end.
    deinit {}

    // Functions on the way of packets are mutating, though some change nothing: for a function that is not, and is not inlined, the
    // compiler copies the whole value (Swift 6.3.1).

    /// When to call `advance` next. In the past when something is due.
    public var deadline: Instant {
        mutating get {
            var first = min(min(connections.deadline, timeWaits.deadline), reassembler.deadline)
            for index in 1..<max(interfaces.count, 1) {
                first = min(first, interfaces[InterfaceID(rawValue: UInt8(index))].deadline)
            }
            return first
        }
    }

    /// Does what is due at `now`.
    public mutating func advance(to now: Instant, into sink: inout some FrameSink & ~Copyable) {
        expireConnections(now, into: &sink)
        timeWaits.advance(to: now)
        if reassembler.deadline <= now { expireFragments(now, into: &sink) }
        for index in 1..<max(interfaces.count, 1) {
            let id = InterfaceID(rawValue: UInt8(index))
            if interfaces[id].deadline <= now { advance(id, to: now, into: &sink) }
        }
        flush(now, into: &sink)
    }

    /// Sends what connections have to send, as far as the sink has room. After each batch of frames and each call of an application.
    public mutating func flush(_ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        pollWaiting(now, into: &sink)
        // What loops back may be answered, and so on; two ends that never fall silent get their turn at the next call.
        for _ in 0..<LoopbackQueue.capacity {
            guard let packet = loopback.take() else { break }
            unsafe receivePacket(
                packet.span.bytes, on: .loopback, isForMany: false, checksum: .verified, now, into: &sink)
            pollWaiting(now, into: &sink)
        }
    }

    /// A number that nobody can guess who does not know the key.
    public mutating func randomNumber() -> UInt64 { random.next() }

    /// Whether connections wait for room in the sink.
    public var isWaitingForRoom: Bool { firstToPoll != ConnectionRecord.none }

    /// Whether a connection waits for room on `interface`. Costs a look at each that waits.
    public mutating func isWaitingForRoom(on interface: InterfaceID) -> Bool {
        var index = firstToPoll
        while index != ConnectionRecord.none {
            if connections[index].path.interface == interface { return true }
            index = connections[index].nextToPoll
        }
        return false
    }

    /// Whether packets are on their way back to this host that the last `flush` left for the next one: they come without an interrupt.
    public var isLoopbackBusy: Bool { loopback.count > 0 }

    /// What has happened since the last call; nil when nothing has.
    ///
    /// Who owns a socket is looked up now: it may have been closed since, and its owner with it.
    public mutating func nextEvent() -> StackEvent? {
        while !events.isEmpty {
            switch events.removeFirst() {
            case .acceptable(let id):
                if let place = place(of: id) { return .acceptable(id, owner: listeners[place].owner) }
            case .datagram(let id): if let index = socketIndex(id) { return .datagram(id, owner: sockets[index].owner) }
            case .arp(let interface, let packet): return .arp(interface, packet)
            }
        }
        while firstWithEvents != ConnectionRecord.none {
            let index = firstWithEvents
            firstWithEvents = connections[index].nextWithEvents
            if firstWithEvents == ConnectionRecord.none { lastWithEvents = ConnectionRecord.none }
            connections[index].hasEvents = false
            let happened = connections[index].events
            connections[index].events = []
            let owner = connections[index].owner
            removeIfOver(index)
            if owner != 0 { return .connection(connections.id(index), owner: owner, happened) }
        }
        return nil
    }

    /// Notes that a path that was looked up may no longer be good.
    mutating func forgetPaths() { pathVersion &+= 1 }
}

extension InterfaceID {
    /// The interface that leads back to this host.
    public static var loopback: InterfaceID { InterfaceID(rawValue: 0) }
}

/// Why a call on the stack failed.
@frozen
public enum StackError: Error, Equatable, Sendable {
    /// No route leads there.
    case noRoute
    /// The next hop does not answer, or a router or the host said that it cannot be reached.
    case unreachable
    /// The host says that nobody listens at the port.
    case refused
    /// Longer than a datagram can be, or than the path takes in one piece when it must not be cut.
    case tooLong
    /// Another socket has the port.
    case inUse
    /// No more connections, sockets, interfaces or ports.
    case full
    /// The socket, connection or listener is gone, or is not of the kind for this call.
    case invalid
}
