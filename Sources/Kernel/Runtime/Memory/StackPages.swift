import Boot
import Synchronization

/// Pages for stacks that are touched for the first time. The fault can come in the middle of anything, in the heap too: then a page
/// is taken from a small reserve, which is filled again when the heap is done.
extension Memory {
    /// The heap is being changed: a fault now must not enter it.
    static let isHeapBusy = Atomic<Bool>(false)
    nonisolated(unsafe) private static var reserve: [4 of UnsafeMutableRawPointer?] = [nil, nil, nil, nil]
    nonisolated(unsafe) private(set) static var reserveCount = 0

    /// Tops up the reserve, after each visit of the heap that has used it. Not in the middle of one.
    @inline(never)
    static func fillReserve() {
        // In the middle of a visit: whoever ends it fills the reserve.
        if isHeapBusy.load(ordering: .relaxed) { return }
        while unsafe reserveCount < 4, let page = unsafe clearedPage() {
            unsafe reserve[reserveCount] = unsafe page
            unsafe reserveCount += 1
        }
    }

    static var isReserveFull: Bool { unsafe reserveCount == 4 }

    /// After a visit of the heap by compiled Swift: replaces what faults have taken meanwhile. A task may go deep without a switch.
    @inline(__always)
    static func endVisit() { if !isReserveFull { fillReserve() } }

    /// A page of zeros, at any time in a task.
    private static func stackPage() -> UnsafeMutableRawPointer? {
        if !isHeapBusy.load(ordering: .relaxed) { return unsafe clearedPage() }
        guard unsafe reserveCount > 0 else { return nil }
        unsafe reserveCount -= 1
        return unsafe reserve[reserveCount]
    }

    /// Called by the exception vectors for a translation fault of a task: commits the page if a stack covers it.
    static func commitStackPage(_ address: UInt64) -> Bool {
        guard address >= StackArena.base, Scheduler.ownsStack(at: address) else { return false }
        guard let page = unsafe stackPage() else { return false }
        let start = address & ~UInt64(Heap.pageSize - 1)
        return unsafe apus_map(
            start, UInt64(UInt(bitPattern: page)), UInt64(Heap.pageSize), APUS_READ_WRITE, { unsafe Memory.stackPage() }
        )
    }
}

extension Scheduler {
    /// Whether `address` lies in a task's stack (and not in a guard).
    static func ownsStack(at address: UInt64) -> Bool {
        var next = unsafe all
        while let task = unsafe next {
            if unsafe address >= task.pointee.stack.bottom, unsafe address < task.pointee.stack.top { return true }
            unsafe next = task.pointee.nextOfAll
        }
        return false
    }
}
