/// What the driver has counted since start.
public struct CardStatistics: Equatable, Sendable {
    /// Blocks read.
    public var blocksRead: UInt64 = 0
    /// Blocks written.
    public var blocksWritten: UInt64 = 0
    /// Attempts that failed and were made again.
    public var retries: UInt64 = 0
    /// Times the card had to be identified anew to go on.
    public var reidentifications: UInt64 = 0
    /// Commands that moved data by descriptors.
    public var dmaTransfers: UInt64 = 0
    /// Blocks copied because the controller could not reach the caller's memory.
    public var blocksCopied: UInt64 = 0

    /// All counters at zero.
    public init() {}
}
