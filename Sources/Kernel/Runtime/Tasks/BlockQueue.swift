import Interfaces

/// The requests that wait for a block device, in the order of their blocks, and who comes next.
///
/// A task has at most one request here, on its own stack: nothing is allocated, and there are never more than tasks. The next is the
/// one that begins at or after the place where the device is, the lowest one when there is none (circular look): everybody's turn
/// comes within one round, and neighbours meet.
@safe
struct BlockQueue {
    private var first: UnsafeMutablePointer<BlockRequest>?
    /// The block behind what was done last.
    private(set) var position: UInt64 = 0

    var isEmpty: Bool { unsafe first == nil }

    /// Puts `request` where its first block belongs, behind others with the same.
    mutating func insert(_ request: UnsafeMutablePointer<BlockRequest>) {
        let block = unsafe request.pointee.blocks.lowerBound
        guard let start = unsafe first, unsafe start.pointee.blocks.lowerBound <= block else {
            unsafe request.pointee.next = unsafe first
            unsafe first = unsafe request
            return
        }
        var before = unsafe start
        while let next = unsafe before.pointee.next, unsafe next.pointee.blocks.lowerBound <= block {
            unsafe before = unsafe next
        }
        unsafe request.pointee.next = unsafe before.pointee.next
        unsafe before.pointee.next = unsafe request
    }

    /// Takes `request` out.
    mutating func remove(_ request: UnsafeMutablePointer<BlockRequest>) {
        if unsafe first == request {
            unsafe first = unsafe request.pointee.next
            return
        }
        var before = unsafe first
        while let one = unsafe before {
            if unsafe one.pointee.next == request {
                unsafe one.pointee.next = unsafe request.pointee.next
                return
            }
            unsafe before = unsafe one.pointee.next
        }
    }

    /// The request that comes next; it stays where it is.
    func next() -> UnsafeMutablePointer<BlockRequest>? {
        var request = unsafe first
        while let one = unsafe request, unsafe one.pointee.blocks.lowerBound < position {
            unsafe request = unsafe one.pointee.next
        }
        return unsafe request ?? first
    }

    /// The highest level of the tasks whose requests wait, but for `holder`'s own: all of them wait for it. Nil when there is none.
    func waitFor(_ holder: TaskPointer) -> UInt8? {
        var highest: UInt8?
        var request = unsafe first
        while let one = unsafe request {
            if unsafe one.pointee.task != holder {
                unsafe one.pointee.task.pointee.waitsOn = unsafe holder
                highest = unsafe min(highest ?? .max, one.pointee.task.pointee.level)
            }
            unsafe request = unsafe one.pointee.next
        }
        return highest
    }

    /// Says that the device now is behind `block`.
    mutating func advance(to block: UInt64) { position = block }

    /// Takes out what continues `request`, and what continues that, and so on: at most `count` requests, `request` among them, and
    /// `blocks` blocks. Hands each to `body`.
    mutating func takeRun(
        from request: UnsafeMutablePointer<BlockRequest>, atMost count: Int, blocks: UInt64,
        _ body: (UnsafeMutablePointer<BlockRequest>) -> Void
    ) {
        let start = unsafe request.pointee.blocks.lowerBound
        var last = unsafe request
        var taken = 0
        while taken < count {
            let next = unsafe last.pointee.next
            unsafe remove(last)
            unsafe body(last)
            taken += 1
            guard let next = unsafe next, unsafe last.pointee.isContinued(by: next.pointee),
                unsafe next.pointee.blocks.upperBound - start <= blocks, unsafe next.pointee.state == .queued
            else { return }
            unsafe last = unsafe next
        }
    }
}
