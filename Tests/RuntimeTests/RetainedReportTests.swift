import Foundation
import Models
import Testing

@testable import Runtime

/// Crash reports in memory that a reset damages.
@Suite struct RetainedReportTests {
    private static let size = 32768

    /// A report of 40 lines as long as a real one's.
    private static let text = (0..<40).map { "  x\($0)  0x\(String(repeating: "f00d", count: 4))  a line\n" }.joined()

    /// Runs `body` with memory that holds what was there before.
    private func withMemory(_ body: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.size, alignment: 64)
        defer { memory.deallocate() }
        var generator = SeededGenerator(seed: 7)
        for index in memory.indices { memory[index] = UInt8(truncatingIfNeeded: generator.next()) }
        try body(memory)
    }

    private func keep(_ text: String, in memory: UnsafeMutableRawBufferPointer) {
        var report = RetainedReport(memory: memory)
        for byte in text.utf8 { report.put(byte) }
        report.seal()
    }

    private func recovered(_ memory: UnsafeMutableRawBufferPointer) -> String {
        let report = RetainedReport(memory: memory)
        return String(decoding: report.text(report.recover()), as: UTF8.self)
    }

    @Test func `a sealed report is found again, an open or a forgotten one is not`() {
        withMemory { memory in
            #expect(recovered(memory) == "")
            var report = RetainedReport(memory: memory)
            for byte in "something broke".utf8 { report.put(byte) }
            #expect(recovered(memory) == "")
        }
        withMemory { memory in
            keep(Self.text, in: memory)
            #expect(recovered(memory) == Self.text)
            RetainedReport(memory: memory).clear(from: Self.text.utf8.count)
            #expect(RetainedReport(memory: memory).bytes(Self.text.utf8.count) == Array(Self.text.utf8))
            #expect(recovered(memory) == "")
        }
    }

    @Test func `a report that does not fit is cut`() {
        withMemory { memory in
            let report = RetainedReport(memory: memory)
            keep(String(repeating: "a", count: 5000), in: memory)
            #expect(report.capacity == 3136 && recovered(memory) == String(repeating: "a", count: 3136))
        }
    }

    @Test(arguments: [1, 55, 56, 57, 112, 3135, 3136])
    func `a report of any length comes back whole when some bits flip`(length: Int) {
        let text = String(String(repeating: Self.text, count: 2).prefix(length))
        for seed in 1...10 as ClosedRange<UInt64> {
            withMemory { memory in
                keep(text, in: memory)
                var decay = MemoryDecay(seed: seed)
                decay.flip(bits: 100, in: memory)
                #expect(recovered(memory) == text)
            }
        }
    }

    @Test(arguments: [20, 50] as [UInt64], 1...10 as ClosedRange<UInt64>)
    func `a report comes back whole when one bit in fifty flips, and nearly so with one in twenty`(
        permille: UInt64, seed: UInt64
    ) {
        withMemory { memory in
            keep(Self.text, in: memory)
            var decay = MemoryDecay(seed: seed)
            decay.flip(permille, in: memory)
            let lost = recovered(memory).components(separatedBy: "[?").count - 1
            #expect(lost <= (permille == 20 ? 0 : 3), "of 22 cells")
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `what cannot be known for sure when every tenth bit flips is marked, and the rest is right`(seed: UInt64) {
        withMemory { memory in
            keep(Self.text, in: memory)
            var decay = MemoryDecay(seed: seed)
            decay.flip(100, in: memory)
            let found = Array(recovered(memory).utf8)
            var (right, marked, position, index) = (0, 0, 0, 0)
            let original = Array(Self.text.utf8)
            while index < found.count {
                if found[index...].starts(with: Array("[?".utf8)) {
                    marked += 1
                    let count = min(56, original.count - position)
                    #expect(found[(index + 2 + count)...].starts(with: Array("?]".utf8)))
                    index += count + 4
                    position += count
                    continue
                }
                #expect(found[index] == original[position])
                (right, position, index) = (right + 1, position + 1, index + 1)
            }
            #expect(position == original.count && right > original.count / 2, "\(marked) marked")
        }
    }

    @Test(arguments: 0..<9)
    func `whole copies may be lost`(survivor: Int) {
        withMemory { memory in
            keep(Self.text, in: memory)
            var generator = SeededGenerator(seed: UInt64(survivor))
            let copy = 56 * 64
            for index in 0..<9 * copy where index / copy != survivor {
                memory[index] = UInt8(truncatingIfNeeded: generator.next())
            }
            #expect(recovered(memory) == Self.text)
        }
    }

    @Test func `memory that never held a report holds none, whatever lies there`() {
        withMemory { memory in
            for seed in 1...20 as ClosedRange<UInt64> {
                var decay = MemoryDecay(seed: seed)
                decay.flip(300, in: memory)
                #expect(recovered(memory) == "")
            }
            for byte in [0, 0xFF, 0x55] as [UInt8] {
                memory.initializeMemory(as: UInt8.self, repeating: byte)
                #expect(recovered(memory) == "")
            }
        }
    }
}
