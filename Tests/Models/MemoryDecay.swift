/// What a reset does to memory that is not refreshed meanwhile.
@safe public struct MemoryDecay {
    private var generator: SeededGenerator

    /// A decay whose bits `seed` chooses.
    public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Flips `permille` of a thousand bits of `memory`.
    public mutating func flip(_ permille: UInt64, in memory: UnsafeMutableRawBufferPointer) {
        for bit in 0..<memory.count * 8 where generator.next() % 1000 < permille {
            unsafe memory[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }

    /// Flips `count` bits somewhere in `memory`.
    public mutating func flip(bits count: Int, in memory: UnsafeMutableRawBufferPointer) {
        for _ in 0..<count {
            let bit = Int(generator.next() % UInt64(memory.count * 8))
            unsafe memory[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }
}
