import Interfaces

/// A clock whose time passes only when someone waits, or when a model says that an access takes time. What models have
/// scheduled happens as time passes over it, in order.
public final class VirtualClock: Clock {
    private struct Event {
        let time: Instant
        let order: Int
        let action: () -> Void
    }

    /// The present.
    public private(set) var now = Instant(nanoseconds: 0)
    private var events: [Event] = []
    private var scheduled = 0
    /// The longest time that passed without a rest. On the board a wait of five microseconds or less spins: no other task runs.
    public private(set) var longestSpin = Interval(nanoseconds: 0)
    private var lastRest = Instant(nanoseconds: 0)

    /// A clock at zero.
    public init() {}

    /// Lets time pass until `deadline`, and everything happen that is due until then.
    public func wait(until deadline: Instant) {
        let isRest = deadline > now + .microseconds(5)
        if isRest { longestSpin = max(longestSpin, now - lastRest) }
        defer { if isRest { lastRest = now } else { longestSpin = max(longestSpin, now - lastRest) } }
        while let next = events.first, next.time <= deadline {
            events.removeFirst()
            now = max(now, next.time)
            next.action()
        }
        now = max(now, deadline)
    }

    /// When the next thing happens; `.never` where nothing is to.
    public var nextEvent: Instant { events.first?.time ?? .never }

    /// Lets time pass until the next thing happens, or until `deadline`.
    public func waitForEvent(until deadline: Instant) { wait(until: min(deadline, events.first?.time ?? deadline)) }

    /// Other tasks have run just now.
    func rest() { lastRest = now }

    /// Counts the longest time without a rest from here on.
    public func forgetSpins() {
        lastRest = now
        longestSpin = Interval(nanoseconds: 0)
    }

    /// Lets `interval` pass.
    public func advance(by interval: Interval) { wait(until: now + interval) }

    /// Makes `action` happen when `interval` has passed.
    public func schedule(after interval: Interval, _ action: @escaping () -> Void) {
        let event = Event(time: now + interval, order: scheduled, action: action)
        scheduled += 1
        let position = events.firstIndex { ($0.time, $0.order) > (event.time, event.order) } ?? events.endIndex
        events.insert(event, at: position)
    }
}
