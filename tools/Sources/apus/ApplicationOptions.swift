import ApusKit
import ArgumentParser

/// Which application a command works on.
struct ApplicationOptions: ParsableArguments {
    @Option(name: .customLong("package"), help: "The directory of an application's own package, outside Apus.")
    var package: String?
    @Flag(help: "Let the image look for writes behind blocks of the heap and into free ones (in build/APP-checks).")
    var checks = false

    /// Builds the application.
    func build(_ name: String?, workspace: Workspace) throws -> BuiltImage {
        try workspace.builder(checksHeap: checks).build(name, package: package)
    }
}
