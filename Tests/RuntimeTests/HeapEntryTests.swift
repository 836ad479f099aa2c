import Boot
import Interfaces
import TaskBench
import Testing

@testable import Runtime

/// The heap while a page of a stack is touched for the first time, which can happen in any of its functions.
@Suite(.serialized) struct HeapEntryTests {
    /// Takes pages until an arena that nobody has touched yet is opened by `body`, whose stack grows at that moment; gives them back.
    private func growInside(_ body: () -> Void) throws {
        let task = try Task.spawn("deep") { () throws(TaskError) in try Task.sleep(for: .seconds(1)) }
        defer { task.cancel() }
        let stack = try #require(unsafe Scheduler.all?.pointee.stack)
        var taken: [UnsafeMutableRawPointer] = []
        var isOpened = false
        var committed = 0
        unsafe Heap.touch = {
            isOpened = true
            let isBusy = Memory.isHeapBusy.load(ordering: .relaxed)
            #expect(isBusy)
            let before = Memory.reserveCount
            unsafe Heap.touch = nil
            #expect(Memory.commitStackPage(stack.top - 4096))
            committed = before - Memory.reserveCount
        }
        defer {
            unsafe Heap.touch = nil
            for block in taken { unsafe Memory.freePage(block) }
        }
        while !isOpened {
            // All but a little of what is left in the arena that is open.
            while let block = unsafe Memory.withHeap({ unsafe $0.allocatePages(100) }), !isOpened {
                taken.append(block)
            }
            if isOpened { break }
            body()
        }
        #expect(committed == 1)
        let isBusy = Memory.isHeapBusy.load(ordering: .relaxed)
        #expect(!isBusy)
    }

    @Test func `a page of stack that is touched inside the heap comes from the reserve`() throws {
        try withTasks {
            try growInside { _ = unsafe Memory.clearedPage() }
        }
    }

    @Test func `what the reserve has given is there again after the next visit of the heap`() throws {
        try withTasks {
            #expect(Memory.isReserveFull)
            let task = try Task.spawn("deep") { () throws(TaskError) in try Task.sleep(for: .seconds(1)) }
            let stack = try #require(unsafe Scheduler.all?.pointee.stack)
            // Five pages deep, each touched for the first time inside the heap, and no switch between two.
            for page in 1...5 as ClosedRange<UInt64> {
                Memory.withHeap { _ in #expect(Memory.commitStackPage(stack.top - page * 4096)) }
                #expect(!Memory.isReserveFull)
                Memory.endVisit()
                #expect(Memory.isReserveFull)
            }
            task.cancel()
            try? task.join()
        }
    }
}
