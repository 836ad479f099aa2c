import Foundation

/// The working copy of Apus that the command works in.
package struct Repository: Sendable {
    /// The absolute path of the root: where `Package.swift`, `toolset.json` and `linker/` lie.
    package let root: String

    /// A repository at a known root.
    package init(root: String) {
        self.root = root
    }

    /// Finds the repository: `APUS_ROOT`, which `./apus` sets, or the first directory upwards from the current one
    /// that looks like Apus.
    package static func find(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Repository {
        if let root = environment["APUS_ROOT"], !root.isEmpty {
            return Repository(root: root)
        }
        return try find(above: FileManager.default.currentDirectoryPath)
    }

    /// Finds the repository that `directory` lies in.
    package static func find(above directory: String) throws -> Repository {
        var directory = directory
        while true {
            let candidate = Repository(root: directory)
            if candidate.has("toolset.json") && candidate.has("Sources/Boot") {
                return candidate
            }
            let parent = (directory as NSString).deletingLastPathComponent
            guard parent != directory, !parent.isEmpty else { throw RepositoryError.notFound }
            directory = parent
        }
    }

    /// The absolute path of something in the repository.
    package func path(_ relative: String) -> String {
        root + "/" + relative
    }

    /// Whether something exists at this path of the repository.
    package func has(_ relative: String) -> Bool {
        FileManager.default.fileExists(atPath: path(relative))
    }

    /// The names of the directories directly in `relative`, sorted.
    package func directories(in relative: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path(relative))) ?? []
        return names.filter { Files.isDirectory(path(relative + "/" + $0)) }.sorted()
    }

    /// The names of the applications that live in the repository.
    package var applications: [String] {
        directories(in: "Sources/Apps")
    }
}

/// Why no repository was found.
package enum RepositoryError: UserError {
    case notFound

    package var description: String {
        "this is not a working copy of Apus; run ./apus from one, or set APUS_ROOT to its path"
    }
}
