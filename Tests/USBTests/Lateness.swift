import Interfaces
import Models

/// How late a task is when its wait is over, because others run first: 1 to 5 ms, when it is late at all.
final class Lateness {
    var isOn = false
    private var generator = SeededGenerator(seed: 5)

    func pass(on clock: VirtualClock) {
        if isOn { clock.advance(by: .microseconds(1000 + generator.next() % 4000)) }
    }
}

/// The clock of a task that may be late.
struct LateClock: Clock {
    private let clock: VirtualClock
    private let lateness: Lateness

    init(_ clock: VirtualClock, _ lateness: Lateness) {
        self.clock = clock
        self.lateness = lateness
    }

    var now: Instant { clock.now }

    func wait(until deadline: Instant) {
        clock.wait(until: deadline)
        lateness.pass(on: clock)
    }
}

/// An event whose task may be late.
final class LateEvent: InterruptEvent {
    private let event: VirtualEvent
    private let clock: VirtualClock
    private let lateness: Lateness

    init(_ clock: VirtualClock, _ lateness: Lateness) {
        event = VirtualEvent(clock)
        self.clock = clock
        self.lateness = lateness
    }

    func raise() { event.raise() }

    func wait(until deadline: Instant) {
        event.wait(until: deadline)
        lateness.pass(on: clock)
    }
}
