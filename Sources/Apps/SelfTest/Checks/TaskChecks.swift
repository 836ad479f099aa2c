import Interfaces
import Runtime

/// Tasks: many of them, and what a switch between two costs.
extension SelfTestRun {
    private static let taskCount = 100
    private static let switchCount = 20_000

    func checkTasks() throws(TaskError) {
        try report.check("tasks") { () throws(Report.Failure) in
            do throws(TaskError) { return try SelfTestRun.spawnMany() } catch { throw Report.Failure(error) }
        }
        try report.check("task switch") { () throws(Report.Failure) in
            do throws(TaskError) { return try SelfTestRun.switchOften() } catch { throw Report.Failure(error) }
        }
    }

    private static func spawnMany() throws(TaskError) -> Text {
        let done = Channel<Int>(capacity: taskCount)
        let start = SystemTime.now
        for number in 0..<taskCount {
            let task = try Task.spawn("selftest") { () throws(TaskError) in
                Task.yield()
                try done.send(number)
            }
            task.detach()
        }
        var sum = 0
        for _ in 0..<taskCount { sum += try done.receive(until: start + .seconds(5)) }
        let time = (SystemTime.now - start).nanoseconds
        contract(sum == taskCount * (taskCount - 1) / 2, "every task has sent its own number")
        return "\(taskCount) started and ended, \(microseconds: time / UInt64(taskCount)) each"
    }

    private static func switchOften() throws(TaskError) -> Text {
        let partner = try Task.spawn("selftest") { () throws(TaskError) in
            for _ in 0..<switchCount { Task.yield() }
        }
        // The first one also starts the partner.
        Task.yield()
        let start = SystemTime.now
        for _ in 0..<(switchCount - 1) { Task.yield() }
        let time = (SystemTime.now - start).nanoseconds
        try partner.join()
        return "\(time / UInt64(2 * (switchCount - 1))) ns"
    }
}
