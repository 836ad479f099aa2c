import Interfaces

/// A connection in its table: the control block, and what the stack does with it.
///
///     open -> known to its key --established--> accepted or announced --release--> orphan --closed--> gone
struct ConnectionRecord: ~Copyable {
    /// No record, in the links below.
    static var none: UInt32 { .max }

    var block: TransmissionControlBlock
    let key: FlowKey
    /// The way the last segment took.
    var path = PathCache()
    /// What the socket layer wants to be reminded of with each event; 0 for nothing.
    var owner: UInt = 0
    /// What has changed since the owner last asked.
    var events = TCPEvents()
    /// The listener that the connection came by, until the application has it.
    var listener = ConnectionRecord.none
    /// Whether the handshake is counted at the listener as under way.
    var isHalfOpen = false
    /// The application has let go.
    var isReleased = false
    /// Whether it stands in the line of those to be polled, and in that of those with events.
    var isToPoll = false
    var hasEvents = false

    // MARK: Links, all of them indices of the table

    var nextInBucket = ConnectionRecord.none
    var nextToPoll = ConnectionRecord.none
    var nextWithEvents = ConnectionRecord.none
    var nextToAccept = ConnectionRecord.none
    /// Where it stands in the heap of deadlines, or -1, and for when.
    var heapIndex: Int32 = -1
    var scheduled = Instant.never

    init(_ block: consuming TransmissionControlBlock, _ key: FlowKey) {
        self.block = block
        self.key = key
    }
}

/// A way that has been looked up: good as long as nothing about routes and neighbours has changed, which `version` tells.
struct PathCache {
    var version: UInt32 = 0
    var interface = InterfaceID(rawValue: 0)
    /// The headers of a frame that takes it. Without meaning on the loopback.
    var template = SegmentTemplate()
}
