/// The board's revision code (Raspberry Pi documentation, "Raspberry Pi revision codes", new-style codes).
public struct BoardRevision: Equatable, Sendable {
    /// The code as the firmware gives it.
    public let rawValue: UInt32

    /// The revision with the code `rawValue`.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The kinds of board with a BCM2711.
    public enum Model: UInt32, Sendable {
        /// Raspberry Pi 4 Model B.
        case pi4B = 0x11
        /// Raspberry Pi 400.
        case pi400 = 0x13
        /// Compute Module 4.
        case computeModule4 = 0x14
    }

    /// Whether the code has fields at all. Boards with a BCM2711 always have; the other properties mean nothing else.
    public var isNewStyle: Bool { rawValue >> 23 & 1 != 0 }

    /// The board; nil for one this code does not know.
    public var model: Model? { isNewStyle ? Model(rawValue: rawValue >> 4 & 0xFF) : nil }

    /// The revision of the board: 4 for 1.4.
    public var minor: UInt32 { rawValue & 0xF }

    /// Whether the chip is a BCM2711.
    public var hasBCM2711: Bool { isNewStyle && rawValue >> 12 & 0xF == 3 }

    /// Bytes of memory on the board; nil for a code that names no size.
    public var memorySize: UInt64? {
        let code = rawValue >> 20 & 0x7
        return isNewStyle && code <= 5 ? (256 << 20) << UInt64(code) : nil
    }
}
