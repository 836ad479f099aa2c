import Interfaces

/// A value that one task at a time may touch. Waiting tasks get it in the order in which they asked.
///
/// Needed only where a task waits while it holds the value: between two waits nothing else runs.
public final class Mutex<Value: ~Copyable> {
    private var value: Value
    private var isLocked = false
    private let queue = WaitQueue()

    /// A mutex around `value`.
    public init(_ value: consuming Value) { self.value = value }

    /// Runs `body` with the value to itself. Throws `.timedOut` when it could not have it by `deadline`, and `.cancelled`;
    /// `body` has not run then.
    public func withLock<Result>(until deadline: Instant = .never, _ body: (inout Value) -> Result) throws(TaskError)
        -> Result
    {
        try lock(until: deadline)
        defer { unlock() }
        return body(&value)
    }

    private func lock(until deadline: Instant) throws(TaskError) {
        Interference.mayWait()
        // The one that unlocks hands over: `isLocked` stays set for the task that it wakes.
        if isLocked { try queue.wait(until: deadline, for: "mutex") } else { isLocked = true }
    }

    private func unlock() {
        if !queue.wakeFirst() { isLocked = false }
    }
}
