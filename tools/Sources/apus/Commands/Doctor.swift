import ApusKit
import ArgumentParser

/// `apus doctor`
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check this machine and say what to do about what is missing.",
        discussion: "Ends with status 1 if something is missing. Changes nothing.")

    func run() throws {
        var missing = 0
        func line(_ isFine: Bool, _ text: String) {
            missing += isFine ? 0 : 1
            print("\(isFine ? "ok      " : "MISSING ") \(text)")
        }
        let repository = try Repository.find()
        checkSwift(line)
        for requirement in Requirement.all where requirement.purposes != [.emulator] {
            switch requirement.state() {
            case .present(let version):
                line(true, "\(requirement.program) \(version.map(String.init(describing:)) ?? "")")
            case .missing:
                line(
                    false, "\(requirement.program), \(requirement.reason): ./apus setup installs \(requirement.package)"
                )
            case .tooOld(let version):
                line(false, "\(requirement.program) is \(version), too old: ./apus setup installs a newer one")
            }
        }
        line(Executable.find("git") != nil, "git, for the commit in the header note: apt install git")
        let firmware = Firmware(repository: repository)
        // Without it everything works but the board.
        print(
            firmware.missing.isEmpty
                ? "ok       boot firmware in .cache/: \(firmware.description)"
                : "absent   \(firmware.missing.joined(separator: ", ")): ./apus setup fetches them; without them cards boot in "
                    + "QEMU only")
        guard missing == 0 else { throw ExitCode(1) }
    }

    private func checkSwift(_ line: (Bool, String) -> Void) {
        do {
            let toolchain = try Toolchain()
            let version = try toolchain.version()
            let isRight = Version(in: version).map { $0 >= Version(6, 3, 1) } ?? false
            line(isRight, isRight ? version : "Swift 6.3.1, this is \(version): install it from swift.org")
            let tools = [
                "clang", "ld.lld", "llvm-objcopy", "llvm-symbolizer", "llvm-nm", "swift-format", "swift-demangle",
            ]
            for tool in tools where (try? toolchain.tool(tool)) == nil {
                line(false, "\(tool) in the Swift toolchain: install the complete toolchain from swift.org")
            }
            let hasTables = Files.exists(toolchain.unicodeTables + "/libswiftUnicodeDataTables.a")
            line(hasTables, "Embedded Swift for \(Toolchain.triple)")
        } catch {
            line(false, "\(error)")
        }
    }
}
