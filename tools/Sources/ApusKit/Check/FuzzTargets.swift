import Foundation

/// The programs that look for inputs which break a reader of bytes: the package `Tests/Fuzz`, with libFuzzer.
package struct FuzzTargets: Sendable {
    private let repository: Repository

    /// The targets of this repository.
    package init(repository: Repository) {
        self.repository = repository
    }

    private var package: String { repository.path("Tests/Fuzz") }
    private var scratch: String { repository.path(".build-fuzz") }

    /// The names of the targets: every one has a corpus.
    package var names: [String] {
        repository.directories(in: "Tests/Fuzz/corpus").map { $0.hasPrefix("Fuzz") ? String($0.dropFirst(4)) : $0 }
    }

    /// Builds the target and feeds it for `seconds`, beginning with its corpus. New inputs that reach new code go to
    /// `.build-fuzz/corpus/NAME`, an input that breaks it to `.build-fuzz/findings/NAME-...`.
    package func run(_ name: String, seconds: Int, report: (String) -> Void, quiet: Bool) throws -> ExitStatus {
        guard names.contains(name) else { throw FuzzError.unknown(name, known: names) }
        let build = Command(
            "swift",
            [
                "build", "--package-path", package, "--sanitize", "fuzzer", "--product", "Fuzz" + name,
                "--scratch-path", scratch, "-Xswiftc", "-O",
            ])
        guard try build.capturePrinting(report, quiet: true).isSuccess else { throw FuzzError.unbuilt(name) }
        let (grown, findings) = (scratch + "/corpus/" + name, scratch + "/findings")
        try Files.makeDirectory(grown)
        try Files.makeDirectory(findings)
        let corpus = ["corpus/" + name, "corpus/Fuzz" + name].map { package + "/" + $0 }.filter(Files.isDirectory)
        let fuzzer = Command(
            scratch + "/debug/Fuzz" + name,
            [
                "-max_total_time=\(seconds)", "-timeout=10", "-artifact_prefix=\(findings)/\(name)-",
                "-print_final_stats=1", grown,
            ] + corpus,
            // The runtime's own handler would catch the crash before libFuzzer does.
            environment: ["SWIFT_BACKTRACE": "enable=no"])
        return try fuzzer.capturePrinting(report, quiet: quiet)
    }
}

/// A fuzz run that could not begin.
package enum FuzzError: UserError, Equatable {
    case unknown(String, known: [String])
    case unbuilt(String)

    package var description: String {
        switch self {
        case .unknown(let name, let known):
            known.isEmpty
                ? "there is no fuzz target \(name); Tests/Fuzz holds none"
                : "there is no fuzz target \(name); there are \(known.joined(separator: ", "))"
        case .unbuilt(let name): "the fuzz target \(name) does not build; the messages above say why"
        }
    }
}

/// Every fuzz target survives its corpus and a few seconds more.
struct FuzzCheck: Check {
    let name = "Fuzzing"
    let repository: Repository
    let seconds: Int

    func run(filter: String?, report: (String) -> Void) throws -> Tally {
        let targets = FuzzTargets(repository: repository)
        var tally = Tally()
        for name in targets.names {
            let status = try targets.run(name, seconds: seconds, report: report, quiet: true)
            report("  \(name): \(status.isSuccess ? "nothing found in \(seconds) s" : "a finding, see above")")
            tally = tally + Tally(status.isSuccess)
        }
        return tally
    }
}
