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

    private let benchmark = GuestFigure(name: "n", title: "what", method: "how", goal: Goal(most: 1000, unit: "bytes"))

    @Test func `the report shows goal, result and what was missed`() {
        let missed = BenchReport.Row(benchmark, Measurement(value: 1001, unit: "bytes"))
        let reached = BenchReport.Row(benchmark, Measurement(value: 1000, unit: "bytes"))
        var report = BenchReport()
        report.replace(.system, rows: [missed, reached], emulator: "QEMU")
        #expect(!missed.isReached && reached.isReached)
        #expect(report.text.contains("| what | at most 1,000 bytes | 1,001 bytes (missed) | how |"))
        #expect(report.text.contains("| what | at most 1,000 bytes | 1,000 bytes | how |"))
    }

    @Test func `a group's section is replaced, and the others stay`() {
        func row(_ value: Int) -> BenchReport.Row { .init(benchmark, Measurement(value: value, unit: "bytes")) }
        var report = BenchReport()
        report.replace(.ethernet, rows: [row(1)], emulator: "QEMU")
        report.replace(.system, rows: [row(2)], emulator: "QEMU")
        var next = BenchReport(report.text)
        #expect(next.text == report.text)
        next.replace(.ethernet, rows: [row(3)], emulator: "QEMU")
        #expect(
            next.text.contains("| 2 bytes |") && next.text.contains("| 3 bytes |") && !next.text.contains("| 1 bytes |")
        )
        #expect(next.text.components(separatedBy: "\n## ").count == 3)
    }

    @Test func `names are groups or benchmarks, none is everything, and what is neither is refused`() throws {
        #expect(try BenchmarkGroup.choose([]).map(\.isWhole) == BenchmarkGroup.all.map { _ in true })
        let chosen = try BenchmarkGroup.choose(["ethernet", "heap-pair"])
        #expect(chosen.map(\.group.name) == ["system", "ethernet"] && chosen.map(\.isWhole) == [false, true])
        #expect(chosen[0].benchmarks.map(\.name) == ["heap-pair"])
        #expect(throws: BenchError.self) { try BenchmarkGroup.choose(["ethernet", "nothing"]) }
    }

    @Test func `no two benchmarks have one name`() {
        let names = BenchmarkGroup.all.flatMap { [$0.name] + $0.benchmarks.map(\.name) }
        #expect(Set(names).count == names.count)
    }
}
