import Boot
import Interfaces
import TaskBench
import Testing

@testable import Runtime

/// A device whose requests take a millisecond.
private final class SlowDevice: BlockDevice {
    let geometry = BlockGeometry(blockCount: 8)
    private(set) var flushes = 0

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) { wait() }
    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) { wait() }
    func discard(_ blocks: Range<UInt64>) throws(BlockError) { wait() }
    func flush() throws(BlockError) {
        wait()
        flushes += 1
    }

    private func wait() { TaskClock().wait(for: .milliseconds(1)) }
}

@Suite(.serialized) struct PriorityTests {
    @Test func `who holds an exclusion runs as soon as who waits for it would`() throws {
        try VirtualProcessor.run(step: 200) {
            let exclusion = TaskExclusion()
            var isHeld = false
            let low = try Task.spawn("low", priority: .low) { () throws(TaskError) in
                _ = exclusion.enter()
                isHeld = true
                TaskClock().wait(for: .milliseconds(1))
                exclusion.leave()
            }
            while !isHeld { try Task.sleep(for: .microseconds(100)) }
            var busy = 2
            let end = SystemTime.now + .seconds(1)
            for _ in 0..<2 {
                try Task.spawn("busy") { () throws(TaskError) in
                    while SystemTime.now < end { Task.yield() }
                    busy -= 1
                }.detach()
            }
            #expect(exclusion.enter())
            #expect(busy == 2, "the turn came only when the others had ended")
            exclusion.leave()
            #expect(unsafe Scheduler.current.pointee.level == Task.Priority.normal.rawValue)
            while busy > 0 { try Task.sleep(for: .milliseconds(10)) }
            try low.join()
        }
    }

    @Test func `a loan goes on to whom the holder waits for, and back when the turn ends`() throws {
        try VirtualProcessor.run(step: 200) {
            let (outer, inner) = (Mutex(0), TaskExclusion())
            var log = ""
            let first = try Task.spawn("inner", priority: .low) { () throws(TaskError) in
                _ = inner.enter()
                log += "i"
                try? Task.sleep(for: .milliseconds(2))
                inner.leave()
                log += unsafe Scheduler.current.pointee.level == 2 ? "r" : "!"
            }
            let second = try Task.spawn("outer", priority: .low) { () throws(TaskError) in
                try outer.withLock { _ in
                    log += "o"
                    _ = inner.enter()
                    inner.leave()
                }
            }
            try Task.sleep(for: .milliseconds(1))
            #expect(log == "io")
            let end = SystemTime.now + .seconds(1)
            let busy = try Task.spawn("busy") { () throws(TaskError) in while SystemTime.now < end { Task.yield() } }
            try outer.withLock { _ in #expect(SystemTime.now < end) }
            try busy.join()
            try first.join()
            try second.join()
            #expect(log == "ior")
        }
    }

    @Test func `who performs at a shared device has the priority of the highest that waits`() throws {
        try VirtualProcessor.run(step: 200) {
            let device = SharedBlockDevice(SlowDevice())
            var ended = 0
            for _ in 0..<3 {
                try Task.spawn("low", priority: .low) { () throws(TaskError) in
                    try? device.flush()
                    ended += 1
                }.detach()
            }
            try Task.sleep(for: .microseconds(500))
            let end = SystemTime.now + .seconds(1)
            let busy = try Task.spawn("busy") { () throws(TaskError) in while SystemTime.now < end { Task.yield() } }
            try device.flush()
            #expect(SystemTime.now < end)
            try busy.join()
            while ended < 3 { try Task.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func `a wait for hardware that does not come lets others run`() throws {
        try VirtualProcessor.run(step: 50) {
            var ticks = 0
            let end = SystemTime.now + .seconds(3)
            let ticker = try Task.spawn("ticker", priority: .low) { () throws(TaskError) in
                var deadline = SystemTime.now
                while deadline < end {
                    deadline = deadline + .milliseconds(10)
                    try Task.sleep(until: deadline)
                    ticks += 1
                }
            }
            #expect(!TaskClock().poll(for: .seconds(3), every: .microseconds(2)) { false })
            #expect(ticks > 290)
            // Nor do many short waits one behind the other.
            var turns = 0
            let other = try Task.spawn("other") { () throws(TaskError) in
                while turns < 20 {
                    turns += 1
                    Task.yield()
                }
            }
            for _ in 0..<10_000 { TaskClock().wait(for: .microseconds(2)) }
            #expect(turns == 20)
            try other.join()
            try ticker.join()
        }
    }

    @Test func `what a cancelled task does at its end does not depend on others`() throws {
        try withTasks {
            let slow = SlowDevice()
            let device = SharedBlockDevice(slow)
            let exclusion = TaskExclusion()
            var failures = 0
            var done = 0
            for _ in 0..<3 {
                let task = try Task.spawn("writer") { () throws(TaskError) in
                    defer {
                        if exclusion.enter() {
                            do { try device.flush() } catch { failures += 1 }
                            exclusion.leave()
                        } else {
                            failures += 1
                        }
                        do { try device.flush() } catch { failures += 1 }
                        done += 1
                    }
                    try Task.sleep(for: .seconds(100))
                }
                try Task.sleep(for: .microseconds(10))
                task.cancel()
                task.detach()
            }
            while done < 3 { try Task.sleep(for: .milliseconds(1)) }
            #expect(failures == 0 && slow.flushes == 6)
        }
    }
}
