import ApusKit
import Foundation

/// What the tests of whole images share: the repository and its applications, built once.
enum Fixtures {
    static let repository = Result { try Repository.find(above: URL(fileURLWithPath: #filePath).path) }
    static let toolchain = Result { try Toolchain() }

    static let hello = build("Hello")
    static let shell = build("Shell")
    static let selfTest = build("SelfTest")

    static let reflect = build("Reflect")
    static let netDump = build("NetDump")

    /// The QEMU that has the board's own devices.
    static let emulator = Result { try BoardEmulator(repository: repository.get()) { print($0) }.build() }

    /// Why there is no such emulator on this machine, if its source cannot be had or `apus test` has found that out before. One
    /// that does not build is no reason to skip: its tests fail.
    static let reasonForNoEmulator: String? = {
        if let reason = ProcessInfo.processInfo.environment[BoardEmulator.refusalVariable] { return reason }
        let missing = Requirement.missing(for: [.emulator]).map(\.package)
        guard missing.isEmpty else { return "this machine lacks \(missing.joined(separator: ", "))" }
        do {
            _ = try emulator.get()
        } catch let error as EmulatorError where error.isOutOfReach {
            return error.description
        } catch {}
        return nil
    }()

    /// Why there are no cards for boards on this machine, if what a board boots from could not be had.
    static let reasonForNoFirmware: String? = {
        guard let missing = try? Firmware(repository: repository.get()).missing else { return "there is no repository" }
        return missing.isEmpty ? nil : "./apus setup has not brought \(missing.joined(separator: ", "))"
    }()

    /// Builds an application of the repository.
    static func build(_ name: String) -> Result<BuiltImage, any Error> {
        Result { try builder().build(name) }
    }

    static func builder(checksHeap: Bool = false) throws -> Builder {
        Builder(repository: try repository.get(), toolchain: try toolchain.get(), checksHeap: checksHeap) { print($0) }
    }

    /// A card with the shell's files on it.
    static let shellCard = Result {
        try CardImage(firmware: Firmware(repository: repository.get())).make(shell.get()).path
    }

    // MARK: - Starting as the board does

    /// Where the files lie that the firmware would have put into memory.
    static let handOverDirectory = Result {
        let directory = try repository.get().path("build/hand-over")
        try Files.makeDirectory(directory)
        return directory
    }

    /// The firmware's stub, as we have written it.
    static let stub = Result { try BootStub.assemble(in: handOverDirectory.get(), toolchain: toolchain.get()) }

    /// The memory of a board whose firmware has put this image there.
    static func handOver(_ image: Result<BuiltImage, any Error>) throws -> HandOver {
        HandOver(stub: try stub.get(), image: try image.get().image)
    }

    /// A machine that starts this image as the board's firmware does: through the stub, with a device tree; `change` makes another of it, and
    /// `handOver` of what is in its memory.
    static func board(
        _ image: Result<BuiltImage, any Error>, _ change: (inout MachineConfiguration) throws -> Void = { _ in },
        handOver changeMemory: (inout HandOver) throws -> Void = { _ in }
    ) throws -> MachineConfiguration {
        var memory = try handOver(image)
        try changeMemory(&memory)
        var configuration = MachineConfiguration(boot: .handedOver(memory))
        try change(&configuration)
        if let card = configuration.card { try CardJudgement.expectStartsBoard(card) }
        if configuration.deviceTree == nil {
            configuration.deviceTree = try BoardTree.path(arguments: configuration.bootArguments)
        }
        return configuration
    }

    /// The path of a file of the repository.
    static func file(_ name: String) throws -> String { try repository.get().path(name) }
}
