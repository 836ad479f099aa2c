import Interfaces
import Network

/// The client of the Dynamic Host Configuration Protocol on one interface (RFC 2131 section 4.4).
///
/// Told the time, the link and what arrives at UDP port 68, it answers with datagrams, events and `deadline`. The first request leaves at
/// the moment the link is up.
///
///     idle -link up-> selecting -OFFER-> requesting -ACK-> checking -accept-> bound -T1-> renewing -T2-> rebinding
///        \-link up, address known-> rebooting -ACK-> checking, or bound when the address is still in use
///     NAK, an address that is taken, the lease's end: initial -pause-> selecting
public struct DHCPClient: Sendable {
    /// Where the client stands: the names of RFC 2131 figure 5, and two more.
    @frozen
    public enum State: Equatable, Sendable {
        /// The link is down, or the client was told to stop.
        case idle
        /// INIT: waits a moment before it asks.
        case initial
        /// SELECTING: asked which servers are there.
        case selecting
        /// REQUESTING: asked for the address that a server offered.
        case requesting
        /// The server lent the address, and the caller looks whether somebody has it.
        case checking
        /// BOUND: nothing to do until T1.
        case bound
        /// RENEWING: asks the server that lent it.
        case renewing
        /// REBINDING: asks every server.
        case rebinding
        /// REBOOTING: asks whether an address from before is still right (INIT-REBOOT).
        case rebooting
    }

    /// What the caller has to do.
    @frozen
    public enum Event: Equatable, Sendable {
        /// Look whether somebody has this address, and call `accept` or `decline`.
        case check(IPv4Address)
        /// Use the address and the rest of the lease, in place of what was used before; comes again each time it is renewed.
        case configured(Lease)
        /// Use the address no more.
        case lost(Loss)
    }

    /// Why an address was lost.
    @frozen
    public enum Loss: Equatable, Sendable {
        /// Its time was over, and no server answered.
        case expired
        /// A server said that it is not right, or no more.
        case refused
        /// Somebody else has it.
        case conflict
        /// It was given back.
        case released
    }

    // RFC 2131 section 4.1 and 4.4.5; the attempts are those of section 3.1 (5) and a choice of ours for REBOOTING, short because a
    // network that does not know the address may be silent about it.
    static let firstRetry: UInt64 = 4
    static let lastRetry: UInt64 = 64
    static let requestAttempts = 4
    static let rebootAttempts = 2
    static let minimumRenewalPause = Interval.seconds(60)
    /// After an address that was taken (section 3.1 (5)).
    static let declinePause = Interval.seconds(10)

    /// Where the client stands.
    public internal(set) var state = State.idle
    /// The lease in use; nil while there is none.
    public internal(set) var lease: Lease?
    /// How many datagrams were no answer to a question that was asked.
    public internal(set) var ignored: UInt64 = 0
    let hardware: HardwareAddress
    let hostName: DomainName?
    var isLinkUp = false
    var isStopped = false
    var timer = Instant.never
    /// The lease that waits for `accept`.
    var candidate: Lease?
    /// The address to ask for when the link comes up.
    var remembered: IPv4Address?
    var offered = (address: IPv4Address.unspecified, server: IPv4Address.unspecified)
    var transaction: UInt32 = 0
    var began = Instant(nanoseconds: 0)
    var requested = Instant(nanoseconds: 0)
    var attempt = 0
    /// How many addresses in a row were refused.
    var refusals = 0
    private var random: UInt64

    /// A client that waits for the link.
    /// - Parameters:
    ///   - hostName: the name to tell servers; nil for none.
    ///   - remembered: an address from before the machine was switched off, which is asked for first.
    ///   - seed: unlike on every other machine and at every start, as transaction identifiers come from it.
    public init(
        hardware: HardwareAddress, hostName: DomainName? = nil, remembered: IPv4Address? = nil, seed: UInt64
    ) {
        self.hardware = hardware
        self.hostName = hostName
        self.remembered = remembered
        random = seed ^ hardware.bits
    }

    /// When `advance` is to be called next; `.never` when nothing is under way.
    public var deadline: Instant { min(timer, lease?.expiry ?? .never) }

    // MARK: Inputs

