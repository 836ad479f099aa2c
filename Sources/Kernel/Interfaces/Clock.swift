/// Monotonic time, and waiting for it to pass.
///
/// A driver is generic over its clock. On the board the clock either spins (before tasks exist) or lets other
/// tasks run while it waits; in tests it is virtual. A driver cannot tell the difference.
public protocol Clock {
    /// Nanoseconds since power-on. Two calls in program order never go back.
    var now: Instant { get }

    /// Returns when `deadline` has come; at once when it has passed. Deadlines are absolute, so that a loop of
    /// waits does not drift. May run other tasks: a driver holds no half-changed state across it.
    func wait(until deadline: Instant)
}

extension Clock {
    /// Returns when `interval` has passed.
    @inlinable
    public func wait(for interval: Interval) { wait(until: now + interval) }

    /// Asks `condition` until it holds, for `limit` at most, resting `rest` between two questions.
    ///
    /// The condition is asked at least once, and once more after the limit, so a slow caller is not told of a
    /// timeout that did not happen. Every wait of a driver on its hardware goes through here: that bounds it.
    /// - Returns: whether the condition came true.
    @inlinable
    public func poll(for limit: Interval, every rest: Interval, until condition: () -> Bool) -> Bool {
        let deadline = now + limit
        while !condition() {
            if now >= deadline { return condition() }
            wait(for: rest)
        }
        return true
    }
}
