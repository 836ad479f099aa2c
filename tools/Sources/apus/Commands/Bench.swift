import ApusKit
import ArgumentParser

/// `apus bench`
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure, and write BENCHMARKS.md.",
        discussion: """
            With names of groups (\(BenchmarkGroup.all.map(\.name).joined(separator: ", "))), measures those and rewrites \
            their sections. With the name of a benchmark, measures only that and writes nothing. Ends with status 1 if a \
            goal is missed.
            """)

    @Argument(help: "Groups or single benchmarks; all groups without a name.")
    var names: [String] = []

    func run() throws {
        let workspace = try Workspace()
        let chosen = try BenchmarkGroup.choose(names)
        try workspace.installer.ensure([.build, .machine])
        let bench = Workbench(builder: workspace.builder(), repository: workspace.repository)
        let path = workspace.repository.path("BENCHMARKS.md")
        var report = BenchReport(Files.exists(path) ? String(decoding: try Files.read(path), as: UTF8.self) : "")
        var isReached = true
        for choice in chosen {
            let rows = try choice.benchmarks.map { benchmark in
                let row = BenchReport.Row(benchmark, try benchmark.measure(bench))
                print("\(benchmark.name): \(row.measurementText)\(row.isReached ? "" : ", goal missed")")
                return row
            }
            isReached = isReached && rows.allSatisfy(\.isReached)
            guard choice.isWhole else { continue }
            report.replace(choice.group, rows: rows, emulator: try emulator())
            try Files.write(report.text, to: path)
        }
        guard isReached else { throw ExitCode(1) }
    }

    /// QEMU's version, without Debian's package revision, which says nothing about the result.
    private func emulator() throws -> String {
        let version = try Command(Machine.program, ["--version"]).check().split(separator: "\n").first ?? "QEMU"
        return version.split(separator: " (").first.map(String.init) ?? "QEMU"
    }
}
