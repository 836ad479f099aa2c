import Boot
import Interfaces
import Synchronization

/// Decides which task runs: the core that knows waking and parking and nothing of what is waited for.
///
/// Cooperative: a task runs until it waits. Interrupt handlers only `wake`. There is no idle task: the task that finds
/// nothing to run sleeps in `wfi` on its own stack until something is woken. One core runs tasks.
enum Scheduler {
    nonisolated(unsafe) static var current: TaskPointer!
    nonisolated(unsafe) static var timers = TimerHeap()
    nonisolated(unsafe) static var all: TaskPointer?
    nonisolated(unsafe) static var taskCount = 0
    nonisolated(unsafe) static var stacks = StackArena()
    nonisolated(unsafe) static var ready = ReadyQueue()

    /// The top of the stack of woken tasks, which interrupt handlers push to; 0 when empty.
    private static let woken = Atomic<UInt>(0)
    /// The timer has interrupted: a deadline may have come.
    private static let isTimerDue = Atomic<Bool>(false)
    nonisolated(unsafe) private static var armed = Instant.never
    /// A task that has ended, whose stack the next one to run takes down.
    nonisolated(unsafe) private static var finished: TaskPointer?

    /// Counts spent asleep in `wfi`, and the count at which the present stretch of running began.
    nonisolated(unsafe) static var idleCounts: UInt64 = 0
    nonisolated(unsafe) static var stretchStart: UInt64 = 0

    /// Called in the timer's interrupt: who watches that tasks get their turns, and when it wants to be called at the latest.
    nonisolated(unsafe) static var watch: (@convention(c) () -> Void)?
    nonisolated(unsafe) static var watchDeadline = Instant.never

    /// Makes the running program the task `main`.
    static func start() {
        let limits = apus_image_limits()
        let main = TaskPointer.allocate(capacity: 1)
        unsafe main.initialize(
            to: TaskRecord(
                name: "main", priority: .normal, stack: Stack(bottom: limits.boot_stack, top: limits.boot_top)))
        unsafe current = unsafe main
        unsafe all = unsafe main
        unsafe taskCount = 1
        unsafe timers.reserve(16)
        unsafe stretchStart = apus_counter()
        unsafe main.pointee.waitsFor = "nothing"
    }

    // MARK: - Waking

    /// Makes `task` run again if it is parked, or its next `park` return at once. From anywhere, interrupt handlers included.
    static func wake(_ task: TaskPointer) {
        let before = unsafe task.pointee.wakeState.exchange(WakeState.woken, ordering: .acquiringAndReleasing)
        guard before == WakeState.parked else { return }
        Interference.mayInterrupt()
        let address = UInt(bitPattern: task)
        var top = woken.load(ordering: .relaxed)
        while true {
            unsafe task.pointee.next = TaskPointer(bitPattern: top)
            Interference.mayInterrupt()
            let (done, seen) = woken.weakCompareExchange(expected: top, desired: address, ordering: .releasing)
            if done { return }
            top = seen
        }
    }

    /// The timer's interrupt: only says that it came. The interrupt is level-sensitive, so the timer is silenced.
    static func timerInterrupt() {
        apus_disarm_timer()
        isTimerDue.store(true, ordering: .relaxed)
        if let watch = unsafe watch { watch() }
    }

    /// Moves what was woken into the ready queue, in the order of waking.
    private static func collectWoken() {
        guard woken.load(ordering: .relaxed) != 0 else { return }
        Interference.mayInterrupt()
        var task = unsafe TaskPointer(bitPattern: woken.exchange(0, ordering: .acquiring))
        var first: TaskPointer?
        while let one = unsafe task {
            unsafe task = one.pointee.next
            unsafe one.pointee.next = unsafe first
            unsafe first = unsafe one
        }
        while let one = unsafe first {
            unsafe first = one.pointee.next
            unsafe ready.append(one)
        }
    }

    // MARK: - Parking

    /// Sleeps until somebody wakes the running task or `deadline` comes. May return for no reason: callers look again
    /// whether what they wait for is there.
    static func park(until deadline: Instant, for reason: StaticString) {
        Interference.mayInterrupt()
        let task = unsafe current!
        let state = unsafe task.pointee.wakeState.compareExchange(
            expected: WakeState.running, desired: WakeState.parked, ordering: .acquiringAndReleasing)
        guard state.exchanged else {
            unsafe takeWake(of: task)
            return
        }
        unsafe task.pointee.waitsFor = reason
        Interference.mayInterrupt()
        if deadline != .never {
            unsafe timers.insert(task, at: deadline)
            arm()
            Interference.mayInterrupt()
        }
        switchAway()
        unsafe timers.remove(task)
        Interference.mayInterrupt()
        unsafe takeWake(of: task)
    }

