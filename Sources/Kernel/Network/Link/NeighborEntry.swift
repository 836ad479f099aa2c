import Interfaces

/// What an `ARPCache` knows of one neighbour.
struct NeighborEntry {
    enum State {
        /// Nothing: the place is free.
        case free
        /// Asked for and not answered. Packets may wait.
        case incomplete
        /// Confirmed; believed until the deadline.
        case reachable
        /// No longer confirmed, still used; the first use asks again.
        case stale
        /// Used while the neighbour itself, and nobody else, is asked (RFC 1122 section 2.3.2.1, unicast poll).
        case probing
        /// Asked for in vain; not asked again before the deadline.
        case failed
    }

    var address = IPv4Address.unspecified
    var hardware = HardwareAddress(bits: 0)
    var state = State.free
    /// Requests sent since the state began.
    var requests = 0
    /// When the state ends, or the next request is due.
    var deadline = Instant.never
    /// When the entry was last asked for: the one that was not for the longest time gives way.
    var used = Instant(nanoseconds: 0)
}
