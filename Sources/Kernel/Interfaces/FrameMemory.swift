/// The buffers of a network device: equal pieces of one DMA memory, the first `transmitBuffers` for frames to send, the rest for received ones.
/// For authors of drivers, beside `FramePool`.
///
/// Every access is checked against the size of a buffer; whose a buffer is at the moment is the driver's business.
@frozen
@safe
public struct FrameMemory<Memory: DMAMemory, let transmitBuffers: Int> {
    /// Bytes in a buffer: whole cache lines, and more than the longest frame with what devices put before it.
    @inlinable
    public static var bufferSize: Int { 2048 }

    @usableFromInline let memory: Memory
    // Valid for `memory.bytes.count` bytes as long as `memory` lives, which this value keeps.
    @usableFromInline let start: UnsafeMutableRawPointer
    /// Buffers for received frames.
    public let receiveBuffers: Int

    /// The buffers in `memory`, which begins on a cache line and is nobody else's. Traps when there is none for received frames; more than
    /// 65535 of them are not used.
    public init(_ memory: Memory) {
        self.memory = memory
        unsafe start = memory.bytes.baseAddress!
        let buffers = unsafe memory.bytes.count / Self.bufferSize
        precondition(buffers > transmitBuffers, "FrameMemory: no memory for received frames")
        precondition(memory.physicalAddress & 63 == 0, "FrameMemory: the memory begins on a cache line")
        receiveBuffers = min(buffers - transmitBuffers, Int(UInt16.max))
    }

    /// The number, among all buffers, of receive buffer `index`.
    @inlinable
    public static func receive(_ index: Int) -> Int { transmitBuffers + index }

    /// The physical address of `buffer`.
    @inlinable @inline(__always)
    public func address(_ buffer: Int) -> UInt64 { memory.physicalAddress + UInt64(buffer * Self.bufferSize) }

    /// The little-endian word at `offset` of `buffer`, at any alignment.
    @inlinable @inline(__always)
    public func word(_ offset: Int, of buffer: Int) -> UInt32 {
        precondition(offset >= 0 && offset + 4 <= Self.bufferSize, "FrameMemory: a word past its buffer")
        return unsafe UInt32(
            littleEndian: start.loadUnaligned(fromByteOffset: buffer * Self.bufferSize + offset, as: UInt32.self))
    }

    /// Writes the little-endian word at `offset` of `buffer`.
    @inlinable @inline(__always)
    public func setWord(_ value: UInt32, at offset: Int, of buffer: Int) {
        precondition(offset >= 0 && offset + 4 <= Self.bufferSize, "FrameMemory: a word past its buffer")
        unsafe start.storeBytes(
            of: value.littleEndian, toByteOffset: buffer * Self.bufferSize + offset, as: UInt32.self)
    }

    /// Lets `fill` write `length` bytes at `offset` of `buffer`, and pads them with zeros up to `least`.
    @inlinable
    public func fill(
        _ buffer: Int, at offset: Int, length: Int, least: Int = 0, _ fill: (inout MutableRawSpan) -> Void
    ) {
        precondition(offset + max(length, least) <= Self.bufferSize, "FrameMemory: a frame past its buffer")
        let place = unsafe start + buffer * Self.bufferSize + offset
        var span = unsafe MutableRawSpan(_unsafeStart: place, byteCount: length)
        fill(&span)
        if length < least {
            unsafe (place + length).initializeMemory(as: UInt8.self, repeating: 0, count: least - length)
        }
    }

    /// The bytes of `buffer`, for a frame made of it.
    @inlinable @inline(__always)
    public func bytes(_ buffer: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: start + buffer * Self.bufferSize, count: Self.bufferSize)
    }

    /// Writes the processor's view of `range` of `buffer` to memory, before every later register access.
    @inlinable @inline(__always)
    public func clean(_ range: Range<Int>, of buffer: Int) { memory.clean(extent(range, of: buffer)) }

    /// Drops the processor's view of `range` of `buffer`, after every earlier register access.
    @inlinable @inline(__always)
    public func invalidate(_ range: Range<Int>, of buffer: Int) { memory.invalidate(extent(range, of: buffer)) }

    /// Writes everything to memory: no dirty line is left that could be evicted over what a device writes.
    public func cleanAll() { memory.clean(0..<(unsafe memory.bytes.count)) }

    @inlinable @inline(__always)
    func extent(_ range: Range<Int>, of buffer: Int) -> Range<Int> {
        let base = buffer * Self.bufferSize
        return base + range.lowerBound..<base + range.upperBound
    }
}
