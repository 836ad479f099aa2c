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
    /// Number of blocks of 512 bytes.
    public let blockCount: UInt64

    /// The argument that addresses `block`.
    func argument(for block: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: isHighCapacity ? block : block * 512)
    }
}
