/// The tests of a Swift package, or of one of its targets.
struct SwiftTestCheck: Check {
    let name: String
    let package: String
    var target: String?
    var scratch: String?
    var flags: [String] = []
    let isFiltered = true

    func run(filter: String?, report: (String) -> Void) throws -> Tally {
        var arguments = ["test", "--package-path", package, "--quiet"] + flags
        if let scratch { arguments += ["--scratch-path", scratch] }
        // Swift Testing's identifiers begin with the module, so the two filters make one.
        if let pattern = Self.pattern(target: target, filter: filter) { arguments += ["--filter", pattern] }
        var lines: [String] = []
        let status = try Command("swift", arguments).capturePrinting { line in
            lines.append(line)
            if Self.matters(line) { report(line) }
        }
        if filter != nil && Self.foundNothing(lines) { return Tally() }
        var tally = Tally(swiftTest: lines)
        if !status.isSuccess && tally.failed == 0 { tally.failed = 1 }
        return tally
    }

    static func pattern(target: String?, filter: String?) -> String? {
        switch (target, filter) {
        case (let target?, let filter?): "^\(target)\\..*(\(filter))"
        case (let target?, nil): "^\(target)\\."
        case (nil, let filter): filter
        }
    }

    /// Whether a line says more than that all is well.
    static func matters(_ line: String) -> Bool {
        guard let first = line.first else { return false }
        let isNoise = ["Test Suite '", "\t Executed 0 tests", "[", "Building for", "Build complete", "↳ T"]
        return first != "◇" && first != "✔" && !isNoise.contains { line.hasPrefix($0) }
    }

    private static func foundNothing(_ lines: [String]) -> Bool {
        lines.contains { $0.contains("Test run with 0 tests") || $0.contains("No matching test cases") }
            && !lines.contains { $0.hasPrefix("✘") }
    }
}
