import Interfaces
import TaskBench
import Testing

@testable import Runtime

/// What the runtime promises, whatever the order of tasks, interrupts and wakes.
@Suite(.serialized) struct RuntimeScheduleTests {
    @Test(arguments: Trouble.seeds(40))
    func `waits, channels and signals keep their promises, in any order of things`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            let tests = TaskTests()
            try tests.`random wakes, timeouts and cancels never lose a task`(seed: seed)
            try tests.`a channel keeps order, makes senders wait while full, and drains after closing`()
            try tests.`a shared device gets one request at a time, and its errors come through`()
            try tests.`many tasks with random requests leave what a single one would`(seed: seed)
        }
    }

    @Test(arguments: Trouble.seeds(40))
    func `a signal that an interrupt raises is never lost`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            try withTasks {
                let (signal, answer) = (Signal(), Signal())
                let task = try Task.spawn("waiter") { () throws(TaskError) in
                    for _ in 0..<200 {
                        try signal.wait()
                        Trouble.interrupt { answer.raise() }
                    }
                }
                for _ in 0..<200 {
                    Trouble.interrupt { signal.raise() }
                    // A wake that is lost leaves nobody who runs, which ends the test.
                    try answer.wait()
                }
                try task.join()
            }
        }
    }

    @Test(arguments: Trouble.seeds(40))
    func `one at a time has a turn, and everybody gets one`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            try withTasks {
                let (exclusion, mutex) = (TaskExclusion(), Mutex(0))
                var (inside, ended) = (0, 0)
                for number in 0..<6 {
                    let priority: Task.Priority = number % 3 == 0 ? .low : number % 3 == 1 ? .normal : .high
                    let task = try Task.spawn("user", priority: priority) { () throws(TaskError) in
                        defer { ended += 1 }
                        for _ in 0..<20 {
                            #expect(exclusion.enter())
                            inside += 1
                            #expect(inside == 1)
                            TaskClock().wait(for: .microseconds(UInt64(number * 3)))
                            try? mutex.withLock(until: SystemTime.now + .microseconds(20)) { value in
                                value += 1
                                TaskClock().wait(for: .microseconds(7))
                            }
                            inside -= 1
                            exclusion.leave()
                        }
                    }
                    if number == 4 { task.cancel() }
                    task.detach()
                }
                while ended < 6 { try Task.sleep(for: .microseconds(50)) }
                #expect(unsafe Scheduler.current.pointee.level == Task.Priority.normal.rawValue)
            }
        }
    }
}
