import Interfaces

/// A value that one task at a time may touch. Waiting tasks get it in the order in which they asked, and lend their priority to the one
/// that has it.
///
/// Needed only where a task waits while it holds the value: between two waits nothing else runs.
public final class Mutex<Value: ~Copyable> {
    private var value: Value
    private let turn = Turn()

    /// A mutex around `value`.
    public init(_ value: consuming Value) { self.value = value }

    /// Runs `body` with the value to itself. Throws `.timedOut` when it could not have it by `deadline`, and `.cancelled`;
    /// `body` has not run then.
    public func withLock<Result>(until deadline: Instant = .never, _ body: (inout Value) -> Result) throws(TaskError)
        -> Result
    {
        try turn.wait(until: deadline, for: "mutex")
        defer { turn.end() }
        return body(&value)
    }
}
