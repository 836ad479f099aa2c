import Interfaces
import Runtime

/// A block device that several tasks use: their requests wait for each other, first come, first served.
///
/// A task that is cancelled while it waits for its turn gets `.timeout`, and nothing was done.
final class SharedDevice: BlockDevice {
    private let device: any BlockDevice
    private let turn = Mutex(0)

    /// Shares `device`, which nobody else uses from now on.
    init(_ device: any BlockDevice) { self.device = device }

    var geometry: BlockGeometry { device.geometry }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        try inTurn { () throws(BlockError) in try device.read(first, into: &buffer) }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        try inTurn { () throws(BlockError) in try device.write(first, from: buffer) }
    }

    func flush() throws(BlockError) { try inTurn { () throws(BlockError) in try device.flush() } }

    func discard(_ blocks: Range<UInt64>) throws(BlockError) {
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
