import Boot
import Interfaces
import TaskBench
import Testing

@testable import Runtime

/// Runs `body` as the task `main` of a fresh runtime on the simulated processor, whose time passes only when all wait.
/// Everything has to be given back at the end.
func withTasks(_ body: () throws -> Void) throws {
    try VirtualProcessor.run {
        try body()
        #expect(Scheduler.taskCount == 1)
        #expect(Scheduler.timers.count == 0)
    }
}

@Suite(.serialized) struct TaskTests {
    @Test func `tasks run when the spawner waits, in the order of spawning`() throws {
        try withTasks {
            var order: [Int] = []
            let first = try Task.spawn("first") { () throws(TaskError) in order.append(1) }
            let second = try Task.spawn("second") { () throws(TaskError) in order.append(2) }
            #expect(order.isEmpty)
            try first.join()
            try second.join()
            #expect(order == [1, 2])
        }
    }

    @Test func `sleeps end in the order of their deadlines and never early`() throws {
        try withTasks {
            var order: [UInt64] = []
            func sleeper(_ milliseconds: UInt64) throws(TaskError) -> Task {
                let deadline = SystemTime.now + .milliseconds(milliseconds)
                return try Task.spawn("sleeper") { () throws(TaskError) in
                    try Task.sleep(until: deadline)
                    #expect(SystemTime.now >= deadline)
                    order.append(milliseconds)
                }
            }
            let slow = try sleeper(300)
            let quick = try sleeper(100)
            let middle = try sleeper(200)
            try slow.join()
            try quick.join()
            try middle.join()
            #expect(order == [100, 200, 300])
        }
    }

    @Test func `a periodic task does not drift`() throws {
        try withTasks {
            let start = SystemTime.now
            var deadline = start
            for _ in 0..<1000 {
                deadline = deadline + .milliseconds(1)
                try Task.sleep(until: deadline)
                apus_host_set_counter(apus_counter() + 300_000)  // work
            }
            #expect((SystemTime.now - start).nanoseconds < 1_001_000_000)
        }
    }

    @Test func `higher priorities go first`() throws {
        try withTasks {
            var order = ""
            let low = try Task.spawn("low", priority: .low) { () throws(TaskError) in order += "l" }
            let normal = try Task.spawn("normal") { () throws(TaskError) in order += "n" }
            let high = try Task.spawn("high", priority: .high) { () throws(TaskError) in order += "h" }
            try low.join()
            try normal.join()
            try high.join()
            #expect(order == "hnl")
        }
    }

    @Test func `cancelling ends a sleep with an error`() throws {
        try withTasks {
            var error: TaskError?
            let task = try Task.spawn("sleeper") { () throws(TaskError) in
                do throws(TaskError) { try Task.sleep(for: .seconds(3600)) } catch let caught { error = caught }
            }
            try Task.sleep(for: .milliseconds(1))
            task.cancel()
            try task.join()
            #expect(error == .cancelled)
            #expect(SystemTime.now.nanoseconds < 1_000_000_000)
        }
    }

    @Test func `letting go of a task cancels it and waits for its end`() throws {
        try withTasks {
            var ended = false
            do {
                let task = try Task.spawn("child") { () throws(TaskError) in
                    defer { ended = true }
                    try Task.sleep(for: .seconds(3600))
                }
                try Task.sleep(for: .milliseconds(1))
                _ = task.hasEnded
            }
            #expect(ended)
        }
    }

    @Test func `cancelling a parent that joins reaches the child`() throws {
        try withTasks {
            var childError: TaskError?
            var parentError: TaskError?
            let parent = try Task.spawn("parent") { () throws(TaskError) in
                let child = try Task.spawn("child") { () throws(TaskError) in
                    do throws(TaskError) { try Task.sleep(for: .seconds(3600)) } catch let error { childError = error }
                }
                do throws(TaskError) { try child.join() } catch let error { parentError = error }
            }
            try Task.sleep(for: .milliseconds(1))
            parent.cancel()
            try parent.join()
            #expect(childError == .cancelled)
            #expect(parentError == .cancelled)
        }
    }

    @Test func `a detached task ends by itself and leaves nothing`() throws {
        try withTasks {
            var ran = false
            try Task.spawn("detached") { () throws(TaskError) in
                try Task.sleep(for: .milliseconds(5))
                ran = true
            }.detach()
            try Task.sleep(for: .milliseconds(10))
            #expect(ran)
        }
    }

    @Test func `a signal raised before the wait is not lost, and several count as one`() throws {
        try withTasks {
            let signal = Signal()
            signal.raise()
            signal.raise()
            try signal.wait()
            #expect(throws: TaskError.timedOut) { try signal.wait(until: SystemTime.now + .milliseconds(1)) }
        }
    }

    @Test func `a signal from an interrupt wakes its waiter`() throws {
        try withTasks {
            let signal = Signal()
            raised = signal
            apus_host_set_idle { raised?.raise() }
            defer { apus_host_set_idle(nil) }
            try signal.wait()
        }
    }

    @Test func `a channel keeps order, makes senders wait while full, and drains after closing`() throws {
        try withTasks {
            let channel = Channel<Int>(capacity: 3)
            let sender = try Task.spawn("sender") { () throws(TaskError) in
                for number in 0..<100 { try channel.send(number) }
                channel.close()
            }
            var received: [Int] = []
            while let number = try? channel.receive() {
                received.append(number)
                if number % 7 == 0 { Task.yield() }
            }
            try sender.join()
            #expect(received == Array(0..<100))
            #expect(throws: TaskError.closed) { try channel.send(1) }
        }
    }

