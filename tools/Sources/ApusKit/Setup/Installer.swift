import Foundation

/// Brings this machine to where the commands work, after asking.
package struct Installer {
    private let repository: Repository
    private let asks: Bool

    /// An installer that asks before it changes anything, unless told not to or in CI.
    package init(
        repository: Repository, assumesYes: Bool = false,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.repository = repository
        let isCI = environment["CI"].map { !["", "0", "false"].contains($0) } ?? false
        asks = !assumesYes && !isCI
    }

    /// Installs what is missing for `purposes`; with `firmware`, fetches Raspberry Pi's firmware if it is not there.
    /// Returns whether there was anything to do.
    @discardableResult
    package func ensure(_ purposes: Set<Requirement.Purpose>, firmware: Firmware.Need = .none) throws -> Bool {
        let missing = Requirement.missing(for: purposes)
        let fetchesFirmware = wantsFirmware(firmware)
        guard !missing.isEmpty || fetchesFirmware else { return false }
        guard let debian = Debian() else {
            guard missing.isEmpty else { throw SetupError.notDebian(missing.map(\.program)) }
            return false
        }
        guard try announce(missing, fetchesFirmware: fetchesFirmware) else {
            Screen.warning("without Raspberry Pi's firmware card images boot in QEMU only; ./apus setup fetches it")
            return false
        }
        if !missing.isEmpty { try install(missing.map(\.package), debian: debian) }
        let still = Requirement.missing(for: purposes)
        guard still.isEmpty else { throw SetupError.stillMissing(still.map(\.program)) }
        if fetchesFirmware { try fetchFirmware(debian) }
        return true
    }

    // MARK: Asking

    /// Says what would be done, and returns whether it may be.
    private func announce(_ missing: [Requirement], fetchesFirmware: Bool) throws -> Bool {
        Screen.step("This machine lacks:")
        for requirement in missing {
            var line = "  \(requirement.package): \(requirement.reason)"
            if case .tooOld(let version) = requirement.state() { line += "; version \(version) is too old" }
            Screen.note(line)
        }
        if fetchesFirmware {
            Screen.note(
                "  what a board boots from, from Debian's raspi-firmware and arm64 kernel (about 100 MB; five files of them "
                    + "stay in .cache/, nothing is installed)")
        }
        guard asks else { return true }
        guard Terminal.isInteractive else {
            if missing.isEmpty { return false }
            throw SetupError.cannotAsk(missing.map(\.package))
        }
        Screen.write(missing.isEmpty ? "Fetch it now? [Y/n] " : "Install now with apt? [Y/n] ")
        let answer = readLine()?.lowercased() ?? "n"
        if ["", "y", "yes"].contains(answer) { return true }
        // Without the firmware everything works but a board.
        guard missing.isEmpty else { throw SetupError.declined }
        return false
    }

    // MARK: Installing

    private func install(_ packages: [String], debian: Debian) throws {
        let plan = debian.installation(of: packages, hasBackports: debian.hasBackports())
        if let source = plan.source {
            let path = "/etc/apt/sources.list.d/apus-backports.list"
            Screen.step("Adding \(path)")
            let tee = try asRoot(Command("tee", [path]))
            try tee.check(input: source)
        }
        for command in plan.commands {
            Screen.step("\(command)")
            let root = try asRoot(command)
            let status = try root.start(input: .inherited, output: .descriptor(2), errors: .descriptor(2)).wait()
            // A broken source of somebody else's is no reason to give up; the installation will tell.
            guard status.isSuccess || command.arguments.first == "update" else {
                throw SetupError.installationFailed(command.description)
            }
        }
    }

    private func asRoot(_ command: Command) throws -> Command {
        guard getuid() != 0 else { return command }
        guard Executable.find("sudo") != nil else { throw SetupError.notRoot(command.description) }
        let variables = command.environment.map { "\($0.key)=\($0.value)" }
        return Command("sudo", ["env"] + variables + [command.program] + command.arguments)
    }

    // MARK: Firmware

    private var refusal: String { repository.path(".cache/no-firmware") }

    private func wantsFirmware(_ need: Firmware.Need) -> Bool {
        guard need != .none else { return false }
        let firmware = Firmware(repository: repository)
        guard !firmware.missing.isEmpty else { return need == .newest && FirmwareDownload.isOld(firmware) }
        // Where it could not be had once, only who asks for it tries again.
        return need != .wanted || !Files.exists(refusal)
    }

    private func fetchFirmware(_ debian: Debian) throws {
        Screen.step("Fetching the boot firmware and the boards' device trees")
        do {
            try FirmwareDownload(debian: debian, repository: repository).run()
            Files.remove(refusal)
            Screen.note("  \(Firmware(repository: repository).description)")
        } catch let error as any UserError {
            try Files.makeDirectory(repository.path(".cache"))
            try Files.write("", to: refusal)
            let reason = error.description.split(separator: "\n").last.map(String.init) ?? ""
            Screen.warning(
                "there is no Raspberry Pi firmware to be had (\(reason)); card images will boot in QEMU only")
        }
    }
}
