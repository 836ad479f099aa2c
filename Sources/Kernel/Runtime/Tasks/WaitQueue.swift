import Interfaces

/// Tasks that wait for the same thing, first come, first served. For tasks only; interrupt handlers use `Signal`.
///
/// A class, because a task that waits in it leaves it to others to change.
@safe
package final class WaitQueue {
    private var first: TaskPointer?
    private var last: TaskPointer?

    package init() {}

    package var isEmpty: Bool { unsafe first == nil }

    /// Waits until `wakeFirst` chooses the running task. Throws `.timedOut` and `.cancelled`, and then leaves the queue.
    package func wait(until deadline: Instant, for reason: StaticString) throws(TaskError) {
        try Task.checkCancellation()
        let task = unsafe Scheduler.current!
        unsafe append(task)
        while unsafe task.pointee.isQueued {
            if unsafe task.pointee.isCancelled {
                unsafe remove(task)
                throw .cancelled
            }
            if SystemTime.now >= deadline {
                unsafe remove(task)
                throw .timedOut
            }
            Scheduler.park(until: deadline, for: reason)
        }
    }

    /// Waits until `wakeFirst` chooses the running task, cancelled or not: for a turn that is sure to come.
    func waitRegardless(for reason: StaticString) {
        let task = unsafe Scheduler.current!
        unsafe append(task)
        while unsafe task.pointee.isQueued { Scheduler.park(until: .never, for: reason) }
    }

    /// The task that `wakeFirst` would wake.
    var longestWaiting: TaskPointer? { unsafe first }

    /// The highest level of the tasks that wait, all of whom now wait for `holder`; nil when none does.
    func waitFor(_ holder: TaskPointer) -> UInt8? {
        var highest: UInt8?
        var next = unsafe first
        while let task = unsafe next {
            unsafe task.pointee.waitsOn = unsafe holder
            highest = unsafe min(highest ?? .max, task.pointee.level)
            unsafe next = task.pointee.nextWaiting
        }
        return highest
    }

    /// Wakes the task that has waited longest. False when there is none.
    @discardableResult
    package func wakeFirst() -> Bool {
        guard let task = unsafe first else { return false }
        unsafe remove(task)
        unsafe Scheduler.wake(task)
        return true
    }

    /// Wakes all.
    package func wakeAll() {
        while wakeFirst() {}
    }

    private func append(_ task: TaskPointer) {
        unsafe task.pointee.isQueued = true
        unsafe task.pointee.nextWaiting = nil
        if let last = unsafe last { unsafe last.pointee.nextWaiting = unsafe task } else { unsafe first = unsafe task }
        unsafe last = unsafe task
    }

    private func remove(_ task: TaskPointer) {
        unsafe task.pointee.isQueued = false
        if unsafe first == task {
            unsafe first = task.pointee.nextWaiting
            if unsafe first == nil { unsafe last = nil }
            return
        }
        var before = unsafe first
        while let one = unsafe before {
            if unsafe one.pointee.nextWaiting == task {
                unsafe one.pointee.nextWaiting = task.pointee.nextWaiting
                if unsafe last == task { unsafe last = unsafe one }
                return
            }
            unsafe before = one.pointee.nextWaiting
        }
    }
}
