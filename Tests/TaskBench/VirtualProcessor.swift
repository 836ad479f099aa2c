import Boot
import Interfaces
import Runtime
import Synchronization

/// The runtime on the simulated processor, whose time passes only when every task waits.
package enum VirtualProcessor {
    /// There is one runtime in a process, and tests run side by side.
    private static let turn = Synchronization.Mutex(0)

    /// Runs `body` as the task `main` of a fresh runtime. Every task that it starts has ended when it returns; a trap otherwise.
    package static func run<E: Error>(_ body: () throws(E) -> Void) throws(E) {
        var failure: E?
        turn.withLock { _ in
            let size: UInt64 = 64 << 20
            let start = UInt(apus_host_memory(size))
            precondition(start != 0, "no memory for the runtime")
            Memory.add(start: start, end: start + UInt(size))
            apus_host_set_counter(1_000_000)
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
}
