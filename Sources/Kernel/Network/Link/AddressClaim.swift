import Interfaces

/// The claim of an interface to an IPv4 address: asks whether somebody has it, announces it, and defends it (RFC 5227).
///
///     idle -begin-> probing -3 probes, 2 s of silence-> announcing -2 announcements-> defending
///                      \-- conflict --> idle (.conflict)      \-- second conflict within 10 s --> idle (.lost)
public struct AddressClaim: Sendable {
    /// What became of the claim.
    @frozen
    public enum Event: Equatable, Sendable {
        /// The address may be used from now on.
        case claimed(IPv4Address)
        /// Somebody else has the address or wants it. It was never used.
        case conflict(IPv4Address)
        /// Somebody else uses the address and does not give in. It must not be used any more.
        case lost(IPv4Address)
    }

    private enum Phase { case idle, probing, announcing, defending }

    // RFC 5227 section 1.1.
    private static let probeWait = Interval.seconds(1)
    private static let probeCount = 3
    private static let probeMinimum = Interval.seconds(1)
    private static let announceWait = Interval.seconds(2)
    private static let announceCount = 2
    private static let announceInterval = Interval.seconds(2)
    private static let maximumConflicts = 10
    private static let rateLimitInterval = Interval.seconds(60)
    private static let defendInterval = Interval.seconds(10)

    /// The address that is claimed; unspecified when none is.
    public private(set) var address = IPv4Address.unspecified
    /// When `advance` is to be called next; `.never` when nothing is under way.
    public private(set) var deadline = Instant.never
    /// How many claims in a row ended in a conflict; from the tenth on, a claim begins a minute late.
    public private(set) var conflicts = 0
    private let hardware: HardwareAddress
    private let interface: InterfaceID
    private var phase = Phase.idle
    private var sent = 0
    private var lastConflict: Instant?
    private var random: UInt64

    /// No claim yet. `seed` spreads the times at which machines that were switched on together ask.
    public init(hardware: HardwareAddress, on interface: InterfaceID = InterfaceID(rawValue: 0), seed: UInt64) {
        self.hardware = hardware
        self.interface = interface
        random = seed ^ hardware.bits
    }

    /// Whether the address may be used.
    public var isClaimed: Bool { phase == .announcing || phase == .defending }

    /// Begins to claim `address`; gives up another one silently.
    public mutating func begin(_ address: IPv4Address, now: Instant) {
        self.address = address
        (phase, sent, lastConflict) = (.probing, 0, nil)
        let penalty = conflicts >= Self.maximumConflicts ? Self.rateLimitInterval : .seconds(0)
        deadline = now + penalty + randomInterval(below: Self.probeWait)
    }

    /// Gives the address up.
    public mutating func end() {
        (phase, address, deadline) = (.idle, .unspecified, .never)
    }

    /// Sends what is due at `now`.
    /// - Returns: `.claimed` at the moment the address may be used; else nil.
    public mutating func advance(to now: Instant, into sink: inout some FrameSink & ~Copyable) -> Event? {
        guard phase != .idle, deadline <= now else { return nil }
        switch phase {
        case .idle, .defending: deadline = .never
        case .probing where sent < Self.probeCount:
            sent += 1
            sink.transmit(
                ARPPacket(.request, from: .unspecified, at: hardware, to: address), to: .broadcast, on: interface)
            let pause = Self.probeMinimum + randomInterval(below: .seconds(1))
            deadline = now + (sent < Self.probeCount ? pause : Self.announceWait)
        case .probing:
            (phase, sent, conflicts) = (.announcing, 0, 0)
            announce(now, into: &sink)
            return .claimed(address)
        case .announcing: announce(now, into: &sink)
        }
        return nil
    }

    /// Looks whether a packet that arrived contradicts the claim.
    public mutating func receive(
        _ packet: ARPPacket, now: Instant, into sink: inout some FrameSink & ~Copyable
    ) -> Event? {
        guard phase != .idle, packet.senderHardware != hardware else { return nil }
        let contested = address
        if phase == .probing {
            // Section 2.1.1: somebody has it, or asks for it as we do.
            guard packet.sender == contested || (packet.isProbe && packet.target == contested) else { return nil }
            conflicts += 1
            end()
            return .conflict(contested)
        }
        guard packet.sender == contested else { return nil }
        // Section 2.4 (b): defend once, and give in when it goes on.
        if let lastConflict, now - lastConflict < Self.defendInterval {
            conflicts += 1
            end()
            return .lost(contested)
        }
        lastConflict = now
        sink.transmit(ARPPacket(.request, from: contested, at: hardware, to: contested), to: .broadcast, on: interface)
        return nil
    }

    private mutating func announce(_ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        sink.transmit(ARPPacket(.request, from: address, at: hardware, to: address), to: .broadcast, on: interface)
        sent += 1
        if sent < Self.announceCount {
            deadline = now + Self.announceInterval
        } else {
            (phase, deadline) = (.defending, .never)
        }
    }

    private mutating func randomInterval(below limit: Interval) -> Interval {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // In steps of a 65536th, so that no product overflows.
        return .nanoseconds(limit.nanoseconds / 65536 &* (random >> 48))
    }
}

private func + (left: Interval, right: Interval) -> Interval {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return .nanoseconds(overflow ? .max : sum)
}
