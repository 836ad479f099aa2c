import Interfaces

/// What one command moves: part of a request's memory, as a few runs of it.
struct TransferPlan {
    /// Runs of memory in one command at most.
    static var mostSegments: Int { 16 }
    /// Blocks in one command at most: 4 MiB. The count has 16 bits; an attempt that fails starts its command again.
    static var mostBlocks: Int { 8192 }

    /// The runs.
    var segments = [16 of TransferSegment](repeating: TransferSegment())
    /// How many there are.
    var count = 0
    /// Blocks in all.
    var blocks = 0
    /// Descriptors that lead the controller through them; none when data goes through the port.
    var descriptors = 0
    /// Bytes of the bounce buffer in use.
    var bounced = 0

    /// Forgets what there was.
    mutating func clear() {
        count = 0
        blocks = 0
        descriptors = 0
        bounced = 0
    }
}

/// A run of a caller's memory, whole blocks.
///
/// Invariant: `address` and `count` lie in a `BlockPiece` of the call under way, whose caller keeps it in place.
@safe struct TransferSegment {
    /// Its first byte; nil only in segments that are not in use.
    var address: UnsafeMutableRawPointer?
    /// Bytes.
    var count = 0
    /// Where in the bounce buffer it is copied; nil when the controller reaches it.
    var bounce: Int?
    /// Of a read: bytes before the first and after the last whole cache line, which take the way over `CardDMALayout.edges`.
    var head = 0
    var tail = 0
}

/// How far a request has been planned.
struct PlanPosition {
    /// The piece that comes next.
    var piece = 0
    /// Bytes of it that are done.
    var offset = 0
}
