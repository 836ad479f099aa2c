import Interfaces

/// The neighbours of one interface: which hardware address has which IPv4 address (RFC 826, RFC 1122 section 2.3.2).
///
/// Told the time, given packets, answers with frames and `deadline`. All its memory is made at the start. An answer creates an entry only
/// when it was asked for, and a question only when it is for us, so that a flood of announcements changes nothing.
///
///     free -resolve-> incomplete -reply-> reachable -60 s-> stale -use-> probing -reply-> reachable
///                          \-- 3 requests --> failed -20 s-> free            \-- 3 requests --> incomplete
public struct ARPCache: ~Copyable {
    /// How the neighbours are asked. RFC 1122 section 2.3.2.1 allows one request a second for each address at most.
    public struct Timing: Sendable {
        /// Between two requests for one address.
        public var retry = Interval.seconds(1)
        /// Requests before giving up.
        public var attempts = 3
        /// How long a confirmed entry is believed.
        public var reachable = Interval.seconds(60)
        /// How long an entry that nobody asks for stays after that.
        public var unused = Interval.seconds(600)
        /// How long an address that did not answer is not asked again.
        public var failed = Interval.seconds(20)

        /// The usual times.
        public init() {}
    }

    /// Whether a neighbour can be sent to.
    @frozen
    public enum Resolution: Equatable, Sendable {
        /// At this hardware address, now.
        case known(HardwareAddress)
        /// Once it has answered: give the packet to `hold`.
        case waiting
        /// The neighbour did not answer a moment ago. Drop the packet.
        case unreachable
    }

    /// The interface's hardware address.
    public let hardware: HardwareAddress
    private let interface: InterfaceID
    /// The interface's address; unspecified while it has none.
    public var address = IPv4Address.unspecified
    private let timing: Timing
    private var entries: [NeighborEntry]
    private var pending: PendingPackets
    private var lastHit = 0

    /// A cache of `capacity` neighbours, with buffers for `pendingPackets` packets of `packetSize` bytes, `pendingShare` of which one
    /// neighbour gets at most.
    public init(
        hardware: HardwareAddress, on interface: InterfaceID = InterfaceID(rawValue: 0), capacity: Int = 64,
        pendingPackets: Int = 8, pendingShare: Int = 4,
        packetSize: Int = 1500, timing: Timing = Timing()
    ) {
        precondition(capacity > 0, "an ARP cache holds at least one neighbour")
        self.hardware = hardware
        self.interface = interface
        self.timing = timing
        entries = Array(repeating: NeighborEntry(), count: capacity)
        pending = PendingPackets(count: pendingPackets, size: packetSize, limit: pendingShare)
    }

    /// When `advance` is to be called next; `.never` when nothing is under way.
    public private(set) var deadline = Instant.never

    /// Changes whenever an address that was looked up may no longer be the right one.
    public private(set) var version: UInt32 = 0

    /// Calls `body` with each neighbour that is known: its addresses, and whether it was confirmed lately.
    public func forEach(_ body: (IPv4Address, HardwareAddress, _ isConfirmed: Bool) -> Void) {
        for entry in entries {
            switch entry.state {
            case .reachable: body(entry.address, entry.hardware, true)
            case .stale, .probing: body(entry.address, entry.hardware, false)
            case .free, .incomplete, .failed: break
            }
        }
    }

    /// How many packets wait for an answer.
    public var pendingCount: Int { pending.count }

    /// The hardware address of `neighbor`, when it is known. Asks nobody.
    public func lookup(_ neighbor: IPv4Address) -> HardwareAddress? {
        guard let index = find(neighbor) else { return nil }
        switch entries[index].state {
        case .reachable, .stale, .probing: return entries[index].hardware
        case .free, .incomplete, .failed: return nil
        }
    }

    /// Says whether `neighbor` can be sent to, and asks for it where that is not known or not known any more. Group and broadcast
    /// addresses are the caller's to map.
    public mutating func resolve(
        _ neighbor: IPv4Address, now: Instant, into sink: inout some FrameSink & ~Copyable
    ) -> Resolution {
        let index = find(neighbor) ?? begin(neighbor, now, into: &sink)
        lastHit = index
        entries[index].used = now
        switch entries[index].state {
        case .reachable, .probing: break
        case .stale:
            entries[index].state = .probing
            entries[index].requests = 0
            request(index, now, into: &sink)
        case .free, .incomplete: return .waiting
        case .failed: return .unreachable
        }
        return .known(entries[index].hardware)
    }

    /// Keeps an IPv4 packet of `length` bytes, which `fill` writes, until `neighbor`, for which `resolve` has just said `.waiting`, has
    /// answered. Drops it for want of memory: to the sender, no difference.
    public mutating func hold(_ length: Int, for neighbor: IPv4Address, _ fill: (inout MutableRawSpan) -> Void) {
        _ = pending.keep(length, for: neighbor, fill)
    }

