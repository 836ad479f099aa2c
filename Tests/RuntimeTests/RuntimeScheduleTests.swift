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
}
