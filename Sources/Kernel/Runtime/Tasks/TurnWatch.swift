import Boot
import Interfaces

/// Watches that tasks get their turns: a task that goes round without waiting keeps all others from running, and nothing else notices.
///
/// The task that watches notes each of its turns. The timer's interrupt, which comes whatever the tasks do, looks how long ago the last one was.
enum TurnWatch {
    /// How long a turn may last before it is told.
    static let longTurn = Interval.seconds(1)

    /// The task whose turn lasted that long, and how long it was when it was noticed.
    @safe
    struct LongTurn {
        let name: StaticString
        let length: Interval
    }

    nonisolated(unsafe) private static var noted: LongTurn?
    /// Long turns so far.
    nonisolated(unsafe) private(set) static var longTurns: UInt64 = 0
    /// The counter at the start of the turn that was noted last.
    nonisolated(unsafe) private static var notedStart: UInt64 = 0

    #if !hasFeature(Embedded)
        /// In tests, instead of the end of the program.
        nonisolated(unsafe) static var onStarvation: ((StaticString) -> Void)?
    #endif

    /// The watching task has its turn, and will have the next within `patience`.
    static func noteTurn(next patience: Interval) {
        unsafe Scheduler.watchDeadline = SystemTime.now + patience
        unsafe Scheduler.watch = { TurnWatch.look() }
    }

    /// Nobody watches any more.
    static func end() {
        unsafe Scheduler.watch = nil
        unsafe Scheduler.watchDeadline = .never
    }

    /// The turn that was noted since the last call.
    static func takeLongTurn() -> LongTurn? {
        defer { unsafe noted = nil }
        return unsafe noted
    }

    /// In the timer's interrupt.
    private static func look() {
        let start = unsafe Scheduler.stretchStart
        let length = Interval.nanoseconds(SystemTime.nanoseconds(apus_counter() &- start))
        if length >= longTurn, unsafe notedStart != start {
            unsafe notedStart = start
            unsafe longTurns &+= 1
            unsafe noted = unsafe LongTurn(name: Scheduler.current.pointee.name, length: length)
        }
        let deadline = unsafe Scheduler.watchDeadline
        if SystemTime.now >= deadline { return starved() }
        // The scheduler sets the timer to what comes first; this is for the case that it has no turn either.
        apus_arm_timer(SystemTime.count(at: deadline))
    }

    private static func starved() {
        #if !hasFeature(Embedded)
            if let onStarvation = unsafe onStarvation {
                end()
                return unsafe onStarvation(Scheduler.current.pointee.name)
            }
        #endif
        // The report names the task that runs.
        violated("tasks get their turns: the one that runs has kept the watching one from it")
    }
}

extension Watchdog {
    /// Feeds this watchdog as long as tasks get their turns, so that a system that stands, or goes round in one task, is reset.
    ///
    /// The task that feeds has `priority`: what has a lower one may starve. It runs four times in `timeout`. When it has had no turn for
    /// three quarters of that though interrupts come, the program ends with a crash report that names the running task, before the hardware ends
    /// it without one. A turn of more than a second is told in the log. Whoever lets go of the task stops the watchdog; `detach` keeps it.
    ///
    /// - Parameter timeout: shortened to `longestTimeout`.
    /// - Throws: `.outOfMemory`.
    public func `guard`(
        timeout: Interval = .seconds(10), priority: Task.Priority = .normal
    ) throws(TaskError) -> Task {
        let timeout = min(timeout, longestTimeout)
        let watchdog = self
        return try Task.spawn("watchdog", priority: priority) { () throws(TaskError) in
            defer {
                TurnWatch.end()
                watchdog.stop()
            }
            while true {
                watchdog.kick(timeout: timeout)
                TurnWatch.noteTurn(next: .nanoseconds(timeout.nanoseconds / 4 * 3))
                if let turn = TurnWatch.takeLongTurn() {
                    let milliseconds = turn.length.nanoseconds / 1_000_000
                    Logger(label: "watchdog").warning(
                        "task \(turn.name) has not let others run for \(milliseconds) ms or more")
                }
                try Task.sleep(for: .nanoseconds(timeout.nanoseconds / 4))
            }
        }
    }
}
