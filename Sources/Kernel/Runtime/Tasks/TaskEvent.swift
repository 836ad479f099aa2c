import Interfaces

/// Wakes the task that waits for a device, from the device's interrupt handler.
public struct TaskEvent: InterruptEvent, Sendable {
    private let signal = Signal()

    /// An event that has not been raised.
    public init() {}

    /// Wakes the task that waits.
    public func raise() { signal.raise() }

    /// Lets other tasks run until the event is raised or `deadline` comes, cancelled or not.
    public func wait(until deadline: Instant) { signal.waitRegardless(until: deadline) }
}
