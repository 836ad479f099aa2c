/// Seconds since 1900 and parts of 2^-32 of a second, as the wire carries them (RFC 5905, section 6). The seconds wrap every 136 years.
@frozen
public struct NTPTimestamp: Equatable, Sendable {
    /// Both: seconds in the upper half.
    public var bits: UInt64

    /// The timestamp `bits`; zero means that there is none.
    public init(bits: UInt64) { self.bits = bits }

    /// Between the beginnings of 1900 and 1970.
    private static let secondsTo1970: UInt64 = 2_208_988_800

    /// The time `nanoseconds` since 1970.
    public init(nanosecondsSince1970 nanoseconds: UInt64) {
        let seconds = nanoseconds / 1_000_000_000 &+ Self.secondsTo1970
        let fraction = ((nanoseconds % 1_000_000_000) << 32) / 1_000_000_000
        bits = seconds << 32 | fraction
    }

    /// Nanoseconds since 1970. The era is the one in which the time is in or after 1970: the wire's lasts until 2036, and this counts on
    /// until 2106.
    public var nanosecondsSince1970: UInt64 {
        let wire = bits >> 32
        let seconds = (wire &- Self.secondsTo1970) & 0xFFFF_FFFF
        return seconds * 1_000_000_000 + ((bits & 0xFFFF_FFFF) * 1_000_000_000) >> 32
    }
}

/// A length of time in parts of 2^-16 of a second, as the wire carries root delay and dispersion.
struct NTPShort {
    let bits: UInt32

    /// In nanoseconds.
    var nanoseconds: UInt64 { (UInt64(bits) * 1_000_000_000) >> 16 }
}
