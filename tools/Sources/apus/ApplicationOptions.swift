import ApusKit
import ArgumentParser

/// Which application a command works on.
struct ApplicationOptions: ParsableArguments {
    @Option(name: .customLong("package"), help: "The directory of an application's own package, outside Apus.")
    var package: String?

    /// Builds the application.
    func build(_ name: String?, workspace: Workspace) throws -> BuiltImage {
        try workspace.builder.build(name, package: package)
    }
}
