import Interfaces

/// DMA memory whose two sides see only what they would see on the board.
///
/// `bytes` is what the processor sees; the device reads and writes `memory` through `deviceRead` and `deviceWrite`. A line
/// of 64 bytes is dirty when the processor has changed it since it was last filled, cleaned or evicted; the model knows that by its
/// content. The processor is taken to have fetched every line early, so that what the device writes stays hidden from it until it
/// invalidates. In between lines are evicted and fetched again at random, from a seed. What may go wrong on the board, whether or not
/// it did this time, is recorded in `violations`.
@safe public final class CoherentMemoryModel: DMAMemory {
    /// Bytes in a cache line.
    public static let lineSize = 64

    /// The processor's view.
    public let bytes: UnsafeMutableRawBufferPointer
    /// Where the device finds byte 0.
    public let physicalAddress: UInt64
    /// What was done wrong so far, in words.
    public private(set) var violations: [String] = []
    /// How often in 256 a line is evicted or fetched anew at each event.
    public var restlessness: UInt64 = 0

    /// What lies in memory: the device's view.
    private var memory: [UInt8]
    /// What the processor's view was when it was last equal to memory, or written to it.
    private var synchronized: [UInt8]
    /// The same, counting only what software asked for: a line that was evicted by luck is still not cleaned.
    private var maintained: [UInt8]
    private var generator: SeededGenerator

    /// `count` bytes (a multiple of 64) at `physicalAddress`: random in memory, and zeros for the processor that wrote them just now and did
    /// not clean them.
    public init(count: Int, at physicalAddress: UInt64 = 0x20_0000, seed: UInt64 = 1, restlessness: UInt64 = 0) {
        precondition(count % Self.lineSize == 0, "CoherentMemoryModel: whole lines only")
        var generator = SeededGenerator(seed: seed)
        memory = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        synchronized = memory
        maintained = memory
        self.generator = generator
        self.physicalAddress = physicalAddress
        self.restlessness = restlessness
        unsafe bytes = .allocate(byteCount: count, alignment: Self.lineSize)
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { unsafe bytes.deallocate() }

    // MARK: - The processor's side

    /// Writes dirty lines of `range` to memory.
    public func clean(_ range: Range<Int>) {
        stir()
        for line in lines(of: range) {
            if !isEqual(line, memory, synchronized) && !isEqual(line, processorView, synchronized) {
                violations.append("clean writes line \(line) over what the device has put there")
            }
            if !isEqual(line, processorView, synchronized) { copy(line, to: &memory) }
            copy(line, to: &synchronized)
            copy(line, to: &maintained)
        }
    }

    /// Lets the processor see what lies in memory.
    public func invalidate(_ range: Range<Int>) {
        for line in lines(of: range) {
            if !isEqual(line, processorView, maintained) {
                violations.append("invalidate loses what the processor wrote to line \(line)")
            }
            fetch(line)
        }
        stir()
    }

    // MARK: - The device's side

    /// The bytes of `range` as the device sees them.
    public func deviceRead(_ range: Range<Int>) -> [UInt8] {
        for line in lines(of: range) where !isEqual(line, processorView, maintained) {
            violations.append("the device reads line \(line), which was not cleaned")
        }
        stir()
        return Array(memory[range])
    }

    /// Puts `data` at `offset`, as the device does.
    public func deviceWrite(_ data: [UInt8], at offset: Int) {
        for line in lines(of: offset..<offset + data.count) where !isEqual(line, processorView, maintained) {
            violations.append("the device writes line \(line), which is dirty and may be evicted over it")
        }
        memory.replaceSubrange(offset..<offset + data.count, with: data)
        stir()
    }

    /// The word at `offset` as the device sees it.
    public func deviceReadWord(_ offset: Int) -> UInt32 {
        deviceRead(offset..<offset + 4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Puts `word` at `offset`, as the device does.
    public func deviceWriteWord(_ word: UInt32, at offset: Int) {
        deviceWrite((0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }, at: offset)
    }

    // MARK: - Lines

    private var processorView: [UInt8] { unsafe Array(bytes) }

    private func lines(of range: Range<Int>) -> Range<Int> {
        range.isEmpty ? 0..<0 : range.lowerBound / Self.lineSize..<(range.upperBound - 1) / Self.lineSize + 1
    }

    private func extent(_ line: Int) -> Range<Int> { line * Self.lineSize..<(line + 1) * Self.lineSize }

    private func isEqual(_ line: Int, _ left: [UInt8], _ right: [UInt8]) -> Bool {
        left[extent(line)] == right[extent(line)]
    }

    private func copy(_ line: Int, to target: inout [UInt8]) {
        target.replaceSubrange(extent(line), with: processorView[extent(line)])
    }

    private func fetch(_ line: Int) {
        for index in extent(line) { unsafe bytes[index] = memory[index] }
        copy(line, to: &synchronized)
        copy(line, to: &maintained)
    }

    /// What the cache does by itself: a dirty line is evicted, a clean one dropped and fetched again.
    private func stir() {
        if restlessness == 0 { return }
        for line in 0..<memory.count / Self.lineSize where generator.next() % 256 < restlessness {
            if isEqual(line, processorView, synchronized) {
                // Only while it is also maintained: otherwise the model would forget that software still owes a clean.
                if isEqual(line, processorView, maintained) { fetch(line) }
            } else {
                copy(line, to: &memory)
                copy(line, to: &synchronized)
            }
        }
    }
}
