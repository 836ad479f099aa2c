import Boot
import Interfaces
import Runtime

/// A console on a serial port: queues of 8 KiB in and 4 KiB out, moved by the port's interrupt.
///
/// A task that writes more than fits waits for room; an interrupt handler's surplus is dropped and counted.
public final class SerialConsole<Port: SerialPort>: Console {
    private var port: BufferedSerialPort<Port, 8192, 4096>
    private let arrived = Signal()

    /// Takes over `port`, which is configured. The caller then lets the port's interrupt call `handleInterrupt`.
    init(_ port: Port) { self.port = BufferedSerialPort(port) }

    /// Sends `bytes`, in a task waiting for room when necessary.
    public func write(_ bytes: RawSpan) {
        var rest = bytes
        while true {
            let taken = withoutInterrupts { $0.write(rest) }
            if taken == rest.byteCount { return }
            rest = rest.extracting(droppingFirst: taken)
            if unsafe Interrupts.isHandling {
                return withoutInterrupts { $0.countTransmitDropped(rest.byteCount) }
            }
            // At 115200 baud a quarter of the queue takes 90 ms: there is no hurry, and others can run.
            TaskClock().wait(for: .milliseconds(5))
        }
    }

    /// Takes what has arrived, without waiting.
    public func read(into buffer: inout MutableRawSpan) -> Int {
        let mask = apus_mask_interrupts()
        defer { apus_restore_interrupts(mask) }
        return port.read(into: &buffer)
    }

    /// The next byte that arrives. Throws `.timedOut` at `deadline` and `.cancelled`. One task at a time reads.
    public func readByte(until deadline: Instant = .never) throws(TaskError) -> UInt8 {
        var byte: [1 of UInt8] = [0]
        while true {
            var span = byte.mutableSpan
            var bytes = unsafe span.mutableBytes
            if read(into: &bytes) == 1 { return byte[0] }
            try arrived.wait(until: deadline)
        }
    }

    /// Lets the reader find `bytes` as if they had arrived: what was typed on another device. What does not fit is counted as dropped.
    public func insert(_ bytes: [UInt8]) {
        for byte in bytes { _ = withoutInterrupts { $0.insert(byte) } }
        arrived.raise()
    }

    /// Counters since start.
    public var statistics: ConsoleStatistics { withoutInterrupts { $0.statistics } }

    /// Serves the port's interrupt.
    func handleInterrupt() {
        if port.handleInterrupt().contains(.receive) { arrived.raise() }
    }

    /// Sends everything queued, by waiting; also when interrupts will never come again.
    func drain() {
        _ = withoutInterrupts { $0.flush(within: .milliseconds(500), on: SpinClock()) }
    }

    private func withoutInterrupts<Result>(
        _ body: (inout BufferedSerialPort<Port, 8192, 4096>) -> Result
    ) -> Result {
        let mask = apus_mask_interrupts()
        defer { apus_restore_interrupts(mask) }
        return body(&port)
    }
}
