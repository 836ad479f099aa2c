import Synchronization

/// Keeps the account of a device's receive buffers: which are free, which are with the device, which are owned by a frame
/// somewhere. For authors of drivers. The memory itself is the driver's; the pool knows numbers.
///
/// Taking and freeing are the driver's alone, from one task at a time. Frames come back from anywhere, by setting a bit in a word
/// that the driver collects when it runs dry: 64 buffers with one atomic operation.
@frozen
@safe
public struct FramePool: ~Copyable {
    @usableFromInline typealias Word = UnsafeMutablePointer<Atomic<UInt64>>

    /// Number of buffers.
    public let count: Int
    // Both have `wordCount` words from `init` to `deinit`. A buffer's bit is set in at most one of them. `free` is touched by the
    // driver only; `returned` atomically by everybody.
    @usableFromInline let wordCount: Int
    @usableFromInline let free: UnsafeMutablePointer<UInt64>
    @usableFromInline let returned: Word
    /// The word where the last buffer was found.
    @usableFromInline var cursor = 0

    /// An account of `count` buffers, numbered from 0, all free. Allocates, once.
    public init(count: Int) {
        precondition(count > 0, "FramePool: at least one buffer")
        self.count = count
        wordCount = (count + 63) / 64
        unsafe free = .allocate(capacity: wordCount)
        unsafe returned = .allocate(capacity: wordCount)
        for index in 0..<wordCount {
            let bits = count - index * 64
            unsafe (free + index).initialize(to: bits >= 64 ? .max : 1 << UInt64(bits) - 1)
            unsafe (returned + index).initialize(to: Atomic(0))
        }
    }

    // A frame that outlives its device would set a bit in freed memory.
    deinit {
        precondition(freeCount == count, "FramePool: a device was destroyed while its frames or rings held buffers")
        unsafe free.deallocate()
        unsafe returned.deinitialize(count: wordCount)
        unsafe returned.deallocate()
    }

    /// Buffers that are neither with the device nor owned by a frame.
    public var freeCount: Int {
        var sum = 0
        for index in 0..<wordCount {
            unsafe sum += free[index].nonzeroBitCount + returned[index].load(ordering: .relaxed).nonzeroBitCount
        }
        return sum
    }

    /// Takes a free buffer out of the account, or nil when there is none. The caller owns it until `giveBack` or until the end of the
    /// frame made of it.
    @inlinable @inline(__always)
    public mutating func take() -> Int? {
        for _ in 0..<wordCount {
            // Acquiring: whatever is done to a buffer from here on comes after the last load of its frame.
            if unsafe free[cursor] == 0 { unsafe free[cursor] = returned[cursor].exchange(0, ordering: .acquiring) }
            let word = unsafe free[cursor]
            if word != 0 {
                unsafe free[cursor] = word & (word - 1)
                return cursor * 64 + word.trailingZeroBitCount
            }
            cursor = cursor + 1 == wordCount ? 0 : cursor + 1
        }
        return nil
    }

    /// Puts buffer `index`, taken before and not made a frame, back into the account.
    @inlinable
    public mutating func giveBack(_ index: Int) { unsafe free[index >> 6] |= 1 << UInt64(index & 63) }

    /// Makes buffer `index`, taken before, a frame of the bytes `range` of `buffer`. It comes back to this account when the frame ends.
    @inlinable @inline(__always)
    public func frame(
        _ index: Int, of buffer: UnsafeRawBufferPointer, _ range: Range<Int>, checksum: ReceivedChecksum
    ) -> ReceivedFrame {
        precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count, "FramePool: a frame past its buffer")
        return unsafe ReceivedFrame(
            start: buffer.baseAddress! + range.lowerBound, count: range.count, checksum: checksum,
            home: returned + (index >> 6), mark: 1 << UInt64(index & 63))
    }
}