    /// Forgets that `task` was woken. An exchange, not a store: what a waker wrote before it woke is seen by what the task
    /// looks at next.
    private static func takeWake(of task: TaskPointer) {
        _ = unsafe task.pointee.wakeState.exchange(WakeState.running, ordering: .acquiring)
    }

    /// Lets every other ready task of the same or a higher priority run first.
    static func yield() {
        unsafe ready.append(current)
        switchAway()
    }

    /// Puts a new task into the ready queue.
    static func makeReady(_ task: TaskPointer) { unsafe ready.append(task) }

    /// Ends the running task for good.
    static func finish() -> Never {
        let task = unsafe current!
        unsafe task.pointee.hasEnded = true
        if let joiner = unsafe task.pointee.joiner { unsafe wake(joiner) }
        unsafe finished = unsafe task
        switchAway()
        violated("a task that has ended never runs again")
    }

    // MARK: - Switching

    private static func switchAway() {
        while true {
            collectWoken()
            Interference.mayInterrupt()
            if isTimerDue.load(ordering: .relaxed) { expireTimers() }
            if let next = unsafe ready.take() { return unsafe run(next) }
            sleep()
        }
    }

    private static func run(_ next: TaskPointer) {
        let before = unsafe current!
        if unsafe next == before { return }
        if !Memory.isReserveFull { Memory.fillReserve() }
        let now = apus_counter_relaxed()
        unsafe before.pointee.runCounts &+= now &- stretchStart
        unsafe stretchStart = now
        unsafe next.pointee.switches &+= 1
        unsafe current = unsafe next
        unsafe apus_switch(&before.pointee.context, next.pointee.context!)
        if unsafe finished != nil { reapFinished() }
    }

    /// Takes down the stack of a task that has ended: whoever runs next does it first, and so before the joiner frees
    /// the record.
    static func reapFinished() {
        guard let task = unsafe finished else { return }
        unsafe finished = nil
        unsafe stacks.free(task.pointee.stack)
        if unsafe task.pointee.isDetached { unsafe remove(task) }
    }

    /// Frees the record of an ended task.
    static func remove(_ task: TaskPointer) {
        unsafe taskCount -= 1
        if unsafe all == task {
            unsafe all = task.pointee.nextOfAll
        } else {
            var before = unsafe all
            while let one = unsafe before, unsafe one.pointee.nextOfAll != task {
                unsafe before = one.pointee.nextOfAll
            }
            unsafe before?.pointee.nextOfAll = task.pointee.nextOfAll
        }
        unsafe task.deinitialize(count: 1)
        unsafe task.deallocate()
    }

    /// Whether the running task has had its turn for longer than a driver may spin. Counts, not time: 50 microseconds at 54 MHz.
    static var hasRunLong: Bool { unsafe apus_counter_relaxed() &- stretchStart > 2700 }

    // MARK: - Time

    private static func expireTimers() {
        isTimerDue.store(false, ordering: .relaxed)
        Interference.mayInterrupt()
        unsafe armed = .never
        Interference.mayInterrupt()
        let now = SystemTime.now
        while let task = unsafe timers.takeDue(now) { unsafe wake(task) }
        collectWoken()
        arm()
    }

    /// Sets the timer to the earliest deadline. Only when that is earlier than what it is set to: a late one costs one
    /// needless interrupt at most.
    private static func arm() {
        let earliest = unsafe min(timers.earliest, watchDeadline)
        guard unsafe earliest < armed else { return }
        unsafe armed = earliest
        apus_arm_timer(SystemTime.count(at: earliest))
    }

    /// Sleeps until an interrupt. Masked between the last look and `wfi`, so that nothing woken in between is slept over:
    /// a pending interrupt ends `wfi` though it is masked.
    private static func sleep() {
        #if !hasFeature(Embedded)
            if let source = unsafe Interference.source, source.interruptSleep() { return }
        #endif
        let now = apus_counter_relaxed()
        unsafe current.pointee.runCounts &+= now &- stretchStart
        let mask = apus_mask_interrupts()
        if woken.load(ordering: .relaxed) == 0, !isTimerDue.load(ordering: .relaxed) { apus_wait_for_interrupt() }
        // The turn begins before its first interrupt, which asks how long it has lasted.
        let end = apus_counter_relaxed()
        unsafe idleCounts &+= end &- now
        unsafe stretchStart = end
        apus_restore_interrupts(mask)
    }
}
