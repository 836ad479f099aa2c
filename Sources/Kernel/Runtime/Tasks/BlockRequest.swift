import Interfaces

/// A request that waits for its turn at a block device. Lies on the stack of the task that made it, which does not return before it is done or
/// out of the queue.
@safe
struct BlockRequest {
    /// What is to be done.
    enum Kind {
        case read
        case write
        case flush
        case discard
    }

    /// Where it stands.
    enum State {
        /// In the queue; may still be taken back.
        case queued
        /// Its task is the one that performs now: its own and what joins it.
        case chosen
        /// Another task performs it. The device may be using its memory.
        case performed
        /// Over.
        case done
    }

    let kind: Kind
    /// The blocks. A flush has none, and stands in the queue where the device is.
    let blocks: Range<UInt64>
    /// The memory of a read or a write.
    let piece: BlockPiece
    /// Whose it is.
    let task: TaskPointer
    var state = State.queued
    /// What went wrong.
    var error: BlockError?
    /// The next in the queue, by first block.
    var next: UnsafeMutablePointer<BlockRequest>?

    /// Whether `other`, which comes next in the queue, continues this one.
    func isContinued(by other: BlockRequest) -> Bool {
        kind == other.kind && (kind == .read || kind == .write) && blocks.upperBound == other.blocks.lowerBound
    }
}
