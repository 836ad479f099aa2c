import Boot
import Interfaces
import Runtime

extension Bench {
    nonisolated(unsafe) private static var here: UnsafeMutableRawPointer?
    nonisolated(unsafe) private static var there: UnsafeMutableRawPointer?

    /// The switch of stacks alone: to a context that only switches back.
    static func bareSwitch() {
        let size = 16 << 10
        let stack = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        // What apus_switch restores: x19 to x28, x29, x30, d8 to d15.
        let context = unsafe (stack + size - 160).bindMemory(to: UInt64.self, capacity: 20)
        unsafe context.initialize(repeating: 0, count: 20)
        let body: @convention(c) () -> Void = {
            while true { unsafe apus_switch(&Bench.there, Bench.here!) }
        }
        unsafe context[11] = unsafe UInt64(UInt(bitPattern: unsafeBitCast(body, to: UnsafeRawPointer.self)))
        unsafe there = UnsafeMutableRawPointer(context)
        let cost = instructions(10_000) { unsafe apus_switch(&Bench.here, Bench.there!) }
        report("bare-switch", cost / 2, "instructions")
        unsafe stack.deallocate()
    }

    /// Two tasks that do nothing but let each other run.
    static func yieldToYield() throws(TaskError) {
        let rounds: UInt64 = 10_000
        let first = try Task.spawn("first") { () throws(TaskError) in for _ in 0..<rounds { Task.yield() } }
        let second = try Task.spawn("second") { () throws(TaskError) in for _ in 0..<rounds { Task.yield() } }
        let start = apus_counter()
        try first.join()
        try second.join()
        report("yield-to-yield", (apus_counter() - start) * instructionsPerCount / (2 * rounds), "instructions")
    }

    /// From the moment the timer interrupts an idle processor to the first instruction of the task that slept.
    static func interruptToTask() throws(TaskError) {
        let rounds: UInt64 = 1000
        var total: UInt64 = 0
        var most: UInt64 = 0
        for _ in 0..<rounds {
            let deadline = SystemTime.now + .microseconds(100)
            try Task.sleep(until: deadline)
            let late = (SystemTime.now - deadline).nanoseconds
            total += late
            most = max(most, late)
        }
        // Under -icount an instruction takes a nanosecond.
        report("interrupt-to-task", total / rounds, "instructions")
        report("interrupt-to-task-most", most, "instructions")
    }

    /// Starting a task and waiting for its end: stack, record, two switches and everything back.
    static func spawnAndJoin() throws(TaskError) {
        let rounds: UInt64 = 200
        let start = apus_counter()
        for _ in 0..<rounds {
            let task = try Task.spawn("short") { () throws(TaskError) in }
            try task.join()
        }
        report("spawn-and-join", (apus_counter() - start) * instructionsPerCount / rounds, "instructions")
    }
}
