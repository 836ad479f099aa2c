/// Every application builds for the board, without a warning.
struct ImageCheck: Check {
    let name = "Applications, for the board"
    let repository: Repository
    let builder: Builder

    func run(filter: String?, report: (String) -> Void) throws -> Tally {
        var tally = Tally()
        for application in repository.applications {
            do {
                let built = try builder.build(application)
                report("  \(application): \(try Files.read(built.image).count) bytes")
                tally.passed += 1
            } catch {
                report("  \(application): \(error)")
                tally.failed += 1
            }
        }
        return tally
    }
}
