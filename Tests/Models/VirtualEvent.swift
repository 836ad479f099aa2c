import Interfaces

/// An event in virtual time: whoever waits lets happen what the models have scheduled.
public final class VirtualEvent: InterruptEvent {
    private let clock: VirtualClock
    private var isRaised = false
    /// How often somebody had to wait.
    public private(set) var waits = 0

    /// An event on `clock` that has not been raised.
    public init(_ clock: VirtualClock) { self.clock = clock }

    /// Counts waits from here on.
    public func forget() { waits = 0 }

    /// Ends the wait.
    public func raise() { isRaised = true }

    /// Lets time pass until the event is raised or `deadline` comes.
    public func wait(until deadline: Instant) {
        waits += 1
        while !isRaised, clock.now < deadline {
            clock.waitForEvent(until: deadline)
            clock.rest()
        }
        isRaised = false
    }
}
