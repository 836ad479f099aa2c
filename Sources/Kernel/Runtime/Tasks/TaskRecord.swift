import Boot
import Interfaces
import Synchronization

/// Everything the scheduler knows of a task. Lives from `spawn` until the task has ended and its handle is gone.
///
///     spawn -> ready --(1)--> running --(2)--> parked --(3)--> woken --(4)--> ready
///                      <--(5)--    running --(6)--> ended
///
/// 1 `Scheduler.switchAway` picks it. 2 `Scheduler.park`. 3 `Scheduler.wake`, from anywhere. 4 `Scheduler.collectWoken`.
/// 5 `Scheduler.yield`. 6 `apus_task_body`.
@safe
struct TaskRecord: ~Copyable {
    /// Where the task's registers lie on its stack while it does not run.
    var context: UnsafeMutableRawPointer?
    /// `WakeState` as an atomic: the one word that interrupt handlers change.
    let wakeState = Atomic<UInt32>(WakeState.running)
    /// The next in whatever single list the task stands in: a ready queue or the list of woken tasks.
    var next: TaskPointer?

    let name: StaticString
    let priority: Task.Priority
    /// The queue it stands in when it is ready: its priority, or one that was lent.
    var level: UInt8
    /// How many things it holds that others may wait for: what was lent goes back with the last.
    var holds: UInt8 = 0
    /// Who holds what it waits for.
    var waitsOn: TaskPointer?
    let stack: Stack
    var body: (() throws(TaskError) -> Void)?

    /// The position in the timer heap, or -1.
    var timerIndex = -1
    /// The queue the task waits in, as the address of nothing but a mark: whoever removes it clears it.
    var isQueued = false
    var nextWaiting: TaskPointer?

    var isCancelled = false
    var hasEnded = false
    /// The handle is gone: the record goes with the end of the task.
    var isDetached = false
    /// Waits in `join`.
    var joiner: TaskPointer?
    /// What it waits for, for `tasks`.
    var waitsFor: StaticString = "start"

    /// Counts of the generic timer during which it ran.
    var runCounts: UInt64 = 0
    /// How often it was switched to.
    var switches: UInt64 = 0

    /// All tasks, for `tasks`.
    var nextOfAll: TaskPointer?

    init(name: StaticString, priority: Task.Priority, stack: Stack) {
        self.name = name
        self.priority = priority
        level = priority.rawValue
        self.stack = stack
    }
}

typealias TaskPointer = UnsafeMutablePointer<TaskRecord>

/// The values of `TaskRecord.wakeState`.
enum WakeState {
    /// It runs or is ready; nobody has woken it since it last looked.
    static let running: UInt32 = 0
    /// It sleeps until a wake.
    static let parked: UInt32 = 1
    /// A wake has come: the next `park` returns at once.
    static let woken: UInt32 = 2
}
