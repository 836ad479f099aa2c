import Interfaces

/// Frames and microframes.
extension DWC2Model {
    /// How long one is at the root port: a microframe at high speed.
    private var frameLength: UInt64 { self[0x440] >> 17 & 3 == 0 ? 125_000 : 1_000_000 }

    /// The (micro)frame that is under way, from when time began.
    var frame: UInt64 { clock.now.nanoseconds / frameLength }

    /// The time until the next one.
    var untilNextFrame: Interval { .nanoseconds(frameLength - clock.now.nanoseconds % frameLength) }

    /// HFIR has to fit the clock that HCFG says the PHY has, or no device sees its frames in time.
    func checkFrameInterval() {
        if isEmulated || self[0x440] & 1 << 2 == 0 { return }
        let megahertz: UInt32 = self[0x400] & 3 == 0 ? 60 : 48
        let wanted = self[0x440] >> 17 & 3 == 0 ? megahertz * 125 : megahertz * 1000
        let interval = self[0x404] & 0xFFFF
        if interval != wanted, interval + 1 != wanted { note("frames of \(interval) clocks, not \(wanted)") }
    }

    /// When the packet of a channel goes: those of interrupt endpoints in a frame of the parity that the channel names, which is the
    /// one under way (Linux, 9cf1a601d2af), others at once. Nil when too little is left of the frame.
    func delay(of channel: Int) -> Interval? {
        guard field(channel, 0, 18, 2) == 3 else { return duration(channel) }
        let isOdd = field(channel, 0, 29, 1) == 1
        if isOdd != (frame & 1 == 1) { return .nanoseconds(untilNextFrame.nanoseconds + duration(channel).nanoseconds) }
        return untilNextFrame < duration(channel) ? nil : duration(channel)
    }

    /// Time for a packet with data on the bus at the root port.
    func duration(_ channel: Int) -> Interval {
        if plugged?.speed ?? 1 == 0 { return .microseconds(10) }
        return field(channel, 0, 17, 1) == 1 ? .microseconds(150) : .microseconds(50)
    }
}
