import ApusKit
import ArgumentParser

/// `apus bench`
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure, and write BENCHMARKS.md.",
        discussion: "With a name, measures only that and writes nothing. Ends with status 1 if a goal is missed.")

    @Argument(help: "One benchmark.")
    var name: String?

    func run() throws {
        let workspace = try Workspace()
        try workspace.installer.ensure([.build, .machine])
        let chosen = Benchmarks.all.filter { name == nil || $0.name == name }
        guard !chosen.isEmpty else { throw BenchError.unknown(name ?? "", known: Benchmarks.all.map(\.name)) }
        let bench = Workbench(builder: workspace.builder())
        let rows = try chosen.map { benchmark in
            let row = BenchReport.Row(benchmark, try benchmark.measure(bench))
            print("\(benchmark.name): \(row.measurementText)\(row.isReached ? "" : ", goal missed")")
            return row
        }
        if name == nil {
            let version = try Command(Machine.program, ["--version"]).check().split(separator: "\n").first ?? "QEMU"
            // Without Debian's package revision, which says nothing about the result.
            let emulator = version.split(separator: " (").first.map(String.init) ?? "QEMU"
            try Files.write(
                BenchReport(rows: rows, emulator: emulator).text, to: workspace.repository.path("BENCHMARKS.md"))
        }
        guard rows.allSatisfy(\.isReached) else { throw ExitCode(1) }
    }
}
