import Interfaces
import IperfProtocol
import Network
import Runtime
import Sockets

/// One connection that carries data, and the task that sends or receives on it.
final class IperfStream {
    let connection: TCPConnection
    /// Which stream of the test it is.
    let index: Int
    let sends: Bool
    /// Bytes received, or written before the last `reset`.
    private var counted: UInt64 = 0
    /// When the last of them came.
    private(set) var lastArrival = Instant(nanoseconds: 0)
    private var task: Task?

    init(_ connection: TCPConnection, index: Int, sends: Bool) {
        self.connection = connection
        self.index = index
        self.sends = sends
    }

    /// Bytes sent or received since the last `reset`: of a sender what has its place in the stream, in the middle of a block as well.
    var bytes: UInt64 { sends ? connection.writtenCount &- counted : counted }

    /// How a stream sends.
    struct Sending {
        var blockSize: Int
        /// Whether the blocks are lent and not copied.
        var lends: Bool
        /// What all streams together may still send.
        let quota: Quota
    }

    /// Bytes that all streams of a test may send together; nil for any number.
    final class Quota {
        private var left: UInt64?

        init(_ limit: UInt64?) { left = limit }

        /// Takes a block out of it; false when nothing is left. The last block is as long as every other.
        func take(_ count: Int) -> Bool {
            guard let left else { return true }
            self.left = left > UInt64(count) ? left - UInt64(count) : 0
            return left > 0
        }
    }

    /// Starts to send or to receive; `finished` is raised when that is over before `stop`.
    func start(_ sending: Sending, finished: Signal) throws(IperfError) {
        reset()
        do throws(TaskError) {
            task = try Task.spawn("iperf stream") { [self] () throws(TaskError) in
                do throws(SocketError) {
                    if sends { try send(sending) } else { try receive() }
                } catch {}
                finished.raise()
            }
        } catch {
            throw .outOfMemory
        }
    }

    private func send(_ sending: Sending) throws(SocketError) {
        let block = [UInt8](repeating: 0x61, count: sending.blockSize)
        while sending.quota.take(block.count) {
            if sending.lends {
                try unsafe connection.send(lending: block.span.bytes)
            } else {
                try unsafe connection.write(block.span.bytes)
            }
        }
        try connection.flush()
    }

    private func receive() throws(SocketError) {
        while true {
            // The data are looked at by nobody: counted where they lie.
            let count = try connection.read { $0.byteCount }
            if count == 0 { return }
            counted &+= UInt64(count)
            lastArrival = SystemTime.now
        }
    }

    /// Forgets what was carried so far.
    func reset() { counted = sends ? connection.writtenCount : 0 }

    /// Whether its task has ended by itself.
    var hasEnded: Bool { task?.hasEnded ?? true }

    /// Ends the task and waits for that.
    func stop() {
        guard let task = task.take() else { return }
        task.cancel()
        try? task.join()
    }
}
