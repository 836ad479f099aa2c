import ApusKit
import ArgumentParser
import Foundation

/// `apus debug`
struct Debug: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Boot an application in QEMU, stopped, with gdb attached and its symbols loaded.",
        discussion: """
            The machine waits before its first instruction: set breakpoints and `continue`. The guest's console goes \
            to build/APP/console.log. Leaving gdb ends the machine.
            """)

    @Argument(help: "The application; Shell, or the only one of --package.")
    var application: String?
    @OptionGroup var options: ApplicationOptions
    @Flag(help: "Boot the ELF file, which enters at EL3 rather than EL2.")
    var elf = false
    @Flag(help: "Leave the card slot empty.")
    var noCard = false
    @Option(name: .customLong("execute"), help: "A command for gdb, such as \"break main\"; may be given repeatedly.")
    var commands: [String] = []
    @Flag(help: "End gdb after the commands of --execute.")
    var batch = false

    func run() throws {
        Endings.install()
        let workspace = try Workspace()
        try workspace.installer.ensure([.build, .card, .machine, .debug], firmware: .wanted)
        let built = try options.build(application ?? (options.package == nil ? "Shell" : nil), workspace: workspace)
        var configuration = MachineConfiguration(boot: elf ? .elf(built.elf) : .image(built.image))
        if !noCard { configuration.card = try workspace.cardMaker.make(built).path }

        let status = try Files.withTemporaryDirectory { directory in
            let socket = directory + "/gdb"
            configuration.debugger = "unix:\(socket),server=on,wait=off"
            configuration.waitsForDebugger = true
            let log = built.directory + "/console.log"
            // In a group of its own, so that Ctrl-C in gdb stops the guest and does not end QEMU.
            let machine = try Machine(configuration, console: log, ownGroup: true)
            defer { machine.powerOff() }
            try machine.waitUntilReady()
            Screen.step("\(built.application.name), stopped before its first instruction; its console: \(log)")
            // gdb takes these commands apart at blanks.
            let root = Command.escapingBlanks(workspace.repository.root)
            let steps = ["set architecture aarch64", "target remote \(socket)"] + commands
            let arguments =
                ["-q", "-nx", "-iex", "set confirm off", "-iex", "set pagination off"]
                + (batch ? ["-batch"] : [])
                + [
                    "-ex", "directory \(root)", "-ex", "set substitute-path apus \(root)",
                ]
                + steps.flatMap { ["-ex", $0] } + [built.elf]
            // gdb handles Ctrl-C itself; here it must not end this process.
            signal(SIGINT, SIG_IGN)
            return try Command("gdb-multiarch", arguments).run()
        }
        guard status.isSuccess else { throw ExitCode(1) }
    }
}
