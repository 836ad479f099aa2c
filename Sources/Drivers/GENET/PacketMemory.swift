import Interfaces

/// The buffers of a GENET: equal pieces of one DMA memory, the first for the transmit descriptors (each has its own, for ever), the rest for
/// received frames.
///
/// Every access is checked against the size of a buffer; whose a buffer is at the moment is the rings' business.
@safe
struct PacketMemory<Memory: DMAMemory> {
    /// Bytes in a buffer: a multiple of the cache line, below the 4095 that a descriptor can say (erratum E12), and enough for status block,
    /// alignment and the longest frame that the MAC lets through.
    static var bufferSize: Int { 2048 }
    /// Bytes in a status block.
    static var statusBlockSize: Int { 64 }

    private let memory: Memory
    // Valid for `memory.bytes.count` bytes as long as `memory` lives, which this value keeps.
    private let start: UnsafeMutableRawPointer
    /// Buffers for received frames.
    let receiveBuffers: Int

    init(_ memory: Memory) {
        self.memory = memory
        unsafe start = memory.bytes.baseAddress!
        let buffers = unsafe memory.bytes.count / Self.bufferSize
        precondition(buffers > 2 * Ring.size, "GENET: not enough packet memory, see memorySize")
        receiveBuffers = min(buffers - Ring.size, Int(UInt16.max))
        let last = memory.physicalAddress + UInt64(unsafe memory.bytes.count) - 1
        // The upper address words of the descriptors are written once.
        precondition(memory.physicalAddress >> 32 == last >> 32 && last >> 40 == 0, "GENET: packet memory across 4 GiB")
        precondition(memory.physicalAddress & 63 == 0, "GENET: packet memory starts on a cache line")
    }

    /// The number, among all buffers, of receive buffer `index`.
    static func receive(_ index: Int) -> Int { Ring.size + index }

    /// The physical address of `buffer`.
    func address(_ buffer: Int) -> UInt64 { memory.physicalAddress + UInt64(buffer * Self.bufferSize) }

    /// The word at `offset` of `buffer`.
    func word(_ offset: Int, of buffer: Int) -> UInt32 {
        unsafe start.load(fromByteOffset: buffer * Self.bufferSize + offset, as: UInt32.self)
    }

    /// Writes the word at `offset` of `buffer`.
    func setWord(_ value: UInt32, at offset: Int, of buffer: Int) {
        unsafe start.storeBytes(of: value, toByteOffset: buffer * Self.bufferSize + offset, as: UInt32.self)
    }

    /// Lets `fill` write `length` bytes at `offset` of `buffer`, and pads them with zeros up to `least`.
    func fill(
        _ buffer: Int, at offset: Int, length: Int, least: Int, _ fill: (inout MutableRawSpan) -> Void
    ) {
        precondition(offset + max(length, least) <= Self.bufferSize, "GENET: a frame past its buffer")
        let place = unsafe start + buffer * Self.bufferSize + offset
        var span = unsafe MutableRawSpan(_unsafeStart: place, byteCount: length)
        fill(&span)
        if length < least {
            unsafe (place + length).initializeMemory(as: UInt8.self, repeating: 0, count: least - length)
        }
    }

    /// The bytes of `buffer`, for a frame made of it.
    func bytes(_ buffer: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: start + buffer * Self.bufferSize, count: Self.bufferSize)
    }

    /// Writes the processor's view of `range` of `buffer` to memory, before every later register access.
    func clean(_ range: Range<Int>, of buffer: Int) { memory.clean(extent(range, of: buffer)) }

    /// Drops the processor's view of `range` of `buffer`, after every earlier register access.
    func invalidate(_ range: Range<Int>, of buffer: Int) { memory.invalidate(extent(range, of: buffer)) }

    /// Writes everything to memory: no dirty line is left that could be evicted later.
    func cleanAll() { memory.clean(0..<(unsafe memory.bytes.count)) }

    private func extent(_ range: Range<Int>, of buffer: Int) -> Range<Int> {
        let base = buffer * Self.bufferSize
        return base + range.lowerBound..<base + range.upperBound
    }
}
