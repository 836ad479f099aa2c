import Boot
import Interfaces
import Testing

@testable import Runtime

/// A disk that takes its time, during which other tasks run, and remembers what it was asked.
private final class SlowDisk: BlockDevice {
    enum Call: Equatable {
        case read(Range<UInt64>, pieces: Int)
        case write(Range<UInt64>, pieces: Int)
        case flush
        case discard(Range<UInt64>)
    }

    let geometry = BlockGeometry(blockCount: 100_000)
    var calls: [Call] = []
    var blocks: [UInt64: UInt8] = [:]
    /// Blocks that cannot be moved.
    var bad: Set<UInt64> = []
    private var isBusy = false

    private func take(_ call: Call, _ blocks: Range<UInt64>) throws(BlockError) {
        #expect(!isBusy, "one call at a time")
        isBusy = true
        defer { isBusy = false }
        calls.append(call)
        TaskClock().wait(for: .microseconds(100))
        if bad.contains(where: { blocks.contains($0) }) { throw BlockError(.corrupted, unknown: blocks) }
    }

    private func range(_ first: UInt64, _ pieces: Span<BlockPiece>) -> Range<UInt64> {
        var count = 0
        for index in pieces.indices { count += pieces[index].count / 512 }
        return first..<first + UInt64(count)
    }

    private func move(_ first: UInt64, _ pieces: Span<BlockPiece>, _ body: (UInt64, UnsafeMutableRawPointer) -> Void) {
        var block = first
        for index in pieces.indices {
            for offset in stride(from: 0, to: pieces[index].count, by: 512) {
                unsafe body(block, pieces[index].bytes.baseAddress! + offset)
                block += 1
            }
        }
    }

    func read(_ first: UInt64, scatter pieces: Span<BlockPiece>) throws(BlockError) {
        try take(.read(range(first, pieces), pieces: pieces.count), range(first, pieces))
        move(first, pieces) { unsafe $1.initializeMemory(as: UInt8.self, repeating: blocks[$0] ?? 0, count: 512) }
    }

    func write(_ first: UInt64, gather pieces: Span<BlockPiece>) throws(BlockError) {
        try take(.write(range(first, pieces), pieces: pieces.count), range(first, pieces))
        move(first, pieces) { blocks[$0] = unsafe $1.load(as: UInt8.self) }
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(BlockError) in
            let piece: [1 of BlockPiece] = [unsafe BlockPiece(bytes)]
            try read(first, scatter: piece.span)
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        try unsafe buffer.withUnsafeBytes { (bytes) throws(BlockError) in
            let piece: [1 of BlockPiece] = [unsafe BlockPiece(reading: bytes)]
            try write(first, gather: piece.span)
        }
    }

    func flush() throws(BlockError) { try take(.flush, 0..<0) }
    func discard(_ blocks: Range<UInt64>) throws(BlockError) { try take(.discard(blocks), blocks) }
}

/// A task's own error and what it read.
private final class Outcome {
    var error: BlockError?
    var bytes: [UInt8] = []
}

extension SharedBlockDevice {
    fileprivate func writeBlocks(_ first: UInt64, _ count: Int, _ value: UInt8) throws(BlockError) {
        try write(first, from: [UInt8](repeating: value, count: count * 512).span.bytes)
    }

    fileprivate func readBlocks(_ first: UInt64, _ count: Int) throws(BlockError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count * 512)
        var span = bytes.mutableSpan
        var buffer = unsafe span.mutableBytes
        try read(first, into: &buffer)
        return stride(from: 0, to: bytes.count, by: 512).map { bytes[$0] }
    }
}

/// A block that a task writes and reads back.
private struct Step {
    let block: UInt64
    let value: UInt8
}

extension SharedBlockDevice {
    fileprivate func follow(_ plan: [Step]) -> BlockError? {
        failure { (shared) throws(BlockError) in
            for step in plan {
                try shared.writeBlocks(step.block, 1, step.value)
                let seen = try shared.readBlocks(step.block, 1)
                #expect(seen == [step.value])
            }
        }
    }

