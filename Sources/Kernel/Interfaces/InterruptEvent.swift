/// What an interrupt handler tells the call of a driver that waits for its device.
///
/// A driver looks at its device, lets it interrupt, waits here and looks again: `wait` may return for no reason, and a
/// `raise` that comes before the wait is kept. The board wakes a task with it; in tests, and where no interrupt arrives, `PolledEvent`
/// makes the same driver poll.
public protocol InterruptEvent {
    /// Says that the device has interrupted. For the interrupt handler.
    func raise()

    /// Returns when `raise` was called since the last return, at `deadline` at the latest. May run other tasks, and is not cut
    /// short when the task is cancelled: the device may be using memory of the caller.
    func wait(until deadline: Instant)
}

/// An event that nobody raises: the driver that waits looks again every few microseconds.
public struct PolledEvent<Time: Clock>: InterruptEvent {
    private let time: Time

    /// Polls on `time`.
    public init(_ time: Time) { self.time = time }

    /// Nothing to tell: who waits looks again anyway.
    public func raise() {}

    /// Lets a few microseconds pass.
    public func wait(until deadline: Instant) { time.wait(until: min(deadline, time.now + .microseconds(20))) }
}