    /// Takes a packet that arrived: learns the sender, sends what waited for it, and answers a question for `address`.
    public mutating func receive(_ packet: ARPPacket, now: Instant, into sink: inout some FrameSink & ~Copyable) {
        guard packet.senderHardware.isUsableByInterface, packet.senderHardware != hardware else { return }
        let isForUs = !address.isUnspecified && packet.target == address
        if packet.sender.isUnicast, packet.sender != address {
            if let index = find(packet.sender) {
                learn(index, packet.senderHardware, now, into: &sink)
            } else if isForUs, packet.operation == .request {
                let index = freeEntry()
                entries[index] = NeighborEntry(address: packet.sender, used: now)
                learn(index, packet.senderHardware, now, into: &sink)
            }
        }
        guard isForUs, packet.operation == .request, packet.sender != address else { return }
        let reply = ARPPacket(
            .reply, from: address, at: hardware, to: packet.sender, at: packet.senderHardware)
        sink.transmit(reply, to: packet.senderHardware, on: interface)
    }

    /// Does what is due at `now`: asks again, gives up, forgets.
    /// - Parameter undelivered: gets each IPv4 packet whose next hop did not answer: a reason for "host unreachable".
    public mutating func advance(
        to now: Instant, into sink: inout some FrameSink & ~Copyable, undelivered: (RawSpan) -> Void
    ) {
        for index in entries.indices where entries[index].state != .free && entries[index].deadline <= now {
            switch entries[index].state {
            case .free: break
            case .incomplete where entries[index].requests >= timing.attempts:
                entries[index].state = .failed
                entries[index].deadline = now + timing.failed
                pending.release(for: entries[index].address, undelivered)
            case .incomplete: request(index, now, into: &sink)
            case .probing where entries[index].requests >= timing.attempts:
                version &+= 1
                entries[index].state = .incomplete
                entries[index].requests = 0
                request(index, now, into: &sink)
            case .probing: request(index, now, into: &sink)
            case .reachable:
                version &+= 1
                entries[index].state = .stale
                entries[index].deadline = now + timing.unused
            case .stale, .failed:
                version &+= 1
                entries[index] = NeighborEntry()
            }
        }
        refreshDeadline()
    }

    /// Forgets everything, as when the link was down or the address changed. What waited is dropped.
    public mutating func removeAll() {
        version &+= 1
        for index in entries.indices {
            pending.release(for: entries[index].address) { _ in }
            entries[index] = NeighborEntry()
        }
        deadline = .never
    }

    // MARK: Entries

    /// Looks for the earliest deadline. Whenever one has changed, which is seldom: never for a packet to a neighbour that is known.
    private mutating func refreshDeadline() {
        deadline = .never
        for index in entries.indices where entries[index].state != .free && entries[index].deadline < deadline {
            deadline = entries[index].deadline
        }
    }

    private func find(_ neighbor: IPv4Address) -> Int? {
        if entries[lastHit].address == neighbor, entries[lastHit].state != .free { return lastHit }
        for index in entries.indices where entries[index].address == neighbor && entries[index].state != .free {
            return index
        }
        return nil
    }

    /// A free place, or the one whose neighbour was not asked for the longest; its packets are dropped.
    private mutating func freeEntry() -> Int {
        var oldest = 0
        for index in entries.indices {
            if entries[index].state == .free { return index }
            if entries[index].used < entries[oldest].used { oldest = index }
        }
        version &+= 1
        pending.release(for: entries[oldest].address) { _ in }
        return oldest
    }

    private mutating func begin(
        _ neighbor: IPv4Address, _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) -> Int {
        let index = freeEntry()
        entries[index] = NeighborEntry(address: neighbor, state: .incomplete, used: now)
        request(index, now, into: &sink)
        return index
    }

    private mutating func request(_ index: Int, _ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        entries[index].requests += 1
        entries[index].deadline = now + timing.retry
        let target = entries[index].state == .probing ? entries[index].hardware : .broadcast
        sink.transmit(
            ARPPacket(.request, from: address, at: hardware, to: entries[index].address), to: target,
            on: interface)
        refreshDeadline()
    }

    private mutating func learn(
        _ index: Int, _ neighbor: HardwareAddress, _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        if entries[index].hardware != neighbor { version &+= 1 }
        entries[index].hardware = neighbor
        entries[index].state = .reachable
        entries[index].requests = 0
        entries[index].deadline = now + timing.reachable
        refreshDeadline()
        let header = EthernetHeader(destination: neighbor, source: hardware, type: .ipv4)
        pending.release(for: entries[index].address) { packet in
            sink.transmit(EthernetHeader.length + packet.byteCount, on: interface) { frame in
                header.emit(into: &frame)
                frame.copy(packet, to: EthernetHeader.length)
            }
        }
    }
}

extension FrameSink where Self: ~Copyable {
    /// Sends an ARP packet in a frame to `destination`.
    mutating func transmit(_ packet: ARPPacket, to destination: HardwareAddress, on interface: InterfaceID) {
        let header = EthernetHeader(destination: destination, source: packet.senderHardware, type: .arp)
        transmit(EthernetHeader.length + ARPPacket.length, on: interface) { frame in
            header.emit(into: &frame)
            var payload = frame._mutatingExtracting(EthernetHeader.length..<EthernetHeader.length + ARPPacket.length)
            packet.emit(into: &payload)
        }
    }
}
