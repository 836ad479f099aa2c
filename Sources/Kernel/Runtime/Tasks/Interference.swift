import Boot
import Interfaces

/// Where a test may interfere. On the board nothing of it is there.
///
/// No program may depend on which of several ready tasks runs first, on when an interrupt comes, or on being woken only for a reason. In
/// tests a seed chooses all of these; `Tests/TaskBench/Trouble.swift` has the one that does.
package enum Interference {
    #if !hasFeature(Embedded)
        /// Who chooses; nil lets everything take its course.
        nonisolated(unsafe) package static var source: (any InterferenceSource)?
    #endif

    /// A point at which the running task may wait, though it need not now: others may run all the same.
    @inline(__always)
    package static func mayWait() {
        #if !hasFeature(Embedded)
            if let source = unsafe source, source.forcesSwitch() { Scheduler.yield() }
        #endif
    }

    /// A point between two atomic accesses, or accesses to a device: an interrupt may come.
    @inline(__always)
    package static func mayInterrupt() {
        #if !hasFeature(Embedded)
            unsafe source?.interrupt()
        #endif
    }

    #if !hasFeature(Embedded)
        /// Wakes one of the tasks that wait, the `number`th, for nothing.
        package static func wakeForNothing(_ number: Int) {
            var task = unsafe Scheduler.all
            for _ in 0..<number % max(unsafe Scheduler.taskCount, 1) { unsafe task = task?.pointee.nextOfAll }
            if let task = unsafe task, unsafe !task.pointee.hasEnded { unsafe Scheduler.wake(task) }
        }
    #endif
}

/// Chooses what a scheduler and hardware are free to choose.
package protocol InterferenceSource: AnyObject {
    /// Which of `count` ready tasks of the same level runs.
    func choose(of count: Int) -> Int
    /// Whether the running task gives its turn away where it need not.
    func forcesSwitch() -> Bool
    /// Lets an interrupt come, or none.
    func interrupt()
    /// Every task waits: lets an interrupt come that is pending. False when none is.
    func interruptSleep() -> Bool
}
