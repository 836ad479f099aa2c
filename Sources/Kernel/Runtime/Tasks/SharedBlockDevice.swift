import Interfaces

/// A block device that several tasks use: their requests wait for each other, first come, first served.
///
/// A task that is cancelled while it waits for its turn gets `.timeout`, and nothing was done.
public final class SharedBlockDevice: BlockDevice {
    private let device: any BlockDevice
    private let turn = Mutex(0)

    /// Shares `device`, which nobody else uses from now on.
    public init(_ device: any BlockDevice) { self.device = device }

    /// The device's.
    public var geometry: BlockGeometry { device.geometry }

    /// Reads when it is the task's turn.
    public func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        try inTurn { () throws(BlockError) in try device.read(first, into: &buffer) }
    }

    /// Writes when it is the task's turn.
    public func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        try inTurn { () throws(BlockError) in try device.write(first, from: buffer) }
    }

    /// Flushes when it is the task's turn.
    public func flush() throws(BlockError) { try inTurn { () throws(BlockError) in try device.flush() } }

    /// Discards when it is the task's turn.
    public func discard(_ blocks: Range<UInt64>) throws(BlockError) {
        try inTurn { () throws(BlockError) in try device.discard(blocks) }
    }

    private func inTurn(_ request: () throws(BlockError) -> Void) throws(BlockError) {
        var failure: BlockError?
        do throws(TaskError) {
            try turn.withLock { _ in
                do throws(BlockError) { try request() } catch { failure = error }
            }
        } catch {
            throw BlockError(.timeout("the turn of a task that was cancelled"))
        }
        if let failure { throw failure }
    }
}
