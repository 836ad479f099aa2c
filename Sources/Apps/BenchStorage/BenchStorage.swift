import Interfaces
import RaspberryPi4
import Runtime
import SDHCI

/// Measures what the driver of the card and the queue in front of it cost, and how fast blocks come and go.
@main
struct BenchStorage {
    static func main() {
        Board.start()
        do throws(BlockError) {
            let slot = try Board.openCard()
            let bench = BenchStorage(device: SharedBlockDevice(slot), usesDMA: slot.usesDMA)
            print("bench card-dma \(slot.usesDMA ? 1 : 0) yes-or-no")
            try bench.large()
            try bench.random()
            try bench.rates()
            bench.files()
            bench.commits()
        } catch {
            print("bench failed: the card")
        }
        print("bench done")
    }

    let device: SharedBlockDevice
    let usesDMA: Bool

    static func report(_ name: StaticString, _ value: UInt64, _ unit: StaticString) {
        print("bench \(name) \(value) \(unit)")
    }

    /// A buffer on a cache line, which the controller reaches. Never given back.
    static func buffer(_ count: Int) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0x5A)
        return unsafe bytes
    }

    /// Reads `count` bytes from `block` on.
    func read(_ block: UInt64, _ bytes: UnsafeMutableRawBufferPointer) throws(BlockError) {
        var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
        try device.read(block, into: &span)
    }

    /// The processor's time, which under `-icount shift=0` is its instructions: without what it slept.
    static func busyTime() -> UInt64 { SystemTime.now.nanoseconds - Tasks.idleTime.nanoseconds }

    // MARK: - Instructions

    /// 64 KiB a request, driver and queue.
    func large() throws(BlockError) {
        let rounds: UInt64 = 64
        let bytes = unsafe Self.buffer(64 << 10)
        try unsafe read(0, bytes)
        let start = Self.busyTime()
        for round in 0..<rounds { try unsafe read(round * 128, bytes) }
        Self.report("card-read-64k", (Self.busyTime() - start) / rounds, "instructions")
    }

    /// 4 KiB a request at random places, from eight tasks at once.
    func random() throws(BlockError) {
        let rounds: UInt64 = 100
        let blocks = device.geometry.blockCount
        let outcome = Outcome()
        let start = Self.busyTime()
        do throws(TaskError) { try spawn(8, rounds, blocks, outcome) } catch { throw BlockError(.timeout("a task")) }
        if let error = outcome.error { throw error }
        Self.report("card-random-4k", (Self.busyTime() - start) / (8 * rounds), "instructions")
    }

    private final class Outcome {
        var error: BlockError?
    }

    /// Starts `count` tasks and waits for them.
    private func spawn(_ count: UInt64, _ rounds: UInt64, _ blocks: UInt64, _ outcome: Outcome) throws(TaskError) {
        if count == 0 { return }
        let task = try Task.spawn("reader") { () throws(TaskError) in
            let bytes = unsafe Self.buffer(4096)
            var state = count &* 0x9E37_79B9_7F4A_7C15
            for _ in 0..<rounds {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                do throws(BlockError) {
                    try unsafe self.read(state % (blocks / 8) * 8, bytes)
                } catch {
                    outcome.error = error
                }
            }
        }
        try spawn(count - 1, rounds, blocks, outcome)
        try task.join()
    }

    // MARK: - Rates

    /// Sequential, 1 MiB a request: 16 MiB read from the front of the card, 16 MiB behind them written.
    func rates() throws(BlockError) {
        let bytes = unsafe Self.buffer(1 << 20)
        let count: UInt64 = 16
        var start = SystemTime.now
        for request in 0..<count { try unsafe read(request * 2048, bytes) }
        Self.report("card-read-rate", Self.rate(count << 20, start), "KB/s")
        start = SystemTime.now
        for request in count..<2 * count {
            try device.write(request * 2048, from: unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes)))
        }
        try device.flush()
        Self.report("card-write-rate", Self.rate(count << 20, start), "KB/s")
    }

    /// Thousands of bytes a second since `start`.
    static func rate(_ bytes: UInt64, _ start: Instant) -> UInt64 {
        bytes * 1_000_000 / max(1, (SystemTime.now - start).nanoseconds)
    }
}
