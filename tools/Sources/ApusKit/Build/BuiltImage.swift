/// What a build left, under `build/APP/`.
public struct BuiltImage: Sendable {
    /// The application.
    public let application: ApplicationPackage.Application
    /// The directory of all of this.
    public let directory: String

    /// The image as the board loads it.
    public var image: String { directory + "/kernel8.img" }
    /// The same with symbols and debug information.
    public var elf: String { directory + "/kernel8.elf" }
    /// The card image that boots on a board.
    public var card: String { directory + "/card.img" }
    /// The card image without the board's firmware.
    public var qemuCard: String { directory + "/card-qemu-only.img" }
}
