import ApusKit
import ArgumentParser
import Foundation
import Glibc

/// `apus flash`
struct Flash: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write an application or a card image to a card.",
        discussion: """
            Refuses whatever is not a removable whole disk of a card's size, is mounted or holds the running system, and \
            an image that is cut short or without the files that a board starts from. \
            Shows what it would erase, holds on to it, and wants the device's name typed. Reads everything back and compares. \
            Asks for root's right itself, when it is needed.
            """)

    @Argument(help: "An application, or a card image's file.")
    var source: String
    @Argument(help: "The card's device, such as /dev/sdb.")
    var device: String
    @OptionGroup var options: ApplicationOptions

    // For the tests: a plain file stands for the card, and the name is not asked for.
    @Flag(help: .hidden)
    var pretend = false

    func run() throws {
        let image = try CardImageFile(path: cardImage())
        let missing = try BootFiles.missing(fromImage: image.path)
        guard missing.isEmpty else { throw FlashError.lacksBootFiles(image.path, missing) }
        guard !pretend else {
            guard Files.isPlainFile(device) else { throw FlashError.notPlainFile(device) }
            return try write(image, to: HeldDevice(path: device, isDevice: false))
        }
        guard mayWrite else { return try runAsRoot(image) }
        let agreement = try FlashAgreement { try checkedTarget(for: image.size) }
        try ask(agreement.target)
        // The world may have changed while the person was reading.
        try agreement.confirm()
        try write(image, to: agreement.device)
    }

    private func write(_ image: CardImageFile, to device: HeldDevice) throws {
        var bar = ProgressBar(total: image.size)
        try FlashWriter(device).write(image) { phase, done in bar.show(phase.rawValue, done) }
        if !pretend { _ = try? Command("blockdev", ["--rereadpt", device.path]).capture(mergingErrors: true) }
        print("\(device.path) holds \(Workspace.shortened(image.path)). Take the card out and put it into the board.")
    }

    // MARK: Rights

    /// Whether this user may write to the device.
    private var mayWrite: Bool { access(device, R_OK | W_OK) == 0 }

    /// Asks for root's right, which only looking at the device, the question and writing take. Everything before, the building too, belongs to
    /// the person, who need not have Swift where root looks for programs.
    private func runAsRoot(_ image: CardImageFile) throws {
        // What is wrong with the device is said before a password is asked for.
        let target = try checkedTarget(for: image.size)
        guard Terminal.isInteractive else { throw FlashError.nobodyToAsk }
        guard getuid() != 0, Executable.find("sudo") != nil else { throw FlashError.noRight(device) }
        Screen.note("Writing to \(target.device.path) takes root's right: sudo may ask for your password.")
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let status = try Command("sudo", [program, "flash", Files.absolute(image.path), target.device.path]).run()
        guard status.isSuccess else { throw ExitCode(2) }
    }

    /// The image to write, built first if the source is an application.
    private func cardImage() throws -> String {
        if Files.exists(source) && !Files.isDirectory(source) { return source }
        let workspace = try Workspace()
        guard options.package != nil || workspace.repository.applications.contains(source) else {
            throw FlashError.noImage(source)
        }
        // Before anything is built, because it may be the device that is wrong.
        if !pretend { _ = try checkedTarget(for: CardLayout.minimumSize) }
        try workspace.installer.ensure([.build, .card], firmware: .required)
        let missing = Firmware(repository: workspace.repository).missing
        guard missing.isEmpty else { throw FlashError.lacksBootFiles("a card of \(source)", missing) }
        return try workspace.cardMaker.make(options.build(source, workspace: workspace)).path
    }

    private func checkedTarget(for size: Int) throws -> FlashTarget {
        let path = URL(fileURLWithPath: device).resolvingSymlinksInPath().path
        let mounts = String(decoding: try Files.read("/proc/mounts"), as: UTF8.self).split(separator: "\n")
        let mounted = Set(mounts.compactMap { $0.split(separator: " ").first.map(String.init) })
        return try FlashTarget(path: path, among: .current(), mounted: mounted, imageSize: size)
    }

    private func ask(_ target: FlashTarget) throws {
        guard Terminal.isInteractive else { throw FlashError.nobodyToAsk }
        Screen.step("This will be erased:")
        Screen.note(target.summary)
        Screen.write("Type \(target.device.name) to go on: ")
        guard readLine() == target.device.name else { throw FlashError.notConfirmed(target.device.name) }
    }
}
