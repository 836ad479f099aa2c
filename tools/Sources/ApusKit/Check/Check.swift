/// One stage of `apus test`.
package protocol Check {
    /// What is checked, for the headline.
    var name: String { get }
    /// Whether `--filter` applies to it; other checks are left out when there is a filter.
    var isFiltered: Bool { get }
    /// Checks, hands lines that matter to `report`, and counts.
    func run(filter: String?, report: (String) -> Void) throws -> Tally
}

extension Check {
    package var isFiltered: Bool { false }
}

/// The stages of `apus test`, in order.
package struct CheckList {
    private let checks: [any Check]

    /// Everything there is to check in this repository.
    package init(repository: Repository, toolchain: Toolchain, fuzzSeconds: Int = 10) {
        let builder = Builder(repository: repository, toolchain: toolchain) { Screen.note($0) }
        let tools = repository.path("tools")
        checks = [
            FormatCheck(repository: repository, toolchain: toolchain),
            ImageCheck(repository: repository, builder: builder),
            SwiftTestCheck(
                name: "Firmware, on this machine", package: repository.root, scratch: repository.path(".build-host"),
                flags: ["-Xswiftc", "-warnings-as-errors", "-Xcc", "-Werror"]),
            SwiftTestCheck(name: "Host command", package: tools, target: "ApusKitTests"),
            EmulatorCheck(repository: repository),
            SwiftTestCheck(name: "Images, in QEMU", package: tools, target: "SystemTests"),
            PeersStage(repository: repository),
            NetworkCheck(repository: repository, isLong: false),
            FuzzCheck(repository: repository, seconds: fuzzSeconds),
            ReproducibilityCheck(repository: repository, toolchain: toolchain),
        ]
    }

    /// Runs every check and returns the sum.
    package func run(filter: String?) -> Tally {
        var sum = Tally()
        for check in checks where filter == nil || check.isFiltered {
            Screen.step("\n\(check.name)")
            let clock = ContinuousClock()
            let start = clock.now
            var tally: Tally
            do {
                tally = try check.run(filter: filter) { Screen.note($0) }
            } catch {
                Screen.error("\(error)")
                tally = Tally(false)
            }
            let seconds = (clock.now - start).components.seconds
            Screen.note("  \(tally) (\(seconds) s)")
            sum = sum + tally
        }
        return sum
    }
}
