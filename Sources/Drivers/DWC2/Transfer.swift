import Interfaces

/// Bytes that a channel moves, in one or more runs of the hardware.
struct Transfer {
    /// Where the controller finds the first byte.
    var address: UInt32 = 0
    /// Bytes wanted.
    var count = 0
    /// The submitter's name for it.
    var tag: UInt16 = 0

    /// Bytes moved.
    var done = 0
    /// What the hardware was told of the run under way.
    var runBytes = 0
    var runPackets = 0
    /// Packets in a row that went wrong.
    var failures = 0
    /// How it ended; meaningful once it has.
    var error: USBError?

    /// What the run moved, when `size` is left of it.
    func moved(_ size: ChannelSize, isIn: Bool, packetSize: Int) -> Int {
        // Coming in, the hardware counts bytes; going out, the core is only sure of packets.
        if isIn { return max(runBytes - size.bytes, 0) }
        return min(max(runPackets - size.packets, 0) * packetSize, runBytes)
    }
}
