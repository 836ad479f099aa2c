/// A tag as the board's firmware treats it: read from start4's property handler, and confirmed by running it (docs/HARDWARE.md).
public struct FirmwareTag: Sendable {
    /// How a firmware treats a tag.
    public enum Style: Sendable, CaseIterable {
        /// Does what it says and marks it as answered.
        case marked
        /// Does what it says and leaves the mark clear.
        case unmarked
        /// Does not know it: the message ends there, with the code for that.
        case unknown
        /// As a released QEMU does with what it does not know: marks it as answered with no bytes, and goes on.
        case empty
    }

    /// Bytes of values that it must have room for.
    public let minimum: Int
    /// Bytes that the answer is said to have; nil where that depends.
    public let answer: Int?
    /// How the board's firmware treats it.
    public let style: Style

    private init(_ minimum: Int, _ answer: Int?, _ style: Style = .marked) {
        self.minimum = minimum
        self.answer = answer
        self.style = style
    }

    /// The tag with this number; nil for one that the firmware does not know.
    public static func named(_ number: UInt32) -> FirmwareTag? {
        switch number {
        case 0x0000_0001, 0x0001_0001, 0x0001_0002: FirmwareTag(4, 4)
        case 0x0001_0003: FirmwareTag(6, 6)
        case 0x0001_0004, 0x0001_0005, 0x0001_0006: FirmwareTag(8, 8)
        case 0x0002_0001, 0x0002_0002, 0x0002_8001: FirmwareTag(8, 8)
        case 0x0003_0001, 0x0003_8001, 0x0003_0002, 0x0003_0004, 0x0003_0007, 0x0003_0047: FirmwareTag(8, 8)
        case 0x0003_8002: FirmwareTag(12, 8)
        case 0x0003_0003, 0x0003_8003, 0x0003_0005, 0x0003_0008: FirmwareTag(8, 8)
        case 0x0003_0006, 0x0003_000A: FirmwareTag(8, 8)
        case 0x0003_0041: FirmwareTag(8, 8)
        case 0x0003_8041: FirmwareTag(8, 8, .unmarked)
        case 0x0003_0043: FirmwareTag(20, 20)
        case 0x0003_8043: FirmwareTag(24, 24, .unmarked)
        case 0x0003_0046: FirmwareTag(4, 4)
        case 0x0003_0048: FirmwareTag(0, 0)
        case 0x0003_0058: FirmwareTag(4, 4)
        case 0x0003_0064, 0x0003_8064: FirmwareTag(4, 4)
        case 0x0005_0001: FirmwareTag(0, nil)
        case 0x0006_0001: FirmwareTag(4, 4)
        default: nil
        }
    }
}
