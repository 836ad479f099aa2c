import ApusKit
import ArgumentParser
import Foundation

/// `apus run`
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build an application and boot it in QEMU, with its console in this terminal.",
        discussion: """
            Ends with status 0 when the guest switches the power off or the person leaves, 3 if there was a crash \
            report, 4 when the time of --timeout is up.
            """)

    @Argument(help: "The application; Shell, or the only one of --package.")
    var application: String?
    @OptionGroup var options: ApplicationOptions
    @Flag(help: "Leave the card slot empty.")
    var noCard = false
    @Option(help: "Use this card image; its size is a power of two.")
    var image: String?
    @Flag(help: "Keep what the guest writes to the card image.")
    var keepWrites = false
    @Flag(help: "Boot the ELF file, which enters at EL3 rather than EL2.")
    var elf = false
    @Flag(help: "Let the clock count instructions, so that every run is the same.")
    var icount = false
    @Flag(help: "Give the machine one core rather than four.")
    var oneCore = false
    @Option(help: "Give the guest this device tree.")
    var dtb: String?
    @Flag(help: "Let gdb connect, at port 1234; `apus debug` is more comfortable.")
    var gdb = false
    @Flag(help: "Use the QEMU that has the board's own devices; it is built when there is none.")
    var board = false
    @Option(help: "As --board, with the network: user, tap:INTERFACE, socket:listen=ADDRESS:PORT or none.")
    var nic: String?
    @Option(name: .customLong("args"), help: "The line of arguments for the guest, as in cmdline.txt.")
    var arguments: String?
    @Option(help: "As --board, and put the network capture of NetDump into this file for Wireshark.")
    var pcap: String?
    @Option(help: "The port on this machine that leads to the guest's, as HOST:GUEST.")
    var forward = "8080:80"
    @Option(help: "End after so many seconds.")
    var timeout: Double?

    func validate() throws {
        if noCard && image != nil { throw ValidationError("Give either --no-card or --image.") }
        if nic != nil && network == nil { throw ValidationError("--nic is user, tap:INTERFACE, socket:... or none.") }
        if ports == nil { throw ValidationError("--forward takes two ports, such as 8080:80.") }
        for path in [image, dtb].compactMap({ $0 }) where !Files.exists(path) {
            throw ValidationError("There is no file \(path).")
        }
    }

    private var usesBoard: Bool { board || nic != nil || pcap != nil }

    private var ports: (host: Int, guest: Int)? {
        let numbers = forward.split(separator: ":").compactMap { UInt16($0) }
        return numbers.count == 2 ? (Int(numbers[0]), Int(numbers[1])) : nil
    }

    private var network: NetworkBackend? {
        ports.flatMap { NetworkBackend(nic ?? "user", hostPort: $0.host, guestPort: $0.guest) }
    }

    func run() throws {
        let workspace = try Workspace()
        try workspace.installer.ensure([.build, .card, .machine], firmware: .wanted)
        let built = try options.build(application ?? (options.package == nil ? "Shell" : nil), workspace: workspace)
        var configuration = MachineConfiguration(boot: elf ? .elf(built.elf) : .image(built.image))
        if !noCard { configuration.card = try image ?? workspace.cardMaker.make(built).path }
        if usesBoard {
            try workspace.installer.ensure([.emulator])
            configuration.program = try BoardEmulator(repository: workspace.repository) { Screen.note($0) }.build()
            configuration.network = network
        }
        let words = [arguments, pcap == nil ? nil : "pcap"].compactMap { $0 }
        configuration.bootArguments = words.isEmpty ? nil : words.joined(separator: " ")
        configuration.keepsWrites = keepWrites
        configuration.deviceTree = dtb
        configuration.countsInstructions = icount
        configuration.hasOneCore = oneCore
        configuration.debugger = gdb ? "tcp:127.0.0.1:1234" : nil

        let symbols = try Symbolizer(elf: built.elf, toolchain: workspace.toolchain)
        var console = LiveConsole(view: ConsoleView(isColoured: Screen.isColoured, symbols: symbols))
        console.capture = try pcap.map { try CaptureFile($0) }
        Screen.step("\(built.application.name) in QEMU. \(Terminal.isInteractive ? EscapeKeys.hint : "")")
        let machine = try Machine(configuration)
        let end = console.run(machine, timeout: timeout)
        if end == .ended {
            let status = machine.waitForEnd()
            guard status.isSuccess else { throw RunError.emulatorFailed(status) }
        }
        machine.powerOff()
        if console.view.sawCrash { throw ExitCode(3) }
        if end == .timedOut {
            Screen.error("the \(timeout ?? 0) seconds of --timeout are over; the machine was switched off")
            throw ExitCode(4)
        }
    }
}

/// A run that went wrong.
enum RunError: UserError {
    case emulatorFailed(ExitStatus)

    var description: String {
        "QEMU gave up (\(self.status)); its message is above"
    }

    private var status: String {
        switch self {
        case .emulatorFailed(.exited(let code)): "status \(code)"
        case .emulatorFailed(.signalled(let signal)): "signal \(signal)"
        }
    }
}
