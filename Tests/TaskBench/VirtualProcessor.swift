import Boot
import Interfaces
import Runtime
import Synchronization

/// The runtime on the simulated processor, whose time passes only when every task waits.
package enum VirtualProcessor {
    /// There is one runtime in a process, and tests run side by side.
    private static let turn = Synchronization.Mutex(0)

    /// How often the counter of the board's processor counts in a second. It divides nothing that is told in decimal numbers.
    package static let boardFrequency: UInt64 = 54_000_000

    /// Runs `body` as the task `main` of a fresh runtime. Every task that it starts has ended when it returns; a trap otherwise.
    ///
    /// The counter counts `frequency` times a second, goes on by `step` counts with every look at it, and shows that the processor has
    /// been on for `uptime`.
    package static func run<E: Error>(
        frequency: UInt64 = 1_000_000_000, uptime: Interval = .milliseconds(1), step: UInt64 = 0,
        _ body: () throws(E) -> Void
    ) throws(E) {
        var failure: E?
        turn.withLock { _ in
            let size: UInt64 = 64 << 20
            let start = UInt(apus_host_memory(size))
            precondition(start != 0, "no memory for the runtime")
            Memory.add(start: start, end: start + UInt(size))
            apus_host_set_frequency(frequency)
            apus_host_set_step(step)
            apus_host_set_counter(Self.count(of: uptime, at: frequency))
            let trouble = Trouble.seed.map { Trouble($0) }
            if let trouble { apus_host_set_step(max(step, trouble.step)) }
            // Where time passes with work, the timer interrupts that as well.
            unsafe Interference.source = trouble ?? (step > 0 ? PunctualTimer() : nil)
            defer { unsafe Interference.source = nil }
            StandardOutput.use(QuietConsole())
            SystemTime.start()
            apus_set_interrupt_handler { Tasks.timerInterrupt() }
            Tasks.start()
            do throws(E) { try body() } catch { failure = error }
            // What was detached and cancelled ends when it gets its turn.
            for _ in 0..<1000 where Tasks.count > 1 { Task.yield() }
            precondition(Tasks.count == 1, "a task has outlived its test")
        }
        if let failure { throw failure }
    }

    /// What a counter shows after `uptime`, by long division.
    private static func count(of uptime: Interval, at frequency: UInt64) -> UInt64 {
        let product = uptime.nanoseconds.multipliedFullWidth(by: frequency)
        return (1_000_000_000 as UInt64).dividingFullWidth((product.high, product.low)).quotient
    }
}

/// Lets the timer interrupt at the first point after its time has come, and changes nothing else.
private final class PunctualTimer: InterferenceSource {
    func choose(of count: Int) -> Int { 0 }
    func forcesSwitch() -> Bool { false }
    func interruptSleep() -> Bool { false }
    func interrupt() { if apus_counter() >= apus_host_deadline() { Tasks.timerInterrupt() } }
}