    @Test func `waiting on a channel ends at the deadline`() throws {
        try withTasks {
            let channel = Channel<Int>(capacity: 1)
            let deadline = SystemTime.now + .milliseconds(20)
            #expect(throws: TaskError.timedOut) { try channel.receive(until: deadline) }
            #expect(SystemTime.now >= deadline)
        }
    }

    @Test func `a mutex lets one in at a time, in the order of asking`() throws {
        try withTasks {
            let mutex = Mutex<[Int]>([])
            var tasks = 0
            for number in 0..<5 {
                tasks += 1
                try Task.spawn("locker") { () throws(TaskError) in
                    defer { tasks -= 1 }
                    try mutex.withLock { list in
                        list.append(number)
                        TaskClock().wait(for: .milliseconds(1))
                        list.append(number)
                    }
                }.detach()
            }
            while tasks > 0 { try Task.sleep(for: .milliseconds(1)) }
            #expect(try mutex.withLock { $0 } == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
        }
    }

    @Test func `an exclusion lets one in at a time, and one that is cancelled while it waits has its turn as well`()
        throws
    {
        try withTasks {
            let exclusion = TaskExclusion()
            var order: [Int] = []
            var refused = 0
            var done = 0
            func spawn(_ number: Int) throws -> Task {
                try Task.spawn("enterer") { () throws(TaskError) in
                    defer { done += 1 }
                    guard exclusion.enter() else {
                        refused += 1
                        return
                    }
                    order.append(number)
                    TaskClock().wait(for: .milliseconds(1))
                    order.append(number)
                    exclusion.leave()
                }
            }
            try spawn(0).detach()
            let impatient = try spawn(1)
            try spawn(2).detach()
            try Task.sleep(for: .microseconds(100))
            impatient.cancel()
            while done < 3 { try Task.sleep(for: .milliseconds(1)) }
            try impatient.join()
            #expect(order == [0, 0, 1, 1, 2, 2] && refused == 0)
            #expect(exclusion.enter())
        }
    }

    @Test func `a hundred rounds of a hundred tasks leave no memory behind`() throws {
        try withTasks {
            var before: UInt64 = 0
            for round in 0..<100 {
                var sum = 0
                for number in 0..<100 {
                    try Task.spawn("worker") { () throws(TaskError) in
                        try Task.sleep(for: .microseconds(UInt64(number % 7)))
                        sum += 1
                    }.detach()
                }
                while sum < 100 { try Task.sleep(for: .microseconds(3)) }
                try Task.sleep(for: .milliseconds(1))
                if round == 0 { before = Memory.statistics.committed }
            }
            #expect(Memory.statistics.committed == before)
            #expect(Scheduler.taskCount == 1)
        }
    }

    @Test(arguments: 0..<20)
    func `random wakes, timeouts and cancels never lose a task`(seed: UInt64) throws {
        try withTasks {
            var random = SplitMix(seed)
            let channel = Channel<Int>(capacity: 2)
            var alive = 0
            var sent = 0
            var received = 0
            for number in 0..<30 {
                alive += 1
                let wait = random.next() % 50
                try Task.spawn("actor") { () throws(TaskError) in
                    defer { alive -= 1 }
                    for _ in 0..<20 {
                        try Task.sleep(for: .microseconds(wait))
                        let deadline = SystemTime.now + .microseconds(wait * 3)
                        do throws(TaskError) {
                            if number % 2 == 0 {
                                try channel.send(1, until: deadline)
                                sent += 1
                            } else {
                                _ = try channel.receive(until: deadline)
                                received += 1
                            }
                        } catch { if error != .timedOut { throw error } }
                    }
                }.detach()
            }
            while alive > 0 { try Task.sleep(for: .microseconds(10)) }
            #expect(sent - received >= 0 && sent - received <= 2)
        }
    }
}

nonisolated(unsafe) private var raised: Signal?

/// A device whose requests take time and must not overlap.
private final class SlowDevice: BlockDevice {
    var isBusy = false
    var requests = 0
    let geometry = BlockGeometry(blockCount: 8)

    private func request() {
        #expect(!isBusy)
        isBusy = true
        TaskClock().wait(for: .milliseconds(1))
        isBusy = false
        requests += 1
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) { request() }
    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) { throw BlockError(.readOnly) }
    func flush() throws(BlockError) { request() }
    func discard(_ blocks: Range<UInt64>) throws(BlockError) { request() }
}

extension TaskTests {
    @Test func `a shared device gets one request at a time, and its errors come through`() throws {
        try withTasks {
            let slow = SlowDevice()
            let device = SharedBlockDevice(slow)
            var running = 10
            for _ in 0..<10 {
                try Task.spawn("user") { () throws(TaskError) in
                    defer { running -= 1 }
                    #expect(throws: Never.self) { try device.flush() }
                }.detach()
            }
            while running > 0 { try Task.sleep(for: .milliseconds(1)) }
            #expect(slow.requests == 10)
            let block = [UInt8](repeating: 0, count: 512)
            #expect(throws: BlockError(.readOnly)) { try device.write(0, from: block.span.bytes) }
        }
    }
}
