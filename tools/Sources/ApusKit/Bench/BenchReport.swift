/// `BENCHMARKS.md`: a section for each group, which is replaced when the group has been measured. Others stay as they are.
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

        fileprivate var line: String {
            let result = measurement.text + (isReached ? "" : " (missed)")
            return "| \(benchmark.title) | \(benchmark.goal?.text ?? "-") | \(result) | \(benchmark.method) |"
        }
    }

    /// The text of each section, by its headline.
    private var sections: [String: String] = [:]

    /// The sections of an earlier file; none for an empty text.
    package init(_ text: String = "") {
        for part in text.components(separatedBy: "\n## ").dropFirst() {
            guard let end = part.firstIndex(of: "\n") else { continue }
            sections[String(part[..<end])] = String(part[part.index(after: end)...]).trimmed
        }
    }

    /// Puts what was measured in the place of the group's section.
    package mutating func replace(_ group: BenchmarkGroup, rows: [Row], emulator: String) {
        let notes = group.notes.isEmpty ? "" : group.notes.trimmed + "\n\n"
        sections[group.title] = """
            \(notes)Measured by `./apus bench \(group.name)`; \(emulator).

            | what | goal | result | how |
            | --- | --- | --- | --- |
            \(rows.map(\.line).joined(separator: "\n"))
            """
    }

    /// The file's text: the sections that there are, in the groups' order.
    package var text: String {
        let present = BenchmarkGroup.all.compactMap { group in
            sections[group.title].map { "## \(group.title)\n\n\($0)\n" }
        }
        return """
            # Benchmarks

            Written by `./apus bench`. The machine is QEMU's `raspi4b` with one core.

            Figures in instructions come from `-icount shift=0,sleep=off`: the guest's clock advances one nanosecond for
            each instruction and leaps over idle time, so a figure is a count of instructions and repeats exactly. QEMU
            knows no cache and no bus, so they say nothing about time on the board.

            \(present.joined(separator: "\n"))
            """
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first?.isNewline == true { text.removeFirst() }
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
