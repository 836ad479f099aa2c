/// `BENCHMARKS.md`.
package struct BenchReport {
    /// One benchmark with its result.
    package struct Row {
        let benchmark: any Benchmark
        let measurement: Measurement

        /// A benchmark and what it measured.
        package init(_ benchmark: any Benchmark, _ measurement: Measurement) {
            self.benchmark = benchmark
            self.measurement = measurement
        }

        /// The figure with its unit.
        package var measurementText: String { measurement.text }

        /// Whether the goal is reached; true where there is none.
        package var isReached: Bool { benchmark.goal?.isReached(by: measurement) ?? true }
    }

    private let rows: [Row]
    private let emulator: String

    /// A report on these, measured with this emulator.
    package init(rows: [Row], emulator: String) {
        self.rows = rows
        self.emulator = emulator
    }

    /// The file's text.
    package var text: String {
        let lines = rows.map { row in
            let goal = row.benchmark.goal?.text ?? "-"
            let result = row.measurement.text + (row.isReached ? "" : " (missed)")
            return "| \(row.benchmark.title) | \(goal) | \(result) | \(row.benchmark.method) |"
        }
        return """
            # Benchmarks

            Written by `./apus bench`; \(emulator), machine `raspi4b` with one core.

            Figures in instructions come from `-icount shift=0,sleep=off`: the guest's clock advances one nanosecond for
            each instruction and leaps over idle time, so a figure is a count of instructions and repeats exactly. QEMU
            knows no cache and no bus, so they say nothing about time on the board.

            | what | goal | result | how |
            | --- | --- | --- | --- |
            \(lines.joined(separator: "\n"))

            """
    }
}
