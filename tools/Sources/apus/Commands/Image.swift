import ApusKit
import ArgumentParser

/// `apus image`
struct Image: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build an application and make a card image of it.",
        discussion: """
            Leaves build/APP/card.img: a partition table and a FAT32 file system with the image, Raspberry Pi's \
            firmware, config.txt and the application's files/. Without the firmware the image is called \
            card-qemu-only.img, since a board does not boot it.
            """)

    @Argument(help: "The application; may be left out when the package has only one.")
    var application: String?
    @OptionGroup var options: ApplicationOptions
    @Option(help: "The least size in MiB; it grows to a power of two that holds everything.")
    var size = 64

    func validate() throws {
        guard (1...65536).contains(size) else { throw ValidationError("--size is 1 to 65536 MiB.") }
    }

    func run() throws {
        let workspace = try Workspace()
        try workspace.installer.ensure([.build, .card], firmware: .required)
        let built = try options.build(application, workspace: workspace)
        let card = try workspace.cardMaker.make(built, minimumSize: size << 20)
        print("\(Workspace.shortened(card.path)): \(card.size >> 20) MiB")
        if !card.bootsOnBoard {
            Screen.warning(
                "there is no Raspberry Pi firmware here, so QEMU boots this card and a board does not; "
                    + "run ./apus setup to get it")
        }
    }
}