    /// What `body` throws.
    fileprivate func failure(_ body: (SharedBlockDevice) throws(BlockError) -> Void) -> BlockError? {
        do throws(BlockError) {
            try body(self)
            return nil
        } catch {
            return error
        }
    }
}

extension TaskTests {
    /// Runs `bodies` as tasks, the first one first, and waits for all. Returns their errors.
    @discardableResult
    private func together(_ bodies: [() -> BlockError?]) throws -> [BlockError?] {
        let outcomes = bodies.map { _ in Outcome() }
        var next = 0
        // Tasks cannot lie in an array; each starts the rest.
        func start() throws(TaskError) {
            guard next < bodies.count else { return }
            let index = next
            next += 1
            let task = try Task.spawn("request") { () throws(TaskError) in
                outcomes[index].error = bodies[index]()
            }
            try start()
            try task.join()
        }
        try start()
        return outcomes.map(\.error)
    }

    @Test func `before the end what is queued is done, and what comes then is refused`() throws {
        try withTasks {
            let disk = SlowDisk()
            let shared = SharedBlockDevice(disk)
            func write(_ block: UInt64) -> () -> BlockError? {
                { shared.failure { (shared) throws(BlockError) in try shared.writeBlocks(block, 1, 1) } }
            }
            let errors = try together([
                write(500), write(10), write(20),
                {
                    SharedBlockDevice.closing?(SystemTime.now + .seconds(1))
                    #expect(disk.calls.count == 3)
                    return write(30)()
                },
            ])
            #expect(errors.map { $0?.cause } == [nil, nil, nil, .absent])
            #expect(disk.blocks.count == 3)
        }
    }

    @Test func `the end does not wait for a disk beyond its time, nor for one that is no longer there`() throws {
        try withTasks {
            let disk = SlowDisk()
            let shared = SharedBlockDevice(disk)
            _ = SharedBlockDevice(SlowDisk())
            let errors = try together([
                { shared.failure { (shared) throws(BlockError) in try shared.writeBlocks(500, 1, 9) } },
                {
                    SharedBlockDevice.closing?(SystemTime.now)
                    #expect(disk.blocks.isEmpty)
                    return nil
                },
            ])
            #expect(errors == [nil, nil] && disk.blocks.count == 1)
        }
    }

    @Test func `requests that are neighbours become one, in the order of their blocks`() throws {
        try withTasks {
            let disk = SlowDisk()
            let shared = SharedBlockDevice(disk)
            var bodies: [() -> BlockError?] = [
                { shared.failure { (shared) throws(BlockError) in try shared.writeBlocks(500, 1, 9) } }
            ]
            for index in [3, 1, 4, 2, 0] as [UInt64] {
                bodies.append {
                    shared.failure { (shared) throws(BlockError) in
                        try shared.writeBlocks(1000 + index * 2, 2, UInt8(index))
                    }
                }
            }
            let errors = try together(bodies)
            #expect(errors.allSatisfy { $0 == nil } && errors.count == 6)
            #expect(disk.calls == [.write(500..<501, pieces: 1), .write(1000..<1010, pieces: 5)])
            #expect(shared.mergedRequests == 4)
            #expect((1000..<1010).map { disk.blocks[$0] } == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
            let seen = try shared.readBlocks(1000, 10)
            #expect(seen == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
        }
    }