    /// Tells whether the link is up. A lease stays in use while it is down, and is asked about as soon as it is up again.
    public mutating func linkChanged(isUp: Bool, now: Instant, into transport: inout some DHCPTransport & ~Copyable) {
        guard isUp != isLinkUp else { return }
        isLinkUp = isUp
        guard isUp, !isStopped else {
            (state, timer, candidate) = (.idle, .never, nil)
            return
        }
        refusals = 0
        start(now, into: &transport)
    }

    /// Does what is due at `now`.
    public mutating func advance(to now: Instant, into transport: inout some DHCPTransport & ~Copyable) -> Event? {
        if let lease, lease.expiry <= now {
            self.lease = nil
            if isLinkUp, !isStopped { discover(now, into: &transport) }
            return .lost(.expired)
        }
        guard timer <= now else { return nil }
        switch state {
        case .idle: timer = .never
        case .initial: discover(now, into: &transport)
        case .selecting: send(.discover, now, into: &transport)
        case .requesting where attempt < Self.requestAttempts: send(.request, now, into: &transport)
        case .rebooting where attempt < Self.rebootAttempts: send(.request, now, into: &transport)
        // Nobody objected, so that an address whose time is not over may be used until then (section 3.2 (4)).
        case .rebooting where lease != nil: bind(now)
        case .requesting, .rebooting, .checking: discover(now, into: &transport)
        case .bound, .renewing, .rebinding: renew(now, into: &transport)
        }
        return nil
    }

    /// Reads `payload`, which arrived from UDP port 67. What is no answer to this client is counted and has no effect.
    public mutating func receive(
        _ payload: RawSpan, now: Instant, into transport: inout some DHCPTransport & ~Copyable
    ) -> Event? {
        guard let message = answer(payload) else {
            ignored &+= 1
            return nil
        }
        switch message.kind {
        case .offer where state == .selecting:
            if let lease = Lease(message, from: now) {
                offered = (lease.address.address, lease.server)
                (state, attempt, requested) = (.requesting, 0, now)
                send(.request, now, into: &transport)
                return nil
            }
        case .ack:
            if let lease = Lease(message, from: requested), isExpected(lease) { return take(lease, now) }
        case .nak where isExpectedRefusal(message):
            return refuse(now, into: &transport)
        default: break
        }
        ignored &+= 1
        return nil
    }

    /// The answer to `.check`: nobody has the address. Has no effect at another time.
    /// - Returns: `.configured`.
    public mutating func accept(now: Instant) -> Event? {
        guard state == .checking, let candidate else { return nil }
        (lease, self.candidate) = (candidate, nil)
        (remembered, refusals) = (candidate.address.address, 0)
        bind(now)
        return .configured(candidate)
    }

    /// Somebody else has the address: the answer to `.check`, or what was found out later. The server is told, and a while later asked for
    /// another one.
    /// - Returns: `.lost` when the address was in use.
    public mutating func decline(now: Instant, into transport: inout some DHCPTransport & ~Copyable) -> Event? {
        guard let taken = candidate ?? lease, state != .idle else { return nil }
        let wasUsed = lease != nil
        offered = (taken.address.address, taken.server)
        (lease, candidate, remembered) = (nil, nil, nil)
        send(.decline, now, into: &transport)
        (state, timer) = (.initial, now + Self.declinePause)
        return wasUsed ? .lost(.conflict) : nil
    }

    /// Gives the address back and stops, whatever the link does, until `restart`.
    public mutating func release(now: Instant, into transport: inout some DHCPTransport & ~Copyable) -> Event? {
        let wasUsed = lease != nil
        if isLinkUp, lease != nil { send(.release, now, into: &transport) }
        (isStopped, state, timer, lease, candidate) = (true, .idle, .never, nil, nil)
        return wasUsed ? .lost(.released) : nil
    }

    /// Begins again after `release`.
    public mutating func restart(now: Instant, into transport: inout some DHCPTransport & ~Copyable) {
        guard isStopped else { return }
        isStopped = false
        if isLinkUp { start(now, into: &transport) }
    }

    /// 32 bits of the sequence that the seed began (SplitMix64).
    mutating func nextRandom() -> UInt32 {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (random ^ (random >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: mixed >> 32)
    }
}
