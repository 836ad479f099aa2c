import Testing

@testable import ApusKit

@Suite struct BenchTests {
    @Test func `figures are read from the guest's lines and nothing else`() {
        let figures = Workbench.figures(
            in: "Hello\r\nbench bare-switch 31 instructions\r\nbench done\r\nbench x y z\r\nbench m 12345 bytes\r\n")
        #expect(
            figures == [
                "bare-switch": Measurement(value: 31, unit: "instructions"),
                "m": Measurement(value: 12345, unit: "bytes"),
            ])
    }

    @Test func `the report shows goal, result and what was missed`() {
        let benchmark = GuestFigure(name: "n", title: "what", method: "how", goal: Goal(most: 1000, unit: "bytes"))
        let missed = BenchReport.Row(benchmark, Measurement(value: 1001, unit: "bytes"))
        let reached = BenchReport.Row(benchmark, Measurement(value: 1000, unit: "bytes"))
        let text = BenchReport(rows: [missed, reached], emulator: "QEMU").text
        #expect(!missed.isReached && reached.isReached)
        #expect(text.contains("| what | at most 1,000 bytes | 1,001 bytes (missed) | how |"))
        #expect(text.contains("| what | at most 1,000 bytes | 1,000 bytes | how |"))
    }
}
