import Interfaces

/// Initial sequence numbers (RFC 6528, section 3): a clock of four microseconds plus a keyed hash of the connection's
/// name, so that numbers of one pair of ends rise, and nobody else can guess them.
public enum InitialSequence {
    /// The number for the connection that the octets of `flow` name: both addresses and both ports.
    public static func number(flow: RawSpan, key: SecretKey, now: Instant) -> SequenceNumber {
        let clock = UInt32(truncatingIfNeeded: now.nanoseconds / 4000)
        return SequenceNumber(clock &+ UInt32(truncatingIfNeeded: KeyedHash.hash(flow, key)))
    }
}

/// SYN cookies (RFC 4987, section 3.6): the answer to a SYN that leaves nothing behind.
///
/// The initial sequence number holds five bits of a clock of 64 seconds, three bits that name an MSS, and 24 bits of a
/// keyed hash over these, the flow and the number of the SYN. Scaling and SACK are for those who send timestamps, which remember them.
public enum SYNCookie {
    /// The sizes three bits can name, in ascending order.
    private static func size(_ index: UInt32) -> UInt16 {
        switch index {
        // Who takes less than the usual smallest gets the smallest there is.
        case 0: 48
        case 1: 536
        case 2: 1220
        case 3: 1300
        case 4: 1400
        case 5: 1440
        case 6: 1460
        default: 8960
        }
    }

    private static func period(_ now: Instant) -> UInt64 { now.nanoseconds / 64_000_000_000 }

    private static func proof(_ flow: RawSpan, _ key: SecretKey, _ syn: SequenceNumber, _ top: UInt32, _ period: UInt64)
        -> UInt32
    {
        let tail = UInt64(syn.value) << 32 | (period << 8 & 0xFFFF_FF00) | UInt64(top)
        return UInt32(truncatingIfNeeded: KeyedHash.hash(flow, tail: tail, key)) & 0xFF_FFFF
    }

    /// The initial sequence number to answer `header`, a SYN, with.
    public static func make(for header: SegmentHeader, flow: RawSpan, key: SecretKey, now: Instant) -> SequenceNumber {
        let wanted = header.options.maximumSegmentSize ?? 536
        var index: UInt32 = 7
        while index > 0, size(index) > wanted { index -= 1 }
        let period = period(now)
        let top = UInt32(truncatingIfNeeded: period & 31) << 3 | index
        return SequenceNumber(top << 24 | proof(flow, key, header.sequence, top, period))
    }

    /// The MSS the cookie in `header` remembers; nil unless `header` acknowledges a cookie made for `flow` less than 128
    /// seconds ago.
    public static func check(_ header: SegmentHeader, flow: RawSpan, key: SecretKey, now: Instant) -> UInt16? {
        let cookie = (header.acknowledgement - 1).value
        let top = cookie >> 24
        let current = period(now)
        let age = (current &- UInt64(top >> 3)) & 31
        guard age <= 1, age <= current else { return nil }
        guard proof(flow, key, header.sequence - 1, top, current - age) == cookie & 0xFF_FFFF else { return nil }
        return size(top & 7)
    }
}
