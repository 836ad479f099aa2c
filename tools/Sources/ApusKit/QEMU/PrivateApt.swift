import Foundation

/// apt on lists of its own: fetches packages without a change to this machine, and needs no rights.
struct PrivateApt {
    private let directory: String
    private let architectures: [String]

    /// apt with `sources`, lines of a `sources.list`; everything lies in `directory`.
    init(directory: String, sources: [String], architectures: [String] = []) throws {
        self.directory = directory
        self.architectures = architectures
        for name in ["lists/partial", "cache/archives/partial", "download"] {
            try Files.makeDirectory(directory + "/" + name)
        }
        try Files.write(sources.joined(separator: "\n") + "\n", to: directory + "/sources.list")
    }

    /// Where downloads arrive.
    var downloads: String { directory + "/download" }

    /// Fetches the lists.
    func update() throws {
        try apt(["update", "-q"]).check()
    }

    /// Downloads binary packages.
    func download(_ packages: [String]) throws {
        try apt(["download", "-q"] + packages).check()
    }

    /// Downloads a source package as its authors released it, without Debian's changes.
    func downloadSource(_ package: String) throws {
        try apt(["source", "-q", "--download-only", "--tar-only", package]).check()
    }

    /// What a package depends on, by name.
    func dependencies(of package: String) throws -> [String] {
        let text = try Command("apt-cache", options + ["depends", package]).check()
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == "Depends:" ? String(words[1]) : nil
        }
    }

    /// The newest of the downloaded files that begin and end so.
    func file(beginning prefix: String, ending suffix: String) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: downloads)) ?? []
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.max().map { downloads + "/" + $0 }
    }

    // Ten minutes are enough for anything, and a mirror that does not answer is given up sooner.
    private func apt(_ arguments: [String]) -> Command {
        Command("timeout", ["600", "apt-get"] + options + arguments, directory: downloads)
    }

    private var options: [String] {
        let settings = [
            "Dir::Etc::SourceList=\(directory)/sources.list", "Dir::Etc::SourceParts=/dev/null",
            "Dir::State::Lists=\(directory)/lists", "Dir::Cache=\(directory)/cache", "APT::Sandbox::User=",
            "Acquire::http::Timeout=30", "Acquire::Retries=1",
        ]
        return (settings + architectures.map { "APT::Architectures::=\($0)" }).flatMap { ["-o", $0] }
    }
}
