import ApusKit
import ArgumentParser

/// `apus build`
struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build an application into kernel8.img.",
        discussion: """
            Leaves build/APP/kernel8.img, which a board or QEMU boots, and build/APP/kernel8.elf, the same with \
            symbols and debug information. With --package, build/ is that package's.
            """)

    @Argument(help: "The application; may be left out when the package has only one.")
    var application: String?
    @OptionGroup var options: ApplicationOptions

    func run() throws {
        let workspace = try Workspace()
        try workspace.installer.ensure([.build])
        let built = try options.build(application, workspace: workspace)
        let size = try Files.read(built.image).count
        print("\(Workspace.shortened(built.image)): \(size) bytes")
    }
}
