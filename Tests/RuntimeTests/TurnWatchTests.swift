import Boot
import Interfaces
import TaskBench
import Testing

@testable import Runtime

/// Remembers how it was kicked.
private final class Kicks: Watchdog {
    let longestTimeout = Interval.seconds(16)
    private(set) var times: [Instant] = []
    private(set) var isStopped = false

    func kick(timeout: Interval) { times.append(SystemTime.now) }
    func stop() { isStopped = true }
}

@Suite(.serialized) struct TurnWatchTests {
    @Test func `a watchdog is fed while tasks get their turns, and stopped when it is let go`() throws {
        try withTasks {
            let kicks = Kicks()
            do {
                let task = try kicks.guard(timeout: .seconds(100))
                try Task.sleep(for: .seconds(41))
                let hasEnded = task.hasEnded
                #expect(!hasEnded)
            }
            #expect(kicks.times.count == 11 && kicks.isStopped)
            for index in 1..<11 { #expect(kicks.times[index] - kicks.times[index - 1] < .milliseconds(4100)) }
        }
    }

    @Test func `a task that keeps all others from running is named, before the watchdog ends everything`() throws {
        try Trouble.$seed.withValue(5) {
            try withTasks {
                let kicks = Kicks()
                var named = ""
                unsafe TurnWatch.onStarvation = { named = "\($0)" }
                defer { unsafe TurnWatch.onStarvation = nil }
                let start = SystemTime.now
                let task = try kicks.guard(timeout: .milliseconds(40))
                let spinner = try Task.spawn("spinner", priority: .high) { () throws(TaskError) in
                    try Task.sleep(for: .milliseconds(100))
                    while named.isEmpty { Task.yield() }
                }
                try spinner.join()
                #expect(named == "spinner")
                let last = try #require(kicks.times.last)
                #expect(last > start + .milliseconds(80))
                #expect(SystemTime.now < last + .milliseconds(40))
                task.cancel()
                try task.join()
            }
        }
    }

    @Test func `a turn of more than a second is told`() throws {
        try withTasks {
            let kicks = Kicks()
            let task = try kicks.guard(timeout: .seconds(16))
            try Task.sleep(for: .seconds(1))
            let before = unsafe TurnWatch.longTurns
            // Work, in which an interrupt comes.
            apus_host_set_counter(apus_counter() + 2_000_000_000)
            Tasks.timerInterrupt()
            #expect(unsafe TurnWatch.longTurns == before + 1)
            try Task.sleep(for: .seconds(20))
            // Rest is no turn.
            #expect(unsafe TurnWatch.longTurns == before + 1)
            task.cancel()
            try task.join()
        }
    }
}
