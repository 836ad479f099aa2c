import Boot
import Interfaces

/// A strand of execution with its own stack, and the right to end it.
///
/// A task belongs to whoever holds this value. `join` waits for its end; letting go of the value cancels the task and waits
/// for it, so that none outlives its owner; `detach` gives it to the program for the rest of its run.
@safe
@frozen
public struct Task: ~Copyable {
    @usableFromInline
    let record: UnsafeMutableRawPointer

    private var pointer: TaskPointer { unsafe record.assumingMemoryBound(to: TaskRecord.self) }

    /// Who goes first when several tasks could run.
    public enum Priority: UInt8, Sendable {
        /// Ahead of everything else: for work that must not wait, in short pieces.
        case high
        /// What a task has unless it says otherwise.
        case normal
        /// Only when nothing else wants to run.
        case low
    }

    /// Bytes of stack a task gets unless it says otherwise. Only the pages it touches cost memory.
    public static var standardStackSize: Int { 64 << 10 }

    /// Starts a task that runs `body` and ends with it. It first runs when the caller waits.
    ///
    /// `body` may end by throwing, which is how cancellation unwinds it. `stackSize` is in bytes and rounded up to
    /// pages; overflow is a crash that names the task. Throws `.outOfMemory` when addresses, pages or records are exhausted.
    public static func spawn(
        _ name: StaticString, priority: Priority = .normal, stackSize: Int = Task.standardStackSize,
        _ body: @escaping () throws(TaskError) -> Void
    ) throws(TaskError) -> Task {
        guard let stack = unsafe Scheduler.stacks.allocate(stackSize) else { throw .outOfMemory }
        let record = TaskPointer.allocate(capacity: 1)
        unsafe record.initialize(to: TaskRecord(name: name, priority: priority, stack: stack))
        unsafe record.pointee.body = body
        unsafe record.pointee.nextOfAll = unsafe Scheduler.all
        unsafe Scheduler.all = unsafe record
        unsafe Scheduler.taskCount += 1
        unsafe Scheduler.timers.reserve(Scheduler.taskCount)
        // Touches the stack, whose pages come only once the task is known.
        unsafe record.pointee.context = apus_new_context(
            UnsafeMutableRawPointer(bitPattern: UInt(stack.top))!, UnsafeMutableRawPointer(record))
        unsafe Scheduler.makeReady(record)
        return unsafe Task(record: UnsafeMutableRawPointer(record))
    }

    init(record: UnsafeMutableRawPointer) { unsafe self.record = unsafe record }

    deinit {
        unsafe Task.cancel(pointer)
        unsafe Task.awaitEnd(pointer)
    }

    /// Waits until the task has ended. When the caller is cancelled meanwhile, the task is too, and `.cancelled` is thrown after
    /// it has ended.
    public consuming func join() throws(TaskError) {
        let pointer = unsafe pointer
        discard self
        let wasCancelled = unsafe Scheduler.current.pointee.isCancelled
        unsafe Task.awaitEnd(pointer)
        if !wasCancelled, unsafe Scheduler.current.pointee.isCancelled { throw .cancelled }
    }

    /// Asks the task to end: its next wait, or the one it is in, throws `.cancelled`. Does not wait.
    public func cancel() { unsafe Task.cancel(pointer) }

    /// Lets the task run until it ends by itself or the program does.
    public consuming func detach() {
        let pointer = unsafe pointer
        discard self
        unsafe pointer.pointee.isDetached = true
        if unsafe pointer.pointee.hasEnded { unsafe Scheduler.remove(pointer) }
    }

    /// Whether the task has ended.
    public var hasEnded: Bool { unsafe pointer.pointee.hasEnded }

    private static func cancel(_ task: TaskPointer) {
        unsafe task.pointee.isCancelled = true
        if unsafe !task.pointee.hasEnded { unsafe Scheduler.wake(task) }
    }

    /// Waits for the end of `task`, cancelling it when the waiting task is cancelled, and frees its record.
    private static func awaitEnd(_ task: TaskPointer) {
        let current = unsafe Scheduler.current!
        unsafe task.pointee.joiner = unsafe current
        while unsafe !task.pointee.hasEnded {
            if unsafe current.pointee.isCancelled, unsafe !task.pointee.isCancelled { unsafe cancel(task) }
            Scheduler.park(until: .never, for: "join")
        }
        unsafe Scheduler.remove(task)
    }
}

// MARK: - The running task

extension Task {
    /// Lets every other ready task of the same or a higher priority run first.
    public static func yield() { Scheduler.yield() }

    /// Returns at `deadline`. Throws `.cancelled` when the task is cancelled before.
    public static func sleep(until deadline: Instant) throws(TaskError) {
        Interference.mayWait()
        while SystemTime.now < deadline {
            try checkCancellation()
            Scheduler.park(until: deadline, for: "time")
        }
        try checkCancellation()
    }

    /// Returns after `interval`. For periodic work use deadlines, which do not drift.
    public static func sleep(for interval: Interval) throws(TaskError) { try sleep(until: SystemTime.now + interval) }

    /// Throws `.cancelled` when somebody has asked the running task to end. Long computations call it now and then.
    public static func checkCancellation() throws(TaskError) {
        if unsafe Scheduler.current.pointee.isCancelled { throw .cancelled }
    }
}

/// Why a wait did not end as hoped.
public enum TaskError: Error, Equatable, Sendable {
    /// Somebody asked the task to end. It lets go of what it holds and returns.
    case cancelled
    /// The deadline came first.
    case timedOut
    /// What was waited for cannot come any more: the channel is closed.
    case closed
    /// There is not enough memory.
    case outOfMemory
}

/// Where a task starts, on its own stack.
@c(apus_task_body)
func taskBody(_ argument: UnsafeMutableRawPointer) -> Never {
    Scheduler.reapFinished()
    let record = unsafe argument.assumingMemoryBound(to: TaskRecord.self)
    do throws(TaskError) { try unsafe record.pointee.body?() } catch {}
    unsafe record.pointee.body = nil
    Scheduler.finish()
}

/// The time, and waiting that lets other tasks run. Not cancelled: drivers wait with it for hardware.
public struct TaskClock: Clock {
    /// The board's clock.
    @inlinable
    public init() {}

    /// Now.
    public var now: Instant { SystemTime.now }

    /// Lets other tasks run until `deadline`. A wait too short for a switch spins; behind 50 microseconds without a rest it is one of 20, for
    /// hardware that is slow or broken, and asked every 2, does not keep other tasks from running.
    public func wait(until deadline: Instant) {
        Interference.mayWait()
        var deadline = deadline
        let now = SystemTime.now
        if now + .microseconds(5) >= deadline {
            if !Scheduler.hasRunLong { return SpinClock().wait(until: deadline) }
            deadline = now + .microseconds(20)
        }
        while SystemTime.now < deadline { Scheduler.park(until: deadline, for: "time") }
    }
}
