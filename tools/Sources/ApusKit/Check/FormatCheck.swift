/// The sources are formatted by `.swift-format`.
struct FormatCheck: Check {
    let name = "Format"
    let repository: Repository
    let toolchain: Toolchain

    func run(filter: String?, report: (String) -> Void) throws -> Tally {
        let paths = ["Package.swift", "Sources", "Tests", "tools/Package.swift", "tools/Sources", "tools/Tests"]
        let sources = try Command(
            "git", ["-C", repository.root, "ls-files", "-co", "--exclude-standard", "--"] + paths
        ).check().split(separator: "\n").map(String.init).filter { $0.hasSuffix(".swift") && repository.has($0) }
        let lint = try Command(
            toolchain.tool("swift-format"), ["lint", "--strict", "--parallel"] + sources, directory: repository.root)
        return Tally(try lint.capturePrinting(report, quiet: true).isSuccess)
    }
}
