import Boot
import Interfaces
import RaspberryPi4
import Runtime

/// Measures what the runtime costs, in counts of the generic timer: 16 instructions each under `-icount shift=0`.
@main
struct Bench {
    /// Instructions in a count of QEMU's 62.5 MHz counter when each instruction takes a nanosecond.
    static let instructionsPerCount: UInt64 = 16

    static func main() {
        print("Hello from a board with nothing underneath.")
        let firstLine = apus_counter()
        report("start-to-first-line", firstLine * instructionsPerCount, "instructions")
        let limits = apus_image_limits()
        report("memory-in-use", Memory.statistics.committed + limits.limit - limits.text, "bytes")
        Board.start()
        bareSwitch()
        do throws(TaskError) {
            try yieldToYield()
            try interruptToTask()
            try spawnAndJoin()
        } catch {
            print("bench failed: a task could not be started")
        }
        report("heap-pair", allocateAndFree(), "instructions")
        print("bench done")
    }

    static func report(_ name: StaticString, _ value: UInt64, _ unit: StaticString) {
        print("bench \(name) \(value) \(unit)")
    }

    /// Instructions of `body`, averaged over `rounds` calls.
    static func instructions(_ rounds: UInt64, _ body: () -> Void) -> UInt64 {
        let start = apus_counter()
        for _ in 0..<rounds { body() }
        return (apus_counter() - start) * instructionsPerCount / rounds
    }

    static func allocateAndFree() -> UInt64 {
        instructions(10_000) {
            let block = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
            unsafe keep(block)
            unsafe block.deallocate()
        }
    }

    /// Keeps the compiler from seeing that nobody uses a block.
    @inline(never)
    static func keep(_ block: UnsafeMutableRawPointer) { unsafe block.storeBytes(of: 1, as: UInt8.self) }
}
