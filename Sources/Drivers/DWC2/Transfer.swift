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

    /// Takes note of what the run moved, when `size` is left of it.
    /// - Returns: the bytes moved.
    mutating func take(_ size: ChannelSize, isComplete: Bool, isIn: Bool, packetSize: Int) -> Int {
        var moved = min(max(runPackets - size.packets, 0) * packetSize, runBytes)
        // All of what a run that went well was to send, and the bytes that came in. What was stopped early is only sure of whole packets: bytes are
        // counted as they reach memory (Linux, dwc2_get_actual_xfer_length).
        if isComplete { moved = isIn ? max(runBytes - size.bytes, 0) : runBytes }
        done = min(done + moved, count)
        if isComplete || moved > 0 { failures = 0 }
        return moved
    }
}
