import ApusKit
import ArgumentParser

/// `apus fuzz`
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for inputs that break a reader of bytes.",
        discussion: """
            Begins with the corpus in Tests/Fuzz/corpus/NAME. What reaches new code is kept in \
            .build-fuzz/corpus/NAME, what breaks the reader in .build-fuzz/findings/. Without a name: which there are.
            """)

    @Argument(help: "The target.")
    var name: String?
    @Option(help: "How long to look.")
    var seconds = 60

    func validate() throws {
        guard seconds > 0 else { throw ValidationError("--seconds is at least 1.") }
    }

    func run() throws {
        let targets = FuzzTargets(repository: try Repository.find())
        guard let name else {
            targets.names.forEach { print($0) }
            return
        }
        let status = try targets.run(name, seconds: seconds, report: { Screen.note($0) }, quiet: false)
        guard status.isSuccess else { throw ExitCode(1) }
    }
}
