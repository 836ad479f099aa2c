import Interfaces
import Synchronization

/// Tells one waiting task that something happened. `raise` is for interrupt handlers and takes one atomic and a wake.
///
/// A signal raised while nobody waits is kept: the next `wait` returns at once. Several raises count as one. At most one
/// task waits at a time.
public final class Signal: Sendable {
    private let isRaised = Atomic<Bool>(false)
    /// The task that waits, as an address; 0 for none.
    private let waiter = Atomic<UInt>(0)

    /// A signal that has not been raised.
    public init() {}

    /// Says that something happened. From anywhere.
    public func raise() {
        isRaised.store(true, ordering: .sequentiallyConsistent)
        Interference.mayInterrupt()
        if let task = unsafe TaskPointer(bitPattern: waiter.load(ordering: .sequentiallyConsistent)) {
            unsafe Scheduler.wake(task)
        }
    }

    /// Returns when the signal has been raised since the last `wait`. Throws `.timedOut` at `deadline` and `.cancelled`.
    /// - Returns: whether the task rested, and others could run.
    @discardableResult
    public func wait(until deadline: Instant = .never) throws(TaskError) -> Bool {
        Interference.mayWait()
        beginWaiting()
        defer { waiter.store(0, ordering: .sequentiallyConsistent) }
        var hasRested = false
        while !isRaised.exchange(false, ordering: .sequentiallyConsistent) {
            Interference.mayInterrupt()
            try Task.checkCancellation()
            if SystemTime.now >= deadline { throw .timedOut }
            Scheduler.park(until: deadline, for: "signal")
            hasRested = true
        }
        return hasRested
    }

    /// The same for a task that may not go away: a device is using its memory. Returns at `deadline` as well.
    func waitRegardless(until deadline: Instant) {
        Interference.mayWait()
        beginWaiting()
        defer { waiter.store(0, ordering: .sequentiallyConsistent) }
        var hasSlept = false
        while !isRaised.exchange(false, ordering: .sequentiallyConsistent) {
            // What woke the task tells, not the time, which costs more to ask for.
            if hasSlept, SystemTime.now >= deadline { return }
            Scheduler.park(until: deadline, for: "device")
            hasSlept = true
        }
    }

    private func beginWaiting() {
        let task = unsafe Scheduler.current!
        Interference.mayInterrupt()
        let (isAlone, _) = waiter.compareExchange(
            expected: 0, desired: UInt(bitPattern: task), ordering: .sequentiallyConsistent)
        contract(isAlone, "one task at a time waits for a signal")
    }
}
