import Interfaces
import Network

/// What the address of an interface is: written down, lent by a server, or its own, with the look for others who have it.
///
/// Told the time, the link, datagrams and ARP packets, it answers with datagrams, frames, `deadline` and, when something changed,
/// an event. It never waits: until there is an address, `current` is nil.
///
/// A fixed address is used from the start, and stays when somebody else has it too; that is reported. An address that was lent is declined,
/// a link-local one exchanged. While the link is down, fixed and lent addresses stay, so that connections outlive a cable that was pulled.
public struct AddressConfiguration: Sendable {
    /// Where the address comes from.
    public enum Policy: Equatable, Sendable {
        /// It is written down.
        case fixed(InterfaceConfiguration)
        /// A DHCP server lends it. When none has done so `fallback` after the link came up, the interface gives itself a link-local one until
        /// then; nil for never.
        case automatic(fallback: Interval?)
        /// The interface gives itself a link-local one.
        case linkLocal
    }

    /// When to use an address that a server lent.
    @frozen
    public enum DuplicateCheck: Equatable, Sendable {
        /// After five to eight seconds in which nobody said it had it (RFC 5227 section 2.1).
        case first
        /// At once, and give it up when somebody says so in those seconds.
        case meanwhile
    }

    /// What happened.
    public enum Event: Equatable, Sendable {
        /// The interface has this configuration from now on; nil: it has none.
        case changed(InterfaceConfiguration?)
        /// Somebody else has this address.
        case conflict(IPv4Address)
    }

    /// The usual wait for a server: two requests without an answer.
    public static let usualFallback = Interval.seconds(10)

    /// Where the address comes from.
    public let policy: Policy
    /// The DHCP client, for those who want to show how it stands.
    public private(set) var client: DHCPClient
    private let check: DuplicateCheck
    private var claim: AddressClaim
    private var linkLocal: LinkLocalPolicy
    private var isLinkUp = false
    private var isStopped = false
    private var conflict: IPv4Address?

    /// A configuration that waits for the link.
    /// - Parameters:
    ///   - hostName: the name to tell servers; nil for none.
    ///   - remembered: an address from before the machine was switched off, which servers are asked for first.
    ///   - seed: unlike on every other machine and at every start.
    public init(
        _ policy: Policy, hardware: HardwareAddress, hostName: DomainName? = nil, remembered: IPv4Address? = nil,
        check: DuplicateCheck = .first, seed: UInt64
    ) {
        self.policy = policy
        self.check = check
        client = DHCPClient(hardware: hardware, hostName: hostName, remembered: remembered, seed: seed)
        claim = AddressClaim(hardware: hardware, seed: seed)
        linkLocal = LinkLocalPolicy(hardware: hardware, seed: seed &+ 1)
    }

    /// The configuration to use; nil while there is none.
    public var current: InterfaceConfiguration? {
        if case .fixed(let configuration) = policy { return isStopped ? nil : configuration }
        if let lease = client.lease { return InterfaceConfiguration(lease) }
        return linkLocal.address.map { InterfaceConfiguration(linkLocal: $0) }
    }

    /// When `advance` is to be called next; `.never` when nothing is under way.
    public var deadline: Instant { min(client.deadline, claim.deadline, linkLocal.deadline) }

    /// Tells whether the link is up.
    public mutating func linkChanged(
        isUp: Bool, now: Instant, into sink: inout some FrameSink & DHCPTransport & ~Copyable
    ) -> Event? {
        guard isUp != isLinkUp else { return nil }
        let before = current
        isLinkUp = isUp
        if isUp, !isStopped { begin(now, into: &sink) } else { pause(now, into: &sink) }
        return event(since: before)
    }

    /// Does what is due at `now`.
    public mutating func advance(
        to now: Instant, into sink: inout some FrameSink & DHCPTransport & ~Copyable
    ) -> Event? {
        let before = current
        take(client.advance(to: now, into: &sink), now)
        take(claim.advance(to: now, into: &sink), now, into: &sink)
        if linkLocal.deadline <= now, linkLocal.address == nil, isAboutToBeConfigured { postpone(now) }
        take(linkLocal.advance(to: now, into: &sink))
        return event(since: before)
    }

    /// Reads the payload of a datagram from UDP port 67 to port 68.
    public mutating func receive(
        dhcp payload: RawSpan, now: Instant, into sink: inout some FrameSink & DHCPTransport & ~Copyable
    ) -> Event? {
        guard case .automatic = policy else { return nil }
        let before = current
        take(client.receive(payload, now: now, into: &sink), now)
        return event(since: before)
    }

    /// Looks at an ARP packet that arrived. The ARP cache is to see it as well.
    public mutating func receive(
        _ packet: ARPPacket, now: Instant, into sink: inout some FrameSink & DHCPTransport & ~Copyable
    ) -> Event? {
        let before = current
        take(claim.receive(packet, now: now, into: &sink), now, into: &sink)
        take(linkLocal.receive(packet, now: now, into: &sink))
        return event(since: before)
    }

    /// Gives the address back, as before the power is switched off.
    public mutating func stop(
        now: Instant, into sink: inout some FrameSink & DHCPTransport & ~Copyable
    ) -> Event? {
        let before = current
        isStopped = true
        _ = client.release(now: now, into: &sink)
        claim.end()
        linkLocal.end()
        return event(since: before)
    }

    // MARK: Parts

    private mutating func begin(_ now: Instant, into sink: inout some FrameSink & DHCPTransport & ~Copyable) {
        switch policy {
        case .fixed(let configuration): claim.begin(configuration.address.address, now: now)
        case .linkLocal: linkLocal.begin(at: now)
        case .automatic:
            client.linkChanged(isUp: true, now: now, into: &sink)
            planFallback(now)
        }
    }

    private mutating func pause(_ now: Instant, into sink: inout some FrameSink & DHCPTransport & ~Copyable) {
        client.linkChanged(isUp: false, now: now, into: &sink)
        linkLocal.end()
        if client.lease == nil { claim.end() }
    }

    private mutating func planFallback(_ now: Instant) {
        guard case .automatic(let fallback?) = policy, client.lease == nil, isLinkUp, !isStopped else { return }
        linkLocal.begin(at: now + fallback)
    }

    /// Whether a server has answered, so that a link-local address would be used for moments only.
    private var isAboutToBeConfigured: Bool { client.state == .requesting || client.state == .checking }

    private mutating func postpone(_ now: Instant) {
        linkLocal.end()
        planFallback(now)
    }

    private mutating func take(_ event: DHCPClient.Event?, _ now: Instant) {
        switch event {
        case nil: break
        case .check(let address):
            claim.begin(address, now: now)
            if check == .meanwhile { take(client.accept(now: now), now) }
        case .configured: linkLocal.end()
        case .lost:
            claim.end()
            planFallback(now)
        }
    }

    private mutating func take(
        _ event: AddressClaim.Event?, _ now: Instant, into sink: inout some FrameSink & DHCPTransport & ~Copyable
    ) {
        switch event {
        case nil: break
        case .claimed: take(client.accept(now: now), now)
        case .conflict(let address), .lost(let address):
            conflict = address
            if case .fixed = policy { break }
            take(client.decline(now: now, into: &sink), now)
            planFallback(now)
        }
    }

    private mutating func take(_ event: LinkLocalPolicy.Event?) {
        if case .conflict(let address) = event { conflict = address }
    }

    /// What to report after an input before which the configuration was `before`.
    private mutating func event(since before: InterfaceConfiguration?) -> Event? {
        defer { conflict = nil }
        let after = current
        if before != after { return .changed(after) }
        return conflict.map { .conflict($0) }
    }
}
