import Interfaces

/// The groups an interface is in, and what the routers are told about that: IGMP, version 2 (RFC 2236).
public struct GroupMembership: Sendable {
    private struct Group {
        var address: IPv4Address
        /// How many joins there were without a leave.
        var joins = 1
        var deadline = Instant.never
        /// The unsolicited reports still to send.
        var reports = 0
        /// Nobody else reported the group since we did: a leave is worth a message.
        var isLastReporter = false
    }

    // RFC 2236 section 8.
    private static let unsolicitedReportInterval = Interval.seconds(10)
    private static let version1RouterTimeout = Interval.seconds(400)
    private static let robustness = 2
    /// Bytes of a message with its IP header, which holds the router alert option (RFC 2113).
    private static let packetLength = 32

    /// The interface's address, from which reports are sent.
    public var address = IPv4Address.unspecified
    private let hardware: HardwareAddress
    private let interface: InterfaceID
    private let capacity: Int
    private var groups: [Group] = []
    private var version1Until = Instant(nanoseconds: 0)
    private var random: UInt64

    /// Room for `capacity` groups. `seed` spreads the answers of many hosts.
    public init(
        hardware: HardwareAddress, on interface: InterfaceID = InterfaceID(rawValue: 0), capacity: Int = 16,
        seed: UInt64
    ) {
        self.hardware = hardware
        self.interface = interface
        self.capacity = capacity
        random = seed ^ hardware.bits
        groups.reserveCapacity(capacity)
    }

    /// When `advance` is to be called next; `.never` when nothing is to be sent.
    public var deadline: Instant {
        var first = Instant.never
        for index in groups.indices where groups[index].deadline < first { first = groups[index].deadline }
        return first
    }

    /// Whether datagrams for `group` are received: joined ones, and those for all hosts.
    public func contains(_ group: IPv4Address) -> Bool {
        if group == .allHosts { return true }
        for index in groups.indices where groups[index].address == group { return true }
        return false
    }

    /// Joins `group`, or counts one join more, and tells the routers.
    /// - Returns: false when there is no room, or the address is no group.
    public mutating func join(_ group: IPv4Address, now: Instant, into sink: inout some FrameSink & ~Copyable) -> Bool {
        guard group.isMulticast else { return false }
        // Every host is in this group, and nothing is ever reported about it (section 6).
        if group == .allHosts { return true }
        for index in groups.indices where groups[index].address == group {
            groups[index].joins += 1
            return true
        }
        guard groups.count < capacity else { return false }
        groups.append(Group(address: group, reports: Self.robustness))
        report(groups.count - 1, now, into: &sink)
        return true
    }

    /// Undoes one join of `group`; the last one leaves it.
    public mutating func leave(_ group: IPv4Address, now: Instant, into sink: inout some FrameSink & ~Copyable) {
        for index in groups.indices where groups[index].address == group {
            groups[index].joins -= 1
            guard groups[index].joins == 0 else { return }
            if groups[index].isLastReporter, now >= version1Until {
                send(IGMPMessage(.leave, group: group), to: .allRouters, into: &sink)
            }
            groups.remove(at: index)
            return
        }
    }

    /// Reports every group again, as after a join: a switch or router that is new on the link has heard nothing of them.
    public mutating func reportAgain(now: Instant) {
        for index in groups.indices {
            groups[index].reports = Self.robustness
            groups[index].deadline = now
        }
    }

    /// Takes a message that arrived.
    public mutating func receive(_ message: IGMPMessage, now: Instant) {
        switch message.kind {
        case .query:
            let isVersion1 = message.maximumResponseTime == 0
            if isVersion1 { version1Until = now + Self.version1RouterTimeout }
            let limit = Interval.milliseconds(isVersion1 ? 10_000 : UInt64(message.maximumResponseTime) * 100)
            for index in groups.indices {
                guard message.group.isUnspecified || message.group == groups[index].address else { continue }
                let answer = now + randomInterval(below: limit)
                // A timer that runs out sooner stays (section 3).
                if answer < groups[index].deadline { groups[index].deadline = answer }
                groups[index].reports = max(groups[index].reports, 1)
            }
        case .report, .version1Report:
            for index in groups.indices where groups[index].address == message.group {
                groups[index].deadline = .never
                groups[index].reports = 0
                groups[index].isLastReporter = false
            }
        case .leave: break
        }
    }

    /// Sends the reports that are due at `now`.
    public mutating func advance(to now: Instant, into sink: inout some FrameSink & ~Copyable) {
        for index in groups.indices where groups[index].deadline <= now { report(index, now, into: &sink) }
    }

    private mutating func report(_ index: Int, _ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        let group = groups[index].address
        let kind: IGMPMessage.Kind = now < version1Until ? .version1Report : .report
        send(IGMPMessage(kind, group: group), to: group, into: &sink)
        groups[index].isLastReporter = true
        groups[index].reports = max(groups[index].reports - 1, 0)
        groups[index].deadline =
            groups[index].reports > 0 ? now + randomInterval(below: Self.unsolicitedReportInterval) : .never
    }

    private func send(
        _ message: IGMPMessage, to destination: IPv4Address, into sink: inout some FrameSink & ~Copyable
    ) {
        let front = EthernetHeader(
            destination: HardwareAddress(multicast: destination), source: hardware, type: .ipv4)
        var header = IPv4Header(.igmp, from: address, to: destination, payloadLength: 12)
        header.timeToLive = 1
        sink.transmit(EthernetHeader.length + Self.packetLength, on: interface) { frame in
            front.emit(into: &frame)
            var packet = frame._mutatingExtracting(EthernetHeader.length..<EthernetHeader.length + Self.packetLength)
            header.emit(into: &packet)
            // The header grows by the router alert option, which was counted as payload.
            packet.set(0, UInt8(0x46))
            packet.set(20, UInt32(0x9404_0000))
            packet.set(10, UInt16(0))
            let checksum = InternetChecksum(packet.bytes.extracting(0..<24)).value
            packet.set(10, checksum)
            var body = packet._mutatingExtracting(24..<Self.packetLength)
            message.emit(into: &body)
        }
    }

    private mutating func randomInterval(below limit: Interval) -> Interval {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // In steps of a 1024th, so that no product overflows.
        return .nanoseconds(limit.nanoseconds / 1024 &* (random >> 54))
    }
}
