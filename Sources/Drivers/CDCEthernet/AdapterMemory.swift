import Interfaces

/// The buffers of an adapter: equal pieces of one memory, the first for frames to send, the rest for received ones.
@safe
struct AdapterMemory<Memory: DMAMemory> {
    /// Bytes in a buffer: whole packets of every size, and more than a frame with its header.
    static var bufferSize: Int { 2048 }
    /// Buffers for frames to send.
    static var transmitBuffers: Int { 16 }

    private let memory: Memory
    // Valid for `memory.bytes.count` bytes as long as `memory` lives, which this value keeps.
    private let start: UnsafeMutableRawPointer
    /// Buffers for received frames.
    let receiveBuffers: Int

    init(_ memory: Memory) {
        self.memory = memory
        unsafe start = memory.bytes.baseAddress!
        receiveBuffers = unsafe memory.bytes.count / Self.bufferSize - Self.transmitBuffers
        precondition(receiveBuffers > 0, "CDCEthernet: not enough memory, see memorySize")
        precondition(memory.physicalAddress & 63 == 0, "CDCEthernet: the memory begins on a cache line")
    }

    /// The number, among all buffers, of receive buffer `index`.
    static func receive(_ index: Int) -> Int { transmitBuffers + index }

    /// The physical address of `buffer`.
    func address(_ buffer: Int) -> UInt64 { memory.physicalAddress + UInt64(buffer * Self.bufferSize) }

    /// The bytes of `buffer`.
    func bytes(_ buffer: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: start + buffer * Self.bufferSize, count: Self.bufferSize)
    }

    /// The word at `offset` of `buffer`, little-endian, at any alignment.
    func word(_ offset: Int, of buffer: Int) -> UInt32 {
        precondition(offset >= 0 && offset + 4 <= Self.bufferSize, "CDCEthernet: a word past its buffer")
        return unsafe UInt32(
            littleEndian: start.loadUnaligned(fromByteOffset: buffer * Self.bufferSize + offset, as: UInt32.self))
    }

    /// Writes the word at `offset` of `buffer`.
    func setWord(_ value: UInt32, at offset: Int, of buffer: Int) {
        precondition(offset >= 0 && offset + 4 <= Self.bufferSize, "CDCEthernet: a word past its buffer")
        unsafe start.storeBytes(
            of: value.littleEndian, toByteOffset: buffer * Self.bufferSize + offset, as: UInt32.self)
    }

    /// Lets `fill` write `length` bytes at `offset` of `buffer`.
    func fill(_ buffer: Int, at offset: Int, length: Int, _ fill: (inout MutableRawSpan) -> Void) {
        precondition(offset + length <= Self.bufferSize, "CDCEthernet: a frame past its buffer")
        var span = unsafe MutableRawSpan(
            _unsafeStart: start + buffer * Self.bufferSize + offset, byteCount: length)
        fill(&span)
    }

    /// Writes the processor's view of `range` of `buffer` to memory, before every later register access.
    func clean(_ range: Range<Int>, of buffer: Int) { memory.clean(extent(range, of: buffer)) }

    /// Drops the processor's view of `range` of `buffer`, after every earlier register access.
    func invalidate(_ range: Range<Int>, of buffer: Int) { memory.invalidate(extent(range, of: buffer)) }

    /// Writes everything to memory: no dirty line is left that could be evicted over what a device writes.
    func cleanAll() { memory.clean(0..<(unsafe memory.bytes.count)) }

    private func extent(_ range: Range<Int>, of buffer: Int) -> Range<Int> {
        let base = buffer * Self.bufferSize
        return base + range.lowerBound..<base + range.upperBound
    }
}
