/// Benchmarks that belong together: what `apus bench NAME` runs, and a section of `BENCHMARKS.md`.
///
/// To add one: a file beside this one with a `static let` in an extension, and its name in `all`.
package struct BenchmarkGroup: Sendable {
    /// What `apus bench` calls it.
    package let name: String
    /// The section's headline.
    let title: String
    /// What a reader has to know about the figures: paragraphs above the table, lines of up to 110 characters.
    let notes: String
    /// What is measured, in the order of the table.
    package let benchmarks: [any Benchmark]

    /// Every group, in the order of the file.
    package static let all: [BenchmarkGroup] = [.system, .ethernet, .network, .storage, .http, .usb]

    /// What `names` are: whole groups, or single benchmarks of groups, in the order of the file. All groups without a name.
    package static func choose(_ names: [String]) throws -> [Choice] {
        for name in names where !all.contains(where: { $0.name == name || $0.names.contains(name) }) {
            throw BenchError.unknown(name, known: all.map(\.name) + all.flatMap(\.names))
        }
        return all.compactMap { group in
            if names.isEmpty || names.contains(group.name) {
                return Choice(group: group, benchmarks: group.benchmarks, isWhole: true)
            }
            let some = group.benchmarks.filter { names.contains($0.name) }
            return some.isEmpty ? nil : Choice(group: group, benchmarks: some, isWhole: false)
        }
    }

    /// A group, or a part of one.
    package struct Choice {
        /// The group.
        package let group: BenchmarkGroup
        /// What of it is to be measured.
        package let benchmarks: [any Benchmark]
        /// Whether that is all of it.
        package let isWhole: Bool
    }

    private var names: [String] { benchmarks.map(\.name) }
}
