import Interfaces
import Runtime

/// A cable between two network devices in memory, which loses and delays frames by a seed.
package final class Cable {
    /// Frames in a thousand that are lost.
    package var loss = 0
    /// How long a frame is under way.
    package var delay = Interval.microseconds(50)
    /// Bits a second in each direction; 0 for any number. What is sent faster waits in line.
    package var rate: UInt64 = 0
    /// Whether it is plugged in.
    package var isPlugged = true {
        didSet { for end in ends { end.work?.raise() } }
    }
    /// Frames lost so far.
    package private(set) var lost = 0
    /// The devices at its ends.
    package private(set) var ends: [CableEnd] = []

    private var random: UInt64
    /// What is on its way to each end, and until when its line is taken.
    private var underWay: [[(arrival: Instant, bytes: [UInt8])]] = [[], []]
    private var free = [Instant(nanoseconds: 0), Instant(nanoseconds: 0)]
    private let change = Signal()
    private var task: Task?

    /// A cable; the same `seed` loses the same frames.
    package init(seed: UInt64 = 1) throws(TaskError) {
        random = seed
        let addresses: [[6 of UInt8]] = [[0x02, 0, 0, 0, 0, 1], [0x02, 0, 0, 0, 0, 2]]
        ends = addresses.map { CableEnd(HardwareAddress($0), self) }
        task = try Task.spawn("cable") { [self] () throws(TaskError) in try run() }
    }

    /// Ends it: nothing arrives any more.
    package func cut() {
        guard let task = task.take() else { return }
        task.cancel()
        try? task.join()
        for end in ends { end.cable = nil }
        underWay = [[], []]
    }

    /// Takes a frame from `sender`.
    func carry(_ bytes: [UInt8], from sender: CableEnd) {
        guard isPlugged else { return }
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        if Int(random >> 33) % 1000 < loss {
            lost += 1
            return
        }
        let other = sender === ends[0] ? 1 : 0
        let duration = rate == 0 ? 0 : UInt64(bytes.count) * 8_000_000_000 / rate
        free[other] = max(free[other], SystemTime.now) + .nanoseconds(duration)
        underWay[other].append((free[other] + delay, bytes))
        change.raise()
    }

    private func run() throws(TaskError) {
        while true {
            let now = SystemTime.now
            var next = Instant.never
            for (index, end) in ends.enumerated() {
                while let first = underWay[index].first, first.arrival <= now {
                    underWay[index].removeFirst()
                    end.arrive(first.bytes)
                }
                next = min(next, underWay[index].first?.arrival ?? .never)
            }
            do throws(TaskError) { try change.wait(until: next) } catch {
                if error != .timedOut { throw error }
            }
        }
    }
}
