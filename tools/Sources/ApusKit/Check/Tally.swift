/// How many tests passed and failed.
package struct Tally: Equatable, Sendable {
    /// Those that passed.
    package var passed = 0
    /// Those that failed.
    package var failed = 0

    /// A count.
    package init(passed: Int = 0, failed: Int = 0) {
        self.passed = passed
        self.failed = failed
    }

    /// One test, passed or failed.
    package init(_ hasPassed: Bool) {
        self.init(passed: hasPassed ? 1 : 0, failed: hasPassed ? 0 : 1)
    }

    /// Counts what `swift test` printed.
    ///
    /// Swift Testing closes with the number of tests that ran; those that failed have a line each. A run without the
    /// closing line has crashed, which counts as one failure.
    package init(swiftTest output: some Sequence<some StringProtocol>) {
        var isClosed = false
        for line in output {
            let words = line.split(separator: " ")
            guard words.count > 3, words[1] == "Test" else { continue }
            if words[2] == "run", words[3] == "with", words.count > 4, let count = Int(words[4]) {
                passed += count
                isClosed = true
            } else if words[0] == "✘", words[2] != "case", words[2] != "run", line.contains(" failed after ") {
                failed += 1
            }
        }
        passed -= isClosed ? min(failed, passed) : 0
        failed += isClosed ? 0 : 1
    }

    package static func + (left: Tally, right: Tally) -> Tally {
        Tally(passed: left.passed + right.passed, failed: left.failed + right.failed)
    }
}

extension Tally: CustomStringConvertible {
    package var description: String { "\(passed) passed, \(failed) failed" }
}
