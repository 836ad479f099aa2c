/// Something that is measured, with what it is to reach.
package protocol Benchmark: Sendable {
    /// What `apus bench NAME` calls it.
    var name: String { get }
    /// What is measured, for the table.
    var title: String { get }
    /// How, in one sentence.
    var method: String { get }
    /// What it is to reach.
    var goal: Goal? { get }
    /// Measures.
    func measure(_ bench: Workbench) throws -> Measurement
}

/// A figure with its unit.
package struct Measurement: Equatable, Sendable {
    /// The figure.
    package let value: Int
    /// What it counts.
    package let unit: String

    /// The figure as a person reads it: `28,768 bytes`.
    package var text: String { "\(Self.grouped(value)) \(unit)" }

    /// A number with commas between its thousands.
    static func grouped(_ value: Int) -> String {
        var rest = String(abs(value))[...]
        var groups: [Substring] = []
        while rest.count > 3 {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return (value < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
    }
}

/// What a figure is to stay under, or to reach.
package struct Goal: Equatable, Sendable {
    /// The most it may be, or the least.
    package let bound: Int
    /// Whether it is the least.
    package let isLeast: Bool
    /// What the figure counts.
    package let unit: String

    /// Stay under.
    package init(most: Int, unit: String) {
        (bound, isLeast) = (most, false)
        self.unit = unit
    }

    /// Reach.
    package init(least: Int, unit: String) {
        (bound, isLeast) = (least, true)
        self.unit = unit
    }

    /// Whether the figure reaches the goal.
    package func isReached(by measurement: Measurement) -> Bool {
        isLeast ? measurement.value >= bound : measurement.value <= bound
    }

    /// The goal as a person reads it.
    package var text: String { "at \(isLeast ? "least" : "most") \(Measurement(value: bound, unit: unit).text)" }
}

/// A figure that cannot be measured.
package enum BenchError: UserError, Equatable {
    case unknown(String, known: [String])
    case notReported(String, application: String)

    package var description: String {
        switch self {
        case .unknown(let name, let known):
            "there is no group or benchmark \(name); there are \(known.joined(separator: ", "))"
        case .notReported(let name, let application):
            "the application \(application) ended without a line `bench \(name) ...`"
        }
    }
}
