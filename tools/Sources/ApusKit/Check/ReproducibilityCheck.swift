/// The same sources make the same bytes, whichever directory they lie in.
struct ReproducibilityCheck: Check {
    let name = "Reproducible build"
    let repository: Repository
    let toolchain: Toolchain
    var applications = ["Hello", "Shell"]

    func run(filter: String?, report: (String) -> Void) throws -> Tally {
        try Files.withTemporaryDirectory { directory in
            let copy = Repository(root: directory + "/a directory of another length/apus")
            try copyWorkingTree(to: copy)
            // The copy has no git, so it is told the commit.
            let commit = try ApplicationPackage(directory: nil, repository: repository).commit()
            var tally = Tally()
            for application in applications {
                let mine = try builder(repository).build(application, commit: commit)
                let other = try builder(copy).build(application, commit: commit)
                for (first, second) in [(mine.image, other.image), (mine.elf, other.elf)] {
                    let isSame = try Files.read(first) == Files.read(second)
                    if !isSame { report("  \(first) differs from a build of the same sources elsewhere") }
                    tally = tally + Tally(isSame)
                }
            }
            return tally
        }
    }

    private func builder(_ repository: Repository) -> Builder {
        Builder(repository: repository, toolchain: toolchain) { Screen.note($0) }
    }

    private func copyWorkingTree(to copy: Repository) throws {
        try Files.makeDirectory(copy.root)
        let list = try Command("git", ["-C", repository.root, "ls-files", "-co", "--exclude-standard"]).check()
        let present = list.split(separator: "\n").filter { repository.has(String($0)) }
        try Command(
            "cp", ["--parents", "--no-dereference", "--target-directory", copy.root] + present.map(String.init),
            directory: repository.root
        ).check()
    }
}
