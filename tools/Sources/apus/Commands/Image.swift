import ApusKit
import ArgumentParser
import Foundation

/// `apus image`
struct Image: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build an application and make a card image of it.",
        discussion: """
            Leaves build/APP/card.img: a partition table and a FAT32 file system with the image, Raspberry Pi's \
            firmware, the boards' device trees, config.txt and the application's files/. Without firmware and trees the \
            image is called card-qemu-only.img, since a board does not boot it.
            With --imager it also leaves build/APP/imager: the image, compressed, and os_list.json, which Raspberry Pi \
            Imager takes as a custom repository, so that others need no tool of ours to write a card.
            """)

    @Argument(help: "The application; may be left out when the package has only one.")
    var application: String?
    @OptionGroup var options: ApplicationOptions
    @Option(help: "The least size in MiB; it grows to a power of two that holds everything.")
    var size = 64

    @Flag(help: "Write the compressed image and its list for Raspberry Pi Imager as well.")
    var imager = false
    @Option(
        help: "Where the files for Imager will be found: the URL of their directory. This machine's, if none is given.")
    var url: String?

    func validate() throws {
        guard (1...65536).contains(size) else { throw ValidationError("--size is 1 to 65536 MiB.") }
        if url != nil && !imager { throw ValidationError("--url is for --imager.") }
        if let url, URL(string: url)?.scheme == nil {
            throw ValidationError("--url takes a URL, such as https://example.org/apus/.")
        }
    }

    func run() throws {
        let workspace = try Workspace()
        try workspace.installer.ensure(imager ? [.build, .card, .imager] : [.build, .card], firmware: .required)
        let built = try options.build(application, workspace: workspace)
        let card = try workspace.cardMaker.make(built, minimumSize: size << 20)
        print("\(Workspace.shortened(card.path)): \(card.size >> 20) MiB")
        if !card.bootsOnBoard {
            let missing = Firmware(repository: workspace.repository).missing.joined(separator: ", ")
            guard !imager else { throw FlashError.lacksBootFiles(Workspace.shortened(card.path), [missing]) }
            Screen.warning(
                "this machine lacks \(missing), so QEMU boots this card and a board does not; run ./apus setup to get them"
            )
        }
        guard imager else { return }
        let repository = ImagerRepository(directory: built.directory + "/imager", url: url)
        let list = try repository.write(
            card: card.path, application: built.application.name, date: Self.day(of: workspace.repository))
        print("\(Workspace.shortened(list)): rpi-imager --repo \(repository.base)\(ImagerRepository.listName)")
    }

    /// The day of the last commit, so that the same sources make the same list; today where there is none.
    private static func day(of repository: Repository) -> String {
        let output = try? Command("git", ["-C", repository.root, "log", "-1", "--format=%cs"]).capture()
        let day = output.flatMap { $0.status.isSuccess ? $0.text.filter { !$0.isNewline } : nil }
        return day.flatMap { $0.isEmpty ? nil : $0 } ?? String(Date().ISO8601Format().prefix(10))
    }
}
