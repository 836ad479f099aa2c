import Foundation

/// Other people's drivers in our devices: `PeersCheck`, as a stage of `apus test`.
struct PeersStage: Check {
    let name = "U-Boot and Linux, in that QEMU"
    let repository: Repository

    func run(filter: String?, report: (String) -> Void) throws -> Tally {
        if let reason = ProcessInfo.processInfo.environment[BoardEmulator.refusalVariable] {
            report("  skipped: \(reason)")
            return Tally()
        }
        let peers = PeersCheck(repository: repository)
        do {
            try peers.fetch()
        } catch let error as any UserError {
            report("  skipped: Debian's arm64 packages are out of reach (\(error.description.prefix(200)))")
            return Tally()
        }
        return try peers.run(report: report)
    }
}
