import Foundation
import Interfaces

/// DMA memory as in `CoherentMemoryModel`, for megabytes: the same rules, line by line, but lines are compared in place, and what the cache does
/// by itself happens to a few lines picked at random.
@safe public final class CoherentArenaModel: DMAMemory {
    /// The processor's view.
    public let bytes: UnsafeMutableRawBufferPointer
    /// Where the device finds byte 0.
    public let physicalAddress: UInt64
    /// What was done wrong so far, in words; at most a hundred.
    public private(set) var violations: [String] = []
    /// Lines evicted or fetched anew at each event.
    public var restlessness = 0

    private static let lineSize = 64
    // As large as `bytes`, from `init` to `deinit`: the device's view; the processor's when it was last equal to memory; the same, counting
    // only what software asked for.
    private let memory: UnsafeMutableRawPointer
    private let synchronized: UnsafeMutableRawPointer
    private let maintained: UnsafeMutableRawPointer
    private var generator: SeededGenerator

    /// `count` bytes (a multiple of 64) at `physicalAddress`: random in memory, and zeros for the processor that wrote them just now and did
    /// not clean them.
    public init(count: Int, at physicalAddress: UInt64 = 0x1_2000_0000, seed: UInt64 = 1, restlessness: Int = 0) {
        precondition(count % Self.lineSize == 0, "CoherentArenaModel: whole lines only")
        generator = SeededGenerator(seed: seed)
        self.physicalAddress = physicalAddress
        self.restlessness = restlessness
        unsafe bytes = .allocate(byteCount: count, alignment: Self.lineSize)
        unsafe memory = .allocate(byteCount: count, alignment: Self.lineSize)
        unsafe synchronized = .allocate(byteCount: count, alignment: Self.lineSize)
        unsafe maintained = .allocate(byteCount: count, alignment: Self.lineSize)
        for offset in stride(from: 0, to: count, by: 8) {
            unsafe memory.storeBytes(of: generator.next(), toByteOffset: offset, as: UInt64.self)
        }
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe synchronized.copyMemory(from: memory, byteCount: count)
        unsafe maintained.copyMemory(from: memory, byteCount: count)
    }

    deinit {
        unsafe bytes.deallocate()
        unsafe memory.deallocate()
        unsafe synchronized.deallocate()
        unsafe maintained.deallocate()
    }

    // MARK: - The processor's side

    /// Writes dirty lines of `range` to memory.
    public func clean(_ range: Range<Int>) {
        stir()
        for line in lines(of: range) {
            if unsafe !isEqual(line, processor, synchronized) {
                if unsafe !isEqual(line, memory, synchronized) {
                    note("clean writes line \(line) over the device's data")
                }
                unsafe copy(line, from: processor, to: memory)
            }
            unsafe copy(line, from: processor, to: synchronized)
            unsafe copy(line, from: processor, to: maintained)
        }
    }

    /// Lets the processor see what lies in memory.
    public func invalidate(_ range: Range<Int>) {
        for line in lines(of: range) {
            if unsafe !isEqual(line, processor, maintained) {
                note("invalidate loses what was written to line \(line)")
            }
            fetch(line)
        }
        stir()
    }

    /// The same for a buffer whose content is about to be replaced: what the processor wrote there may go.
    public func discard(_ range: Range<Int>) {
        for line in lines(of: range) { fetch(line) }
        stir()
    }

    // MARK: - The device's side

    /// Whether the device finds all of `count` bytes at `address` in this memory.
    public func contains(_ address: UInt64, count: Int) -> Bool {
        address >= physicalAddress && address + UInt64(count) <= physicalAddress + UInt64(unsafe bytes.count)
    }

    /// The `count` bytes at `address` as the device sees them.
    public func deviceRead(_ address: UInt64, count: Int) -> [UInt8] {
        let offset = Int(address - physicalAddress)
        for line in lines(of: offset..<offset + count) where unsafe !isEqual(line, processor, maintained) {
            note("the device reads line \(line), which was not cleaned")
        }
        stir()
        return unsafe Array(UnsafeRawBufferPointer(start: memory + offset, count: count))
    }

    /// Puts `data` at `address`, as the device does.
    public func deviceWrite(_ data: [UInt8], at address: UInt64) {
        let offset = Int(address - physicalAddress)
        for line in lines(of: offset..<offset + data.count) where unsafe !isEqual(line, processor, maintained) {
            note("the device writes line \(line), which is dirty and may be evicted over it")
        }
        unsafe data.withUnsafeBytes {
            unsafe (memory + offset).copyMemory(from: $0.baseAddress!, byteCount: data.count)
        }
        stir()
    }

    // MARK: - Lines

    private var processor: UnsafeMutableRawPointer { unsafe bytes.baseAddress! }

    private func note(_ violation: String) { if violations.count < 100 { violations.append(violation) } }

    private func lines(of range: Range<Int>) -> Range<Int> {
        range.isEmpty ? 0..<0 : range.lowerBound / Self.lineSize..<(range.upperBound - 1) / Self.lineSize + 1
    }

    private func isEqual(_ line: Int, _ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer) -> Bool {
        let offset = line * Self.lineSize
        return unsafe memcmp(left + offset, right + offset, Self.lineSize) == 0
    }

    private func copy(_ line: Int, from source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer) {
        let offset = line * Self.lineSize
        unsafe (target + offset).copyMemory(from: source + offset, byteCount: Self.lineSize)
    }

    private func fetch(_ line: Int) {
        unsafe copy(line, from: memory, to: processor)
        unsafe copy(line, from: processor, to: synchronized)
        unsafe copy(line, from: processor, to: maintained)
    }

    /// What the cache does by itself: a dirty line is evicted, a clean one dropped and fetched again.
    private func stir() {
        for _ in 0..<restlessness {
            let line = unsafe Int(generator.next() % UInt64(bytes.count / Self.lineSize))
            if unsafe !isEqual(line, processor, synchronized) {
                unsafe copy(line, from: processor, to: memory)
                unsafe copy(line, from: processor, to: synchronized)
            } else if unsafe isEqual(line, processor, maintained) {
                fetch(line)
            }
        }
    }
}
