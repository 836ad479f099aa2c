import Interfaces
import Runtime

/// What has arrived, by kind. Shown when frames have stopped coming.
struct Counters {
    private static let pause = Interval.seconds(2)

    private var frames: UInt64 = 0
    private var bytes: UInt64 = 0
    private var broadcasts: UInt64 = 0
    private var groups: UInt64 = 0
    private var shown: UInt64 = 0
    private var last = Instant(nanoseconds: 0)

    mutating func count(_ frame: borrowing ReceivedFrame) {
        frames &+= 1
        bytes &+= UInt64(frame.count)
        // A frame has 60 bytes at least.
        let first = unsafe frame.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
        // The destination, first byte lowest.
        if first & 0xFFFF_FFFF_FFFF == 0xFFFF_FFFF_FFFF {
            broadcasts &+= 1
        } else if first & 1 != 0 {
            groups &+= 1
        }
        last = SystemTime.now
    }

    /// Whether frames have come that were not shown, and then none for a while.
    var isDue: Bool { frames != shown && SystemTime.now - last >= Self.pause }

    mutating func show(_ statistics: NetworkStatistics) {
        shown = frames
        print(
            "netdump: \(frames) frames, \(bytes) bytes, \(broadcasts) to all, \(groups) to groups, \(statistics.receiveDrops) lost"
        )
    }
}