    @Test func `the device sweeps upwards and begins anew at the lowest`() throws {
        try withTasks {
            let disk = SlowDisk()
            let shared = SharedBlockDevice(disk)
            let blocks: [UInt64] = [50, 10, 90, 60, 20, 70]
            try together(
                blocks.map { block in
                    { shared.failure { (shared) throws(BlockError) in _ = try shared.readBlocks(block, 1) } }
                })
            #expect(
                disk.calls == [50, 60, 70, 90, 10, 20].map { .read($0..<$0 + 1, pieces: 1) })
        }
    }

    @Test func `reads, writes and flushes do not become one`() throws {
        try withTasks {
            let disk = SlowDisk()
            let shared = SharedBlockDevice(disk)
            try together([
                { shared.failure { (shared) throws(BlockError) in _ = try shared.readBlocks(0, 1) } },
                { shared.failure { (shared) throws(BlockError) in _ = try shared.readBlocks(1, 1) } },
                { shared.failure { (shared) throws(BlockError) in try shared.writeBlocks(2, 1, 1) } },
                { shared.failure { (shared) throws(BlockError) in try shared.flush() } },
                { shared.failure { (shared) throws(BlockError) in try shared.discard(3..<4) } },
            ])
            #expect(disk.calls.count == 5 && shared.mergedRequests == 0)
        }
    }

    @Test func `an error is of the request whose blocks it names`() throws {
        try withTasks {
            let disk = SlowDisk()
            disk.bad = [11]
            let shared = SharedBlockDevice(disk)
            let errors = try together([
                { shared.failure { (shared) throws(BlockError) in _ = try shared.readBlocks(0, 1) } },
                { shared.failure { (shared) throws(BlockError) in try shared.writeBlocks(10, 1, 1) } },
                { shared.failure { (shared) throws(BlockError) in try shared.writeBlocks(11, 1, 2) } },
                { shared.failure { (shared) throws(BlockError) in try shared.writeBlocks(12, 1, 3) } },
            ])
            #expect(errors == [nil, nil, BlockError(.corrupted, unknown: 11..<12), nil])
            #expect(disk.blocks[10] == 1 && disk.blocks[12] == 3)
        }
    }

    @Test func `a long request lets others have their turns`() throws {
        try withTasks {
            let disk = SlowDisk()
            let shared = SharedBlockDevice(disk)
            try together([
                { shared.failure { (shared) throws(BlockError) in try shared.writeBlocks(0, 6000, 1) } },
                { shared.failure { (shared) throws(BlockError) in _ = try shared.readBlocks(9000, 1) } },
            ])
            let place = try #require(disk.calls.firstIndex(of: .read(9000..<9001, pieces: 1)))
            #expect(place > 0 && place < disk.calls.count - 1)
            #expect((0..<6000).allSatisfy { disk.blocks[$0] == 1 })
        }
    }

    @Test func `a cancelled task's request is done in its turn, like the others`() throws {
        try withTasks {
            let disk = SlowDisk()
            let shared = SharedBlockDevice(disk)
            let (first, second, third) = (Outcome(), Outcome(), Outcome())
            func reader(_ block: UInt64, _ outcome: Outcome) throws(TaskError) -> Task {
                try Task.spawn("reader") { () throws(TaskError) in
                    do throws(BlockError) { outcome.bytes = try shared.readBlocks(block, 1) } catch {
                        outcome.error = error
                    }
                }
            }
            disk.blocks = [5: 5, 7: 7, 9: 9]
            let one = try reader(5, first)
            let two = try reader(7, second)
            let three = try reader(9, third)
            Task.yield()
            one.cancel()  // the device has it: it is done
            two.cancel()  // queued: it is done, too
            try one.join()
            try two.join()
            try three.join()
            #expect(first.bytes == [5] && first.error == nil)
            #expect(second.bytes == [7] && second.error == nil)
            #expect(third.bytes == [9] && disk.calls.count == 3)
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `many tasks with random requests leave what a single one would`(seed: UInt64) throws {
        try withTasks {
            let disk = SlowDisk()
            let shared = SharedBlockDevice(disk)
            var state = seed &* 0x9E37_79B9_7F4A_7C15
            func random(_ limit: UInt64) -> UInt64 {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return state % limit
            }
            // Each task has blocks of its own, next to those of others.
            var plans: [[Step]] = []
            for task in 0..<8 as Range<UInt64> {
                plans.append((0..<20).map { Step(block: random(40) * 8 + task, value: UInt8($0)) })
            }
            try together(plans.map { plan in { shared.follow(plan) } })
            var expected: [UInt64: UInt8] = [:]
            for plan in plans { for step in plan { expected[step.block] = step.value } }
            #expect(disk.blocks == expected)
        }
    }
}
