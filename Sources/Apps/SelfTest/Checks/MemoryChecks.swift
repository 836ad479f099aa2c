import Interfaces
import Runtime

/// The heap and the memory under it.
extension SelfTestRun {
    func checkMemory() throws(TaskError) {
        try report.check("memory") { () throws(Report.Failure) in try walkMemory() }
        try report.check("heap") { () throws(Report.Failure) in try exerciseHeap() }
    }

    // MARK: Memory

    private static let blockSize = 1 << 20
    private static let blockCount = 8

    /// Writes every word of some MiB with its own address, then with the complement, and reads it back.
    private func walkMemory() throws(Report.Failure) -> Text {
        var blocks: [UnsafeMutableRawBufferPointer] = unsafe []
        defer { for index in unsafe blocks.indices { unsafe blocks[index].deallocate() } }
        for _ in 0..<SelfTestRun.blockCount {
            unsafe blocks.append(.allocate(byteCount: SelfTestRun.blockSize, alignment: 4096))
        }
        var beyond = 0
        for index in unsafe blocks.indices {
            if unsafe UInt64(UInt(bitPattern: blocks[index].baseAddress)) >= 1 << 30 { beyond += 1 }
        }
        for pattern: UInt64 in [0, .max] {
            for index in unsafe blocks.indices { unsafe SelfTestRun.fill(blocks[index], pattern) }
            for index in unsafe blocks.indices {
                if let bad = unsafe SelfTestRun.firstDifference(blocks[index], pattern) {
                    throw .failed("the word at \(hexadecimal: bad) does not keep its value")
                }
            }
        }
        let statistics = Memory.statistics
        return """
            \(size: statistics.capacity) of heap, \(SelfTestRun.blockCount) MiB written and read twice, \
            \(beyond) of them beyond the first GiB
            """
    }

    @inline(never)
    private static func fill(_ block: UnsafeMutableRawBufferPointer, _ pattern: UInt64) {
        let base = UInt64(UInt(bitPattern: block.baseAddress))
        for offset in stride(from: 0, to: block.count, by: 8) {
            unsafe block.storeBytes(of: (base + UInt64(offset)) ^ pattern, toByteOffset: offset, as: UInt64.self)
        }
    }

    @inline(never)
    private static func firstDifference(_ block: UnsafeMutableRawBufferPointer, _ pattern: UInt64) -> UInt64? {
        let base = UInt64(UInt(bitPattern: block.baseAddress))
        for offset in stride(from: 0, to: block.count, by: 8) {
            let expected = (base + UInt64(offset)) ^ pattern
            if unsafe block.load(fromByteOffset: offset, as: UInt64.self) != expected { return base + UInt64(offset) }
        }
        return nil
    }

    // MARK: Heap

    /// Allocates and frees blocks of all sizes in an order that a seed decides, and checks what is in them.
    private func exerciseHeap() throws(Report.Failure) -> Text {
        let before = Memory.statistics
        var random: UInt64 = 0x9e37_79b9_7f4a_7c15
        func next(_ bound: Int) -> Int {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int(random % UInt64(bound))
        }
        let start = SystemTime.now
        let rounds = 5000
        var held = [[UInt8]](repeating: [], count: 64)
        for round in 0..<rounds {
            let slot = next(held.count)
            let mark = UInt8(truncatingIfNeeded: held[slot].count &* 31)
            for byte in held[slot] where byte != mark {
                throw .failed("a block of \(held[slot].count) bytes was changed")
            }
            // Mostly small, now and then up to 64 KiB.
            let size = next(1 << (round % 16 == 0 ? 16 : 8))
            held[slot] = [UInt8](repeating: UInt8(truncatingIfNeeded: size &* 31), count: size)
        }
        held = []
        let time = (SystemTime.now - start).nanoseconds
        let after = Memory.statistics
        guard after.inUse <= before.inUse + 4096 else {
            throw .failed("\(after.inUse - before.inUse) bytes did not come back")
        }
        return "\(rounds) blocks of 0 to 65535 bytes, contents right, all given back, \(time / UInt64(rounds)) ns each"
    }
}
