import Interfaces

/// Lets one task at a time through, in the order in which they asked.
public final class TaskExclusion: Exclusion {
    private var isTaken = false
    private let queue = WaitQueue()

    /// An exclusion that nobody holds.
    public init() {}

    /// Waits for the running task's turn. False when the task was cancelled meanwhile.
    public func enter() -> Bool {
        Interference.mayWait()
        guard isTaken else {
            isTaken = true
            return true
        }
        // The one that leaves hands over: `isTaken` stays set for the task that it wakes.
        do throws(TaskError) { try queue.wait(until: .never, for: "its turn") } catch { return false }
        return true
    }

    /// Wakes the task that has waited longest.
    public func leave() {
        if !queue.wakeFirst() { isTaken = false }
    }

    /// Hands the turn to the task that has waited longest and waits behind all who have come by then; where nobody waits, lets
    /// others run.
    public func pause() {
        if queue.wakeFirst() { queue.waitRegardless(for: "its turn again") } else { Scheduler.yield() }
    }

    /// True when the running task was cancelled.
    public var isCancelled: Bool { unsafe Scheduler.current.pointee.isCancelled }
}
