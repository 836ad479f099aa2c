import Interfaces

/// The controller's own counters, made 64 bits wide.
public struct HardwareCounters: Sendable {
    private var totals: [65 of UInt64] = .init(repeating: 0)
    private var last: [65 of UInt32] = .init(repeating: 0)

    /// What `counter` has counted since the controller was started first.
    public subscript(counter: HardwareCounter) -> UInt64 { totals[counter.rawValue] }

    /// Adds what has come since the last reading. To be called before a counter can go round: at gigabit speed the one of bytes takes 34 s.
    mutating func collect<Bus: RegisterBus>(from bus: Bus) {
        for index in 0..<65 {
            let register = Register<UInt32>(HardwareCounter.offset(index))
            let value = bus.read(register)
            totals[index] &+= UInt64(value &- last[index])
            last[index] = value
            // This one stays at its highest value instead of going round; it can be cleared.
            if index == HardwareCounter.receiveFIFOOverflows.rawValue && value >= 1 << 31 {
                bus.write(0, to: register)
                last[index] = 0
            }
        }
    }

    /// The controller has been reset, and starts from what its registers hold now.
    mutating func rebase<Bus: RegisterBus>(on bus: Bus) {
        for index in 0..<65 { last[index] = bus.read(Register<UInt32>(HardwareCounter.offset(index))) }
    }
}

/// The counters, in the order of their registers (hardware notes "GENET v5", section 11). The names say bytes of a frame with its checksum.
public enum HardwareCounter: Int, Sendable {
    /// Received frames by size.
    case received64, received65to127, received128to255, received256to511, received512to1023, received1024to1518
    /// Received frames by size, long ones.
    case received1519to1522, received1522to2047, received2048to4095, received4096to9216
    /// Received: all frames, their bytes, by address.
    case receivedFrames, receivedBytes, receivedMulticast, receivedBroadcast
    /// Received with a wrong checksum.
    case receivedChecksumErrors
    /// Received for the MAC itself.
    case receivedControl, receivedPause, receivedUnknownControl
    /// Received with other errors.
    case receivedAlignmentErrors, receivedLengthErrors, receivedCodeErrors, receivedCarrierErrors, receivedOversize
    /// Received with errors of length.
    case receivedJabber, receivedMTUErrors
    /// Received and good.
    case receivedGood, receivedUnicast, receivedPPP, receivedChecksumMatches
    /// Transmitted frames by size.
    case transmitted64, transmitted65to127, transmitted128to255, transmitted256to511, transmitted512to1023
    /// Transmitted frames by size, long ones.
    case transmitted1024to1518, transmitted1519to1522, transmitted1522to2047, transmitted2048to4095
    /// Transmitted frames by size, the longest.
    case transmitted4096to9216
    /// Transmitted: all frames, by address, for the partner's MAC.
    case transmittedFrames, transmittedMulticast, transmittedBroadcast, transmittedPause, transmittedControl
    /// Transmitted with errors.
    case transmittedChecksumErrors, transmittedOversize
    /// Half duplex: waiting and collisions.
    case transmitDeferred, transmitExcessivelyDeferred, singleCollisions, multipleCollisions, lateCollisions
    /// Half duplex: what came of collisions.
    case excessiveCollisions, transmittedFragments, collisions, transmittedJabber
    /// Transmitted: bytes and good frames.
    case transmittedBytes, transmittedGood, transmittedUnicast
    /// Received frames that were too short, and their bytes.
    case runts, runtsWithGoodChecksum, runtsWithBadChecksum, runtBytes
    /// Lost because the receive FIFO was full; errors in it; dropped by the address filter.
    case receiveFIFOOverflows, receiveFIFOErrors, filtered

    /// The register of counter `index`.
    static func offset(_ index: Int) -> Int {
        switch index {
        case 0..<29: 0xC00 + 4 * index
        case 29..<58: 0xC80 + 4 * (index - 29)
        case 58..<62: 0xD00 + 4 * (index - 58)
        case 62: GENETRegister.receiveOverflows.offset
        case 63: 0x398
        default: 0xE38
        }
    }
}
