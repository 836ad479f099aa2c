import ApusKit
import ArgumentParser
import Glibc

/// The host command.
@main
struct Apus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "Builds, boots, tests and flashes library operating systems for the Raspberry Pi 4.",
        version: apusVersion,
        groupedSubcommands: [
            CommandGroup(
                name: "An application:", subcommands: [Run.self, Build.self, Image.self, Flash.self, KV.self]),
            CommandGroup(name: "Looking into it:", subcommands: [Monitor.self, Debug.self, Inspect.self, Report.self]),
            CommandGroup(name: "Quality:", subcommands: [Test.self, Fuzz.self, Bench.self]),
            CommandGroup(name: "This machine:", subcommands: [Setup.self, Doctor.self, QEMU.self]),
        ])

    static func main() {
        // A program that no longer reads is an error of a write, not the end of this one.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as any UserError {
            Screen.error(error.description)
            Glibc.exit(2)
        } catch {
            exit(withError: error)
        }
    }
}
