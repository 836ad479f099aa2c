/// A store of equal blocks that survives power: a card, a partition of it, an image in memory.
///
/// Every call moves any number of blocks. It returns when they are moved, or throws, and then says which blocks
/// hold unknown content. A write that returned is in the device's hands; after `flush` it survives the plug being pulled.
public protocol BlockDevice: AnyObject {
    /// Size, block size and whether writes are possible. Constant as long as the same medium is in the device.
    var geometry: BlockGeometry { get }

    /// Fills `buffer` with the blocks from `first` on. The caller owns the buffer throughout; its length is a
    /// multiple of the block size. On an error its content is undefined.
    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError)

    /// Writes `buffer` to the blocks from `first` on. The caller owns the buffer throughout; its length is a
    /// multiple of the block size.
    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError)

    /// Fills `pieces`, one after the other, with the blocks from `first` on: a read whose memory lies in several places. A
    /// device that can do it in one operation does.
    func read(_ first: UInt64, scatter pieces: Span<BlockPiece>) throws(BlockError)

    /// Writes `pieces`, one after the other, to the blocks from `first` on.
    func write(_ first: UInt64, gather pieces: Span<BlockPiece>) throws(BlockError)

    /// Returns when everything written before is durable.
    func flush() throws(BlockError)

    /// Declares that the content of `blocks` is no longer needed. Reading them afterwards gives unspecified bytes.
    func discard(_ blocks: Range<UInt64>) throws(BlockError)
}

/// How a block device is laid out.
public struct BlockGeometry: Equatable, Sendable {
    /// Bytes in a block: a power of two, 512 on every SD card.
    public var blockSize: Int
    /// Number of blocks. Block numbers run from 0 to one less.
    public var blockCount: UInt64
    /// True when every write, flush of writes and discard is refused.
    public var isReadOnly: Bool

    /// A geometry of `blockCount` blocks of `blockSize` bytes.
    public init(blockSize: Int = 512, blockCount: UInt64, isReadOnly: Bool = false) {
        self.blockSize = blockSize
        self.blockCount = blockCount
        self.isReadOnly = isReadOnly
    }
}

/// Why a block device could not do what it was asked.
public struct BlockError: Error, Equatable, Sendable {
    /// What went wrong, in terms of what the caller can do about it.
    public enum Cause: Equatable, Sendable {
        /// No medium, or none that answers. Insert one.
        case absent
        /// The request reaches past the end of the device, or its length is no multiple of the block size.
        case outOfRange
        /// The medium cannot be written.
        case readOnly
        /// A checksum failed on the way, after the driver's own retries. The medium or its contacts are bad.
        case corrupted
        /// The hardware did not do something in its time; names what was waited for.
        case timeout(StaticString)
        /// The medium itself refused or reported an error; the status word is the device's own.
        case refused(status: UInt32)

        /// Whether both are of the same kind; the name in a timeout does not count.
        public static func == (left: Cause, right: Cause) -> Bool {
            switch (left, right) {
            case (.absent, .absent), (.outOfRange, .outOfRange), (.readOnly, .readOnly), (.corrupted, .corrupted),
                (.timeout, .timeout):
                true
            case (.refused(let left), .refused(let right)): left == right
            default: false
            }
        }
    }

    /// What went wrong.
    public var cause: Cause
    /// After a failed write or discard: the blocks whose content is now unknown. Empty when nothing was changed.
    public var unknown: Range<UInt64>

    /// An error of `cause` that leaves the blocks `unknown` with unknown content.
    public init(_ cause: Cause, unknown: Range<UInt64> = 0..<0) {
        self.cause = cause
        self.unknown = unknown
    }
}
