/// What a build left, under `build/APP/`.
package struct BuiltImage: Sendable {
    /// The application.
    package let application: ApplicationPackage.Application
    /// The directory of all of this.
    package let directory: String

    /// What lies in `directory` of a build of `application`.
    package init(application: ApplicationPackage.Application, directory: String) {
        self.application = application
        self.directory = directory
    }

    /// The image as the board loads it.
    package var image: String { directory + "/kernel8.img" }
    /// The same with symbols and debug information.
    package var elf: String { directory + "/kernel8.elf" }
    /// The card image that boots on a board.
    package var card: String { directory + "/card.img" }
    /// A card image that keeps what guests write to it.
    package var keptCard: String { directory + "/card-kept.img" }
    /// The card image without the board's firmware.
    package var qemuCard: String { directory + "/card-qemu-only.img" }
}
