import Interfaces

/// Lets one task at a time through, in the order in which they asked.
///
/// A task that is cancelled gets its turn as well: what it does at its end, to leave a file or a device whole, does not depend on whether
/// another task is there at that moment. Whoever has the turn has the priority of the highest that waits for it.
public final class TaskExclusion: Exclusion {
    private let turn = Turn()

    /// An exclusion that nobody holds.
    public init() {}

    /// Waits for the running task's turn. Always true.
    public func enter() -> Bool {
        turn.wait(for: "its turn")
        return true
    }

    /// Wakes the task that has waited longest.
    public func leave() { turn.end() }

    /// Hands the turn to the task that has waited longest and waits behind all who have come by then; where nobody waits, lets
    /// others run.
    public func pause() { turn.pause(for: "its turn again") }

    /// True when the running task was cancelled.
    public var isCancelled: Bool { unsafe Scheduler.current.pointee.isCancelled }
}
