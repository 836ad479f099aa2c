import Interfaces

/// What has no room in the number of a cookie: five bits of the timestamp that goes with it, which the other end sends back (RFC 7323,
/// section 3.2). Nothing proves them: who changes them changes its own connection.
extension SYNCookie {
    private static let mask: UInt32 = 0x1F
    private static let sackBit: UInt32 = 0x10
    /// No shift count is that high.
    private static let noScale: UInt32 = 0x0F

    /// The options of the answer to `header`, a SYN, whose number is a cookie.
    static func answer(
        to header: SegmentHeader, _ configuration: TCPConfiguration, now: Instant
    ) -> TCPOptions {
        var options = TCPOptions()
        options.maximumSegmentSize = configuration.maximumSegmentSize
        guard configuration.offersTimestamps, let timestamps = header.options.timestamps else { return options }
        var bits = noScale
        if configuration.offersWindowScaling, let scale = header.options.windowScale {
            bits = UInt32(min(scale, 14))
            options.windowScale = configuration.windowShift
        }
        if configuration.offersSACK, header.options.isSACKPermitted {
            bits |= sackBit
            options.isSACKPermitted = true
        }
        let clock = configuration.timestampClock(now)
        var value = clock & ~mask | bits
        // Not ahead of what the connection will say next.
        if Int32(bitPattern: value &- clock) > 0 { value &-= mask + 1 }
        options.timestamps = TCPTimestamps(value: value, echo: timestamps.value)
        return options
    }

    /// What the SYN had, as far as `header`, which acknowledges a cookie, tells; `size` is the MSS that the cookie itself remembers.
    static func options(in header: SegmentHeader, size: UInt16, _ configuration: TCPConfiguration) -> TCPOptions {
        var options = TCPOptions()
        options.maximumSegmentSize = size
        guard configuration.offersTimestamps, let timestamps = header.options.timestamps, timestamps.echo != 0 else {
            return options
        }
        options.timestamps = timestamps
        options.isSACKPermitted = timestamps.echo & sackBit != 0
        let scale = timestamps.echo & noScale
        if scale != noScale { options.windowScale = UInt8(scale) }
        return options
    }
}
