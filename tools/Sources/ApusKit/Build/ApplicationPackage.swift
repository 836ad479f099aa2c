import Foundation

/// The package an application lives in: this repository, or one of its user's own.
package struct ApplicationPackage: Sendable {
    /// The package's directory.
    package let directory: String
    /// Whether it is the Apus repository itself.
    package let isApus: Bool

    /// The package in `directory`, or Apus if nil.
    package init(directory: String?, repository: Repository) throws {
        let path = directory.map(Files.absolute) ?? repository.root
        guard Files.exists(path + "/Package.swift") else {
            throw BuildError.noPackage(path)
        }
        self.directory = path
        isApus = path == repository.root
    }

    /// An executable product and the module that holds its top-level code.
    package struct Application: Equatable, Sendable {
        /// The product's name.
        package let name: String
        /// The executable target's name as a module.
        package let module: String
        /// The directory of its sources.
        package let sources: String

        /// The directory of the package, where that is the application's own.
        var package: String?

        /// Where the files lie that go onto the card beside the image: `files/` beside the sources, or in the application's own package.
        package var filesDirectory: String {
            let beside = sources + "/files"
            guard let package, !Files.isDirectory(beside) else { return beside }
            return package + "/files"
        }
    }

    /// The application called `name`; without a name, the only one there is.
    package func application(named name: String?, repository: Repository) throws -> Application {
        let applications = isApus ? Self.applications(of: repository) : try describe()
        guard let name else {
            guard let only = applications.first, applications.count == 1 else {
                throw BuildError.nameNeeded(applications.map(\.name))
            }
            return only
        }
        guard let application = applications.first(where: { $0.name == name }) else {
            throw BuildError.noApplication(name, known: applications.map(\.name))
        }
        return application
    }

    // In the repository the folders say it all, and asking SwiftPM takes a second.
    private static func applications(of repository: Repository) -> [Application] {
        repository.applications.map {
            Application(name: $0, module: $0, sources: repository.path("Sources/Apps/" + $0))
        }
    }

    private struct Description: Decodable {
        struct Target: Decodable {
            let name: String
            let c99name: String
            let path: String
            let type: String
        }
        struct Product: Decodable {
            let name: String
            let targets: [String]
        }
        let targets: [Target]
        let products: [Product]
    }

    private func describe() throws -> [Application] {
        let command = Command("swift", ["package", "--package-path", directory, "describe", "--type", "json"])
        let output = try command.capture()
        guard let description = try? JSONDecoder().decode(Description.self, from: Data(output.bytes)) else {
            let explained = try command.capture(mergingErrors: true)
            throw ProcessError.failed(command.description, output: explained.text)
        }
        return description.products.compactMap { product in
            let targets = description.targets.filter { product.targets.contains($0.name) && $0.type == "executable" }
            guard let target = targets.first else { return nil }
            return Application(
                name: product.name, module: target.c99name, sources: directory + "/" + target.path, package: directory)
        }
    }

    /// The short commit of the package, with `+dirty` if tracked or new files differ from it; `none` without git.
    package func commit() -> String {
        func git(_ arguments: String...) -> String? {
            guard let output = try? Command("git", ["-C", directory] + arguments).capture(), output.status.isSuccess
            else { return nil }
            return output.text.trimmingSuffix(while: \.isWhitespace)
        }
        guard let hash = git("rev-parse", "--short=12", "HEAD"), !hash.isEmpty else { return "none" }
        let changes = git("status", "--porcelain", "--", ".") ?? ""
        return changes.isEmpty ? hash : hash + "+dirty"
    }
}
