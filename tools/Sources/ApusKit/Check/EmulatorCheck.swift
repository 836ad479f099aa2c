import Foundation

/// The QEMU with the board's own devices builds. Where its source or what builds it is out of reach, it and the tests that need it are
/// skipped, with the reason.
struct EmulatorCheck: Check {
    let name = "QEMU with the board's devices"
    let repository: Repository

    func run(filter: String?, report: (String) -> Void) throws -> Tally {
        do {
            try Self.ensureRequirements(repository)
            _ = try BoardEmulator(repository: repository) { Screen.note($0) }.build()
            return Tally(true)
        } catch let error as EmulatorError where error.isOutOfReach {
            // For the tests, which are programs of their own.
            setenv(BoardEmulator.refusalVariable, error.description, 1)
            report("  skipped: \(error)")
            return Tally()
        }
    }

    /// Installs what building QEMU takes. Not to get it is to be out of reach.
    private static func ensureRequirements(_ repository: Repository) throws {
        do {
            try Installer(repository: repository).ensure([.emulator])
        } catch let error as SetupError {
            throw EmulatorError.noSource(error.description)
        }
    }
}
