import Boot

/// The stack of a task: addresses reserved, pages committed on first touch, at least 16 KiB of nothing below.
struct Stack: Equatable {
    /// The lowest address that may be used, and the first above the stack. Multiples of a page.
    let bottom: UInt64
    let top: UInt64

    /// The bytes between the deepest point ever reached and the top.
    ///
    /// Pages come zeroed; what is not zero was used. An array of zeros at the very end of a stack is not seen.
    var deepestUse: UInt64 {
        var address = bottom
        while address < top {
            if address & UInt64(Heap.pageSize - 1) == 0, !apus_is_mapped(address) {
                address += UInt64(Heap.pageSize)
                continue
            }
            if unsafe UnsafePointer<UInt64>(bitPattern: UInt(address))!.pointee != 0 { break }
            address += 8
        }
        return top - address
    }
}

/// Where stacks lie: a gigabyte of addresses that no memory has, in slots of 64 KiB.
///
/// A stack takes as many slots as its size and its guard need, and lies at their upper end; what is left below is the
/// guard. `Memory.stackPage` gives the pages when they are first touched.
@safe
struct StackArena {
    static var base: UInt64 { apus_stack_arena() }
    static let slotSize: UInt64 = 64 << 10
    static let slotCount = 16384
    static let smallestGuard: UInt64 = 16 << 10

    /// A bit for each slot, set when it is taken.
    private var taken: UnsafeMutablePointer<UInt64>?
    private var hint = 0

    /// Reserves a stack of `size` bytes, rounded up to pages, or nil when addresses or memory are exhausted.
    mutating func allocate(_ size: Int) -> Stack? {
        guard size > 0, size <= 64 << 20, prepare() else { return nil }
        let page = UInt64(Heap.pageSize)
        let size = (UInt64(size) + page - 1) & ~(page - 1)
        let slots = StackArena.slots(size)
        guard let first = firstFree(slots, from: hint) ?? firstFree(slots, from: 0) else { return nil }
        for slot in first..<(first + slots) { unsafe taken![slot >> 6] |= 1 << UInt64(slot & 63) }
        hint = first + slots
        let top = StackArena.base + UInt64(first + slots) * StackArena.slotSize
        return Stack(bottom: top - size, top: top)
    }

    /// Takes back `stack` and its pages.
    mutating func free(_ stack: Stack) {
        var address = stack.bottom
        while address < stack.top {
            let page = apus_unmap_page(address)
            if page != 0 { unsafe Memory.freePage(UnsafeMutableRawPointer(bitPattern: UInt(page))!) }
            address += UInt64(Heap.pageSize)
        }
        let end = Int((stack.top - StackArena.base) / StackArena.slotSize)
        let slots = StackArena.slots(stack.top - stack.bottom)
        for slot in (end - slots)..<end { unsafe taken![slot >> 6] &= ~(1 << UInt64(slot & 63)) }
        hint = min(hint, end - slots)
    }

    /// Whether `address` lies in `stack` or in the guard below it.
    static func covers(_ stack: Stack, _ address: UInt64) -> Bool {
        stack.bottom >= base && address < stack.top
            && address >= stack.top - UInt64(slots(stack.top - stack.bottom)) * slotSize
    }

    /// How many slots a stack of `size` bytes takes, its guard included.
    private static func slots(_ size: UInt64) -> Int { Int((size + smallestGuard + slotSize - 1) / slotSize) }

    private mutating func prepare() -> Bool {
        if unsafe taken == nil, let page = unsafe Memory.clearedPage() {
            unsafe taken = page.assumingMemoryBound(to: UInt64.self)
        }
        return unsafe taken != nil
    }

    private func firstFree(_ count: Int, from start: Int) -> Int? {
        var run = 0
        var slot = start
        while slot < StackArena.slotCount {
            run = unsafe taken![slot >> 6] >> UInt64(slot & 63) & 1 == 0 ? run + 1 : 0
            slot += 1
            if run == count { return slot - count }
        }
        return nil
    }
}
