/// How the card may be configured (SCR; SD Physical Layer Simplified Specification 6.00, 5.6).
public struct CardConfiguration: Equatable, Sendable {
    /// The register, its first byte on the wire in bits 63 to 56.
    public let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// SD_SPEC: 0 for specification 1.0x, 1 for 1.10, 2 for 2.00 and later.
    public var specification: Int { Int(rawValue >> 56 & 0xF) }

    /// SD_SPEC3: specification 3.0x or later.
    public var isVersion3: Bool { rawValue >> 47 & 1 != 0 }

    /// SD_BUS_WIDTHS: whether four data lines may be used.
    public var hasFourBits: Bool { rawValue >> 50 & 1 != 0 }

    /// CMD_SUPPORT: whether CMD23 announces the number of blocks.
    public var hasSetBlockCount: Bool { rawValue >> 33 & 1 != 0 }

    /// Whether the structure is the one this code knows (SCR_STRUCTURE 0).
    var isKnown: Bool { rawValue >> 60 == 0 }
}
