import Interfaces
import Models
import SDHCI

/// Bytes with a pattern that depends on `seed`.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}

extension BufferedSerialPort {
    /// Writes the bytes of an array; returns how many were taken.
    mutating func write(_ bytes: [UInt8]) -> Int { write(bytes.span.bytes) }

    /// Reads at most `count` bytes.
    mutating func read(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        var buffer = unsafe span.mutableBytes
        let taken = read(into: &buffer)
        return Array(bytes.prefix(taken))
    }
}

extension BlockDevice {
    /// Reads `count` blocks.
    func readBlocks(_ first: UInt64, _ count: Int) throws(BlockError) -> [UInt8] {
        try readBytes(first, count * 512)
    }

    /// Reads `count` bytes.
    func readBytes(_ first: UInt64, _ count: Int) throws(BlockError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        var span = bytes.mutableSpan
        var buffer = unsafe span.mutableBytes
        try read(first, into: &buffer)
        return bytes
    }

    /// Writes the bytes of an array.
    func writeBlocks(_ first: UInt64, _ bytes: [UInt8]) throws(BlockError) { try write(first, from: bytes.span.bytes) }
}

extension EntropySource {
    /// `count` random bytes.
    func bytes(_ count: Int) throws(DeviceError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        try fill(&bytes)
        return bytes
    }

    /// Fills an array.
    func fill(_ bytes: inout [UInt8]) throws(DeviceError) {
        var span = bytes.mutableSpan
        var buffer = unsafe span.mutableBytes
        try fill(&buffer)
    }
}
