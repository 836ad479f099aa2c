import Boot
import Interfaces

/// The tasks of the program: starting them, and looking at them.
public enum Tasks {
    /// Makes the running program the task `main`, so that it can spawn others. Once; the board does it in `Board.start`.
    public static func start() {
        Scheduler.start()
        Memory.fillReserve()
        apus_set_fault_handler { address in Memory.commitStackPage(address) }
        unsafe Crash.currentTask = {
            let task = unsafe Scheduler.current!
            return unsafe StackExtent(
                name: UnsafeBufferPointer(
                    start: task.pointee.name.utf8Start, count: task.pointee.name.utf8CodeUnitCount),
                bottom: task.pointee.stack.bottom, top: task.pointee.stack.top)
        }
        unsafe Crash.describe = { address, output in Tasks.describe(address, &output) }
    }

    /// What the generic timer's interrupt calls.
    public static func timerInterrupt() { Scheduler.timerInterrupt() }

    /// How many tasks there are, `main` among them.
    public static var count: Int { unsafe Scheduler.taskCount }

    /// A look at one task.
    public struct Description {
        /// What `spawn` was told.
        public let name: StaticString
        /// Who goes first.
        public let priority: Task.Priority
        /// What the task waits for; nil for the one that asks.
        public let waitsFor: StaticString?
        /// Bytes of stack reserved.
        public let stackSize: UInt64
        /// Bytes of stack in use now.
        public let stackUsed: UInt64
        /// Processor time so far.
        public let runTime: Interval
        /// How often it was switched to.
        public let switches: UInt64
        fileprivate let stack: Stack

        /// Bytes of stack in use at its deepest point so far. Looks through what is unused, while the task is there: ask in `forEach`.
        public var stackDeepest: UInt64 { stack.deepestUse }
    }

    /// Calls `body` with each task, the youngest first. `body` neither spawns tasks nor lets any end.
    public static func forEach(_ body: (Description) -> Void) {
        var next = unsafe Scheduler.all
        while let task = unsafe next {
            let isRunning = unsafe task == Scheduler.current
            let pointer =
                unsafe isRunning
                ? UInt64(apus_stack_pointer()) : UInt64(UInt(bitPattern: task.pointee.context))
            unsafe body(
                Description(
                    name: task.pointee.name, priority: task.pointee.priority,
                    waitsFor: isRunning ? nil : task.pointee.waitsFor,
                    stackSize: task.pointee.stack.top - task.pointee.stack.bottom,
                    stackUsed: task.pointee.stack.top - pointer,
                    runTime: .nanoseconds(SystemTime.nanoseconds(task.pointee.runCounts)),
                    switches: task.pointee.switches, stack: task.pointee.stack))
            unsafe next = task.pointee.nextOfAll
        }
    }

    /// Time spent asleep since the start.
    public static var idleTime: Interval { unsafe .nanoseconds(SystemTime.nanoseconds(Scheduler.idleCounts)) }

    /// Says which task's stack or guard `address` belongs to.
    private static func describe(_ address: UInt64, _ output: inout CrashOutput) -> Bool {
        var next = unsafe Scheduler.all
        while let task = unsafe next {
            let stack = unsafe task.pointee.stack
            if StackArena.covers(stack, address) {
                output.put(address < stack.bottom ? "below its stack: stack overflow of task " : "the stack of task ")
                unsafe output.put(
                    UnsafeBufferPointer(start: task.pointee.name.utf8Start, count: task.pointee.name.utf8CodeUnitCount))
                return true
            }
            unsafe next = task.pointee.nextOfAll
        }
        return false
    }
}
