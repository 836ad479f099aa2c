/// A card that has been identified.
public struct SDCard: Equatable, Sendable {
    /// Who made it.
    public let identity: CardIdentity
    /// What it can do.
    public let specificData: CardSpecificData
    /// How it is configured. Nil until it has been read.
    public internal(set) var configuration: CardConfiguration?
    /// OCR: its voltages, whether it is of high capacity, whether it goes to 1.8 V.
    public let operatingConditions: UInt32
    /// RCA: the address it chose.
    public let address: UInt32
    /// Whether blocks are addressed by number (SDHC, SDXC) or by byte (SDSC).
    public var isHighCapacity: Bool { operatingConditions >> 30 & 1 != 0 }
    /// Whether it is an eMMC, soldered in.
    public internal(set) var isEmbedded = false
    /// What an eMMC can do; nil of a card, and of an eMMC before version 4.
    public internal(set) var extendedData: ExtendedCardData?
    /// Number of blocks of 512 bytes.
    public internal(set) var blockCount: UInt64

    /// What is known to be wrong with it.
    public var quirks: CardQuirks { isEmbedded ? [] : CardQuirks(identity) }

    /// Whether CMD23 announces the number of blocks.
    var hasSetBlockCount: Bool {
        isEmbedded ? specificData.embeddedVersion >= 4 : configuration?.hasSetBlockCount == true
    }

    /// The smallest range that can be erased, in blocks.
    var eraseBlocks: UInt64 {
        if !isEmbedded { return specificData.eraseBlocks }
        if let extendedData, extendedData.definesEraseGroup { return max(extendedData.eraseGroup, 1) }
        return specificData.embeddedEraseGroup
    }

    /// The argument that addresses `block`.
    func argument(for block: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: isHighCapacity ? block : block * 512)
    }
}
