import Interfaces

/// A turn that one task has at a time: what `Mutex` and `TaskExclusion` are made of. Tasks get it in the order in which they asked, and
/// lend their priority to the one that has it.
@safe
final class Turn {
    private var holder: TaskPointer?
    private let queue = WaitQueue()

    init() {}

    /// Waits for the turn, cancelled or not.
    func wait(for reason: StaticString) {
        if take() { return }
        queue.waitRegardless(for: reason)
    }

    /// Waits for the turn. Throws `.timedOut` and `.cancelled`, and then has none.
    func wait(until deadline: Instant, for reason: StaticString) throws(TaskError) {
        if take() { return }
        defer { unsafe Scheduler.stopWaiting(Scheduler.current) }
        try queue.wait(until: deadline, for: reason)
    }

    /// Takes the turn when nobody has it. Else lends to who has.
    private func take() -> Bool {
        Interference.mayWait()
        let task = unsafe Scheduler.current!
        guard unsafe holder != nil else {
            unsafe holder = unsafe task
            unsafe Scheduler.take(task)
            return true
        }
        contract(unsafe holder != task, "a task does not wait for a turn that it has")
        unsafe Scheduler.lend(to: holder)
        return false
    }

    /// Lets all who wait by now have the turn and returns when it is the running task's again; where nobody waits, lets others run.
    func pause(for reason: StaticString) {
        if queue.isEmpty { return Scheduler.yield() }
        end()
        wait(for: reason)
    }

    /// Ends the turn, and gives it to the task that has waited longest.
    func end() {
        guard let task = unsafe holder else { violated("a turn is ended by the task that has it") }
        unsafe Scheduler.giveBack(task)
        let next = unsafe queue.longestWaiting
        unsafe holder = unsafe next
        guard let next = unsafe next else { return }
        unsafe Scheduler.stopWaiting(next)
        unsafe Scheduler.take(next)
        queue.wakeFirst()
        if let level = unsafe queue.waitFor(next) { unsafe Scheduler.lend(level, to: next) }
    }
}
