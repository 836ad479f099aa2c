import ApusKit
import ArgumentParser
import Foundation

/// `apus flash`
struct Flash: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write an application or a card image to a card.",
        discussion: """
            Refuses whatever is not a removable whole disk of at most 256 GB, is mounted or holds the running system, and \
            an image without the files that a board starts from. \
            Shows what it would erase and wants the device's name typed. Reads everything back and compares.
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
        let path = try cardImage()
        let image = try Files.read(path)
        guard CardImage.isCardImage(image) else { throw FlashError.notCardImage(path) }
        let missing = try BootFiles.missing(fromImage: path)
        guard missing.isEmpty else { throw FlashError.lacksBootFiles(path, missing) }
        guard !pretend || Files.isPlainFile(device) else { throw FlashError.notPlainFile(device) }
        let target = pretend ? device : try confirmedTarget(for: image.count)
        var bar = ProgressBar(total: image.count)
        try FlashWriter(path: target, isDevice: !pretend).write(image) { phase, done in
            bar.show(phase.rawValue, done)
        }
        if !pretend { _ = try? Command("blockdev", ["--rereadpt", target]).capture(mergingErrors: true) }
        print("\(target) holds \(Workspace.shortened(path)). Take the card out and put it into the board.")
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

    private func confirmedTarget(for size: Int) throws -> String {
        let target = try checkedTarget(for: size)
        guard Terminal.isInteractive else { throw FlashError.nobodyToAsk }
        Screen.step("This will be erased:")
        Screen.note(target.summary)
        Screen.write("Type \(target.device.name) to go on: ")
        guard readLine() == target.device.name else { throw FlashError.notConfirmed(target.device.name) }
        // The world may have changed while the person was reading.
        return try checkedTarget(for: size).device.path
    }
}
