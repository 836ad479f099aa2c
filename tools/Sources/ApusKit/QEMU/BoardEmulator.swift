import Foundation

/// QEMU with the devices of the board that no released one has: Debian's source, our models in `tools/qemu`.
///
/// It lies in `.cache/qemu/KEY`, where the key stands for everything but the models: those are built into the tree
/// that is there, which takes seconds.
package struct BoardEmulator {
    /// What the patch was made for.
    static let version = "10.0"
    /// What QEMU's build needs from PyPI.
    static let python = ["meson==1.5.0", "pycotap==1.3.1"]
    /// How QEMU is configured: one machine, user networking, nothing else.
    static let options = [
        "--target-list=aarch64-softmmu", "--without-default-features", "--without-default-devices",
        "--with-devices-aarch64=apus", "--enable-tcg", "--enable-slirp", "--enable-fdt=system", "--disable-user",
        "--disable-tools", "--disable-docs", "--disable-install-blobs",
    ]

    /// The devices that are built in: the board, and what can be plugged into its USB port.
    static let devices = ["RASPI", "USB_NETWORK", "USB_HID", "USB_STORAGE_CLASSIC", "USB_HUB"]

    /// The variable that tells tests why they have to do without.
    package static let refusalVariable = "APUS_NO_EMULATOR"

    private let repository: Repository
    private let report: (String) -> Void

    /// The emulator of this repository; progress goes to `report`.
    package init(repository: Repository, report: @escaping (String) -> Void) {
        self.repository = repository
        self.report = report
    }

    private var models: String { repository.path("tools/qemu/devices") }
    private var patch: String { repository.path("tools/qemu/raspi4b.patch") }

    /// What distinguishes one build from another, the models aside.
    static func key(patch: [UInt8]) throws -> String {
        let inputs = ([version] + python + options + devices).joined(separator: "\n")
        return String(try SHA256.hexadecimal(Array(inputs.utf8) + patch).prefix(16))
    }

    /// The program if it has been built for this patch, though perhaps from older models; nil otherwise.
    package var builtProgram: String? {
        guard let patch = try? Files.read(patch), let key = try? Self.key(patch: patch) else { return nil }
        let program = repository.path(".cache/qemu/\(key)/build/\(Machine.program)")
        return Files.exists(program) ? program : nil
    }

    /// Builds what is not up to date and returns the path of the program.
    package func build() throws -> String {
        let directory = repository.path(".cache/qemu/" + (try Self.key(patch: Files.read(patch))))
        let built = directory + "/build"
        let environment = directory + "/python"
        if !Files.exists(built + "/build.ninja") {
            Files.remove(directory)
            try Files.makeDirectory(built)
            try unpack(into: directory)
            try preparePython(environment)
            try configure(directory, python: environment)
        }
        try compile(built)
        return built + "/" + Machine.program
    }

    // MARK: The source

    /// The released source, patched, with a link to our models as `hw/apus`.
    private func unpack(into directory: String) throws {
        let archive = try fetch()
        let source = directory + "/source"
        try Files.makeDirectory(source + "/configs/devices/aarch64-softmmu")
        try Command("tar", ["-xf", archive, "-C", source, "--strip-components=1"]).check()
        try Command("patch", ["-p1", "--batch", "--forward", "-i", patch], directory: source).check()
        try Files.write(
            Self.devices.map { "CONFIG_\($0)=y\n" }.joined(), to: source + "/configs/devices/aarch64-softmmu/apus.mak")
        try FileManager.default.createSymbolicLink(atPath: source + "/hw/apus", withDestinationPath: models)
    }

    private func fetch() throws -> String {
        guard let debian = Debian() else { throw EmulatorError.noSource("this is no Debian") }
        let suite = debian.needsBackportsForQEMU ? debian.backports : debian.codename
        let apt = try PrivateApt(
            directory: repository.path(".cache/qemu/apt"), sources: ["deb-src \(debian.mirror) \(suite) main"])
        func archive() -> String? { apt.file(beginning: "qemu_\(Self.version)", ending: ".orig.tar.xz") }
        if let present = archive() { return present }
        report("Fetching QEMU's source from Debian's \(suite), 40 MB")
        do {
            try apt.update()
            try apt.downloadSource("qemu")
        } catch let error as any UserError {
            throw EmulatorError.noSource(error.description)
        }
        guard let archive = archive() else { throw EmulatorError.noSource("\(suite) has another version") }
        return archive
    }

    // MARK: The build

    private func preparePython(_ environment: String) throws {
        report("Fetching \(Self.python.joined(separator: ", ")) from PyPI")
        do {
            try Command("python3", ["-m", "venv", environment]).check()
            try Command(
                "timeout", ["300", environment + "/bin/pip", "install", "-q", "--timeout", "30"] + Self.python
            ).check()
        } catch let error as any UserError {
            throw EmulatorError.noPython(error.description)
        }
    }

    private func configure(_ directory: String, python: String) throws {
        report("Configuring")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let command = Command(
            directory + "/source/configure", Self.options + ["--python=\(python)/bin/python3"],
            directory: directory + "/build", environment: ["PATH": python + "/bin:" + path])
        guard try command.capturePrinting(report, quiet: true).isSuccess else {
            Files.remove(directory + "/build/build.ninja")
            throw EmulatorError.failed("configure")
        }
    }

    private func compile(_ built: String) throws {
        if !Files.exists(built + "/" + Machine.program) { report("Building QEMU, which takes some minutes") }
        let command = Command("timeout", ["3600", "nice", "ninja", "-C", built, Machine.program])
        guard try command.capturePrinting(report, quiet: true).isSuccess else { throw EmulatorError.failed("ninja") }
    }
}

/// Why there is no emulator of the whole board.
package enum EmulatorError: UserError, Equatable {
    case noSource(String)
    case noPython(String)
    case failed(String)

    /// Whether something could not be fetched: nothing is wrong with what is here.
    package var isOutOfReach: Bool {
        if case .failed = self { false } else { true }
    }

    package var description: String {
        switch self {
        case .noSource(let reason): "QEMU's source cannot be had from Debian: \(reason)"
        case .noPython(let reason): "what builds QEMU cannot be had from PyPI: \(reason)"
        case .failed(let step): "QEMU does not build: `\(step)` failed; the messages above say why"
        }
    }
}
