import Boot
import Interfaces
import Synchronization

/// The memory of the board: the heap that serves Swift, and memory that devices reach.
public enum Memory {
    /// Owned by the runtime, changed by tasks only.
    nonisolated(unsafe) static var heap = Heap(origin: 0)

    /// Hands the physical memory `start..<end`, which is mapped and nobody else's, to the heap for good.
    public static func add(start: UInt, end: UInt) { withHeap { heap in heap.add(start: start, end: end) } }

    /// Enters the heap: a page of stack that is touched for the first time meanwhile, in a function of the heap or of whoever changes it, comes
    /// from the reserve. Every change of the heap goes through here.
    @inline(__always)
    static func withHeap<Result: ~Copyable>(_ body: (inout Heap) -> Result) -> Result {
        // An atomic store stays where it is written: a fault can come with any function's first touch of the stack.
        let before = isHeapBusy.load(ordering: .relaxed)
        isHeapBusy.store(true, ordering: .relaxed)
        let result = unsafe body(&heap)
        isHeapBusy.store(before, ordering: .relaxed)
        return result
    }

    /// What the heap has handed out.
    public static var statistics: HeapStatistics { unsafe heap.statistics }

    /// `size` bytes of zeros for a device and the processor, whole pages below 1 GiB; nil when there are none. Never given back:
    /// a device that was not stopped could still write to it.
    public static func allocateDeviceMemory(_ size: Int) -> DeviceMemory? {
        let block = unsafe withHeap { heap in
            unsafe heap.allocate(size, alignment: Heap.pageSize, zone: .reachableByDevices)
        }
        guard let block = unsafe block else { return nil }
        unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        // The zeros go to memory now: a line of them that stayed dirty could be evicted over what a device has written.
        unsafe apus_clean_cache(block, size)
        return unsafe DeviceMemory(bytes: UnsafeMutableRawBufferPointer(start: block, count: size))
    }

    /// A page of zeros for a translation table or a stack, or nil when memory is exhausted. The caller owns it until
    /// `freePage`.
    public static func clearedPage() -> UnsafeMutableRawPointer? {
        guard let page = unsafe withHeap({ heap in unsafe heap.allocatePages(1) }) else { return nil }
        unsafe page.initializeMemory(as: UInt64.self, repeating: 0, count: Heap.pageSize / 8)
        return unsafe page
    }

    static func freePage(_ page: UnsafeMutableRawPointer) { withHeap { heap in unsafe heap.freePages(page) } }
}

#if hasFeature(Embedded)
    // MARK: - What compiled Swift calls

    /// Serves Swift's allocation. `alignment` is a power of two.
    @c(posix_memalign)
    public func posixMemalign(
        _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ alignment: Int, _ size: Int
    ) -> Int32 {
        let outOfMemory: Int32 = 12
        let block = unsafe Memory.withHeap { heap in unsafe heap.allocate(size, alignment: alignment) }
        Memory.endVisit()
        guard let block = unsafe block else { return outOfMemory }
        unsafe result.pointee = unsafe block
        return 0
    }

    /// Takes back what `posix_memalign` gave; nothing for null.
    @c(apus_free)
    public func freeBlock(_ block: UnsafeMutableRawPointer?) {
        guard let block = unsafe block else { return }
        Memory.withHeap { heap in unsafe heap.free(block) }
        Memory.endVisit()
    }
#endif
