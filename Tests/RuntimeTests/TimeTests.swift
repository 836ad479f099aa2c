import Boot
import Interfaces
import TaskBench
import Testing

@testable import Runtime

/// The counter's frequencies: the board's, QEMU's, a crystal of older boards, and the host's.
private let frequencies: [UInt64] = [54_000_000, 62_500_000, 19_200_000, 1_000_000_000]

/// How long a board has been on: from the first second to a century, and close to where 64 bits of nanoseconds end.
private let uptimes: [Interval] = [
    .seconds(1), .seconds(86_400), .seconds(100 * 86_400), .seconds(3_650 * 86_400), .seconds(36_500 * 86_400),
    .nanoseconds(.max - 3_600_000_000_000),
]

@Suite(.serialized) struct TimeTests {
    @Test(arguments: frequencies, uptimes)
    func `the count of an instant is the first that has reached it`(frequency: UInt64, uptime: Interval) {
        VirtualProcessor.run(frequency: frequency, uptime: uptime) {
            var random = SplitMix(frequency ^ uptime.nanoseconds)
            let start = SystemTime.now
            var (early, late) = (0, 0)
            for _ in 0..<2000 {
                let instant = start + .nanoseconds(random.next() % 3_600_000_000_000)
                let count = SystemTime.count(at: instant)
                if SystemTime.nanoseconds(count) < instant.nanoseconds { early += 1 }
                if SystemTime.nanoseconds(count - 1) >= instant.nanoseconds { late += 1 }
            }
            #expect(early == 0 && late == 0)
        }
    }

    @Test(arguments: uptimes)
    func `a sleep costs one interrupt of the timer, however long the board has been on`(uptime: Interval) throws {
        try VirtualProcessor.run(frequency: VirtualProcessor.boardFrequency, uptime: uptime, step: 1) {
            let before = apus_host_timer_interrupts()
            for milliseconds in [1, 3, 10, 250] as [UInt64] {
                let deadline = SystemTime.now + .milliseconds(milliseconds)
                try Task.sleep(until: deadline)
                #expect(SystemTime.now >= deadline)
                // Some looks at the counter, each of which is a count here.
                #expect(SystemTime.now < deadline + .microseconds(2))
            }
            #expect(apus_host_timer_interrupts() - before == 4)
        }
    }

    @Test func `idle after a hundred days costs what it cost on the first day`() throws {
        func interrupts(after uptime: Interval) throws -> UInt64 {
            var count: UInt64 = 0
            try VirtualProcessor.run(frequency: VirtualProcessor.boardFrequency, uptime: uptime, step: 1) {
                let before = apus_host_timer_interrupts()
                var tasks: [Int: Interval] = [0: .milliseconds(1), 1: .milliseconds(100), 2: .seconds(1)]
                let end = SystemTime.now + .seconds(20)
                for (_, period) in tasks {
                    try Task.spawn("periodic") { () throws(TaskError) in
                        var deadline = SystemTime.now
                        while deadline < end {
                            deadline = deadline + period
                            try Task.sleep(until: deadline)
                        }
                    }.detach()
                }
                tasks.removeAll()
                try Task.sleep(until: end + .seconds(2))
                count = apus_host_timer_interrupts() - before
            }
            return count
        }
        let first = try interrupts(after: .seconds(1))
        #expect(first < 20_500)
        #expect(try interrupts(after: .seconds(100 * 86_400)) <= first + 2)
        #expect(try interrupts(after: .seconds(3_650 * 86_400)) <= first + 2)
    }

    @Test func `an instant beyond what a counter can show is never reached, and no wait for it ends`() {
        VirtualProcessor.run(frequency: VirtualProcessor.boardFrequency) {
            for instant in [Instant.never, Instant(nanoseconds: .max - 1), Instant(nanoseconds: .max - 1000)] {
                #expect(SystemTime.nanoseconds(SystemTime.count(at: instant)) >= instant.nanoseconds)
            }
            #expect(SystemTime.nanoseconds(.max) == .max)
        }
    }
}
