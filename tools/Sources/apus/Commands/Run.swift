import ApusKit
import ArgumentParser
import Foundation

/// `apus run`
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build an application and boot it in QEMU, with its console in this terminal.",
        discussion: """
            Ends with status 0 when the guest switches the power off, the person leaves or nobody reads what it shows, 3 if there was a crash \
            report, 4 when the time of --timeout is up.
            """)

    @Argument(help: "The application; Shell, or the only one of --package.")
    var application: String?
    @OptionGroup var options: ApplicationOptions
    @Flag(help: "Leave the card slot empty.")
    var noCard = false
    @Option(help: "Use this card image; its size is a power of two.")
    var image: String?
    @Flag(help: "Keep what the guest writes to the card, for later runs with this option; with --image, in that file.")
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
    @Option(
        name: .customLong("usb"),
        help: """
            The network behind an Ethernet adapter on USB: user, tap:INTERFACE, socket:listen=ADDRESS:PORT or none; user, \
            unless the board's own Ethernet is there.
            """)
    var usbNetwork: String?
    @Option(help: "The port on this machine that leads to the guest's, as HOST:GUEST; 8080:80.")
    var forward: String?
    @Option(help: "End after so many seconds.")
    var timeout: Double?

    func validate() throws {
        if noCard && image != nil { throw ValidationError("Give either --no-card or --image.") }
        if let nic, backend(nic) == nil { throw ValidationError("--nic is user, tap:INTERFACE, socket:... or none.") }
        if let usbNetwork, backend(usbNetwork) == nil {
            throw ValidationError("--usb is user, tap:INTERFACE, socket:... or none.")
        }
        if ports == nil { throw ValidationError("--forward takes two ports, such as 8080:80.") }
        for path in [image, dtb].compactMap({ $0 }) where !Files.exists(path) {
            throw ValidationError("There is no file \(path).")
        }
    }

    private var usesBoard: Bool { board || nic != nil || pcap != nil }

    private var ports: (host: Int, guest: Int)? {
        let numbers = (forward ?? "8080:80").split(separator: ":").compactMap { UInt16($0) }
        return numbers.count == 2 ? (Int(numbers[0]), Int(numbers[1])) : nil
    }

    private func backend(_ text: String) -> NetworkBackend? {
        ports.flatMap { NetworkBackend(text, hostPort: $0.host, guestPort: $0.guest) }
    }

    /// Plugs the network in: the board's own where it is, or an adapter on USB. One of them has the port that leads to the guest.
    private func plug(into configuration: inout MachineConfiguration) {
        if usesBoard { configuration.network = backend(nic ?? "user") }
        let adapter = backend(usbNetwork ?? (usesBoard ? "none" : "user"))
        configuration.adapter = adapter == NetworkBackend.none ? nil : adapter
        guard case .user(let host, let guest)? = configuration.adapter ?? configuration.network else { return }
        let isShared = configuration.adapter != nil && configuration.network == configuration.adapter
        // What was not asked for is no reason to fail: another machine may run.
        if forward != nil || Loopback.isFree(host) {
            if isShared { configuration.adapter = .user(hostPort: 0, guestPort: guest) }
            Screen.note("http://localhost:\(host)/ leads to port \(guest) of the guest")
            return
        }
        Screen.note("port \(host) is taken: nothing leads to the guest; --forward names another one")
        if configuration.network == .user(hostPort: host, guestPort: guest) {
            configuration.network = .user(hostPort: 0, guestPort: guest)
        }
        if configuration.adapter != nil { configuration.adapter = .user(hostPort: 0, guestPort: guest) }
    }

    private func card(of built: BuiltImage, _ workspace: Workspace) throws -> String {
        guard keepWrites else { return try workspace.cardMaker.make(built).path }
        let kept = try workspace.cardMaker.keep(built)
        if kept.isOld {
            Screen.note(
                "the card is \(Workspace.shortened(kept.path)), as the last run left it; delete it to begin with a new one"
            )
        }
        return kept.path
    }

    func run() throws {
        Endings.install()
        let workspace = try Workspace()
        try workspace.installer.ensure([.build, .card, .machine])
        let built = try options.build(application ?? (options.package == nil ? "Shell" : nil), workspace: workspace)
        var configuration = MachineConfiguration(boot: elf ? .elf(built.elf) : .image(built.image))
        if !noCard { configuration.card = try image ?? card(of: built, workspace) }
        if usesBoard {
            try workspace.installer.ensure([.emulator])
            configuration.program = try BoardEmulator(repository: workspace.repository) { Screen.note($0) }.build()
        }
        plug(into: &configuration)
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
