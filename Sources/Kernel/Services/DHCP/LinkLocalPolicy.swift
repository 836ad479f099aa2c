import Interfaces
import Network

/// An address that the interface gives itself when nobody lends it one (RFC 3927): 169.254.1.0 to 169.254.254.255.
///
/// Which one follows from the hardware address, so that a machine has the same each time; after a conflict the next of that sequence. From
/// the tenth conflict on there is a minute before each, which `AddressClaim` sees to.
public struct LinkLocalPolicy: Sendable {
    /// What became of it.
    @frozen
    public enum Event: Equatable, Sendable {
        /// The address may be used.
        case claimed(IPv4Address)
        /// Somebody has this address; the next one is being tried.
        case conflict(IPv4Address)
    }

    private static let prefixLength = 16
    private static let first: UInt32 = 0xA9FE_0100
    private static let count: UInt32 = 254 * 256

    private var claim: AddressClaim
    private var random: UInt64
    private var candidate: IPv4Address
    private var start = Instant.never

    /// Nothing is under way. `seed` spreads the times of the probes.
    public init(hardware: HardwareAddress, seed: UInt64) {
        claim = AddressClaim(hardware: hardware, seed: seed)
        random = hardware.bits
        candidate = .unspecified
        candidate = next()
    }

    /// The address; nil while none may be used.
    public var address: InterfaceAddress? {
        claim.isClaimed ? InterfaceAddress(claim.address, prefixLength: Self.prefixLength) : nil
    }

    /// Whether an address is in use, is being claimed, or will be.
    public var isActive: Bool { start != .never || !claim.address.isUnspecified }

    /// When `advance` is to be called next; `.never` when nothing is under way.
    public var deadline: Instant { min(start, claim.deadline) }

    /// Claims an address from `instant` on, unless it is under way already.
    public mutating func begin(at instant: Instant) {
        if !isActive { start = instant }
    }

    /// Gives the address up, or the plan to have one.
    public mutating func end() {
        start = .never
        claim.end()
    }

    /// Does what is due at `now`.
    public mutating func advance(to now: Instant, into sink: inout some FrameSink & ~Copyable) -> Event? {
        if start <= now {
            start = .never
            claim.begin(candidate, now: now)
        }
        return take(claim.advance(to: now, into: &sink), now)
    }

    /// Looks whether a packet that arrived contradicts the address.
    public mutating func receive(
        _ packet: ARPPacket, now: Instant, into sink: inout some FrameSink & ~Copyable
    ) -> Event? {
        take(claim.receive(packet, now: now, into: &sink), now)
    }

    private mutating func take(_ event: AddressClaim.Event?, _ now: Instant) -> Event? {
        switch event {
        case nil: return nil
        case .claimed(let address): return .claimed(address)
        case .conflict(let address), .lost(let address):
            candidate = next()
            claim.begin(candidate, now: now)
            return .conflict(address)
        }
    }

    private mutating func next() -> IPv4Address {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return IPv4Address(bits: Self.first + UInt32(truncatingIfNeeded: ((random >> 32) * UInt64(Self.count)) >> 32))
    }
}
