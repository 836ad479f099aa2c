import Interfaces

/// What is wrong with a partition table, or with a partition in it.
public enum PartitionError: Error, Equatable, Sendable {
    /// Block 0 ends in no 0x55AA: an empty card, or one that nobody ever formatted.
    case noSignature
    /// Block 0 has the signature, but neither its four entries nor a boot sector of FAT make sense.
    case noTable
    /// The device has a block size that no partition table is defined for.
    case unsupportedBlockSize
    /// A GPT structure is wrong in its primary copy; names the field.
    case invalidGPT(StaticString)
    /// Both copies of the GPT are wrong; names the field of the primary.
    case invalidGPTCopies(StaticString)
    /// The chain of logical partitions is broken; says how.
    case invalidExtendedChain(StaticString)
    /// The partition of this number reaches past the end of the device: the card is smaller than the image was.
    case beyondDevice(number: Int)
    /// The device under the table failed.
    case device(BlockError)

    /// True when both say the same; names and fields are compared byte by byte.
    public static func == (left: PartitionError, right: PartitionError) -> Bool {
        switch (left, right) {
        case (.noSignature, .noSignature), (.noTable, .noTable), (.unsupportedBlockSize, .unsupportedBlockSize): true
        case (.invalidGPT(let left), .invalidGPT(let right)),
            (.invalidGPTCopies(let left), .invalidGPTCopies(let right)),
            (.invalidExtendedChain(let left), .invalidExtendedChain(let right)):
            same(left, right)
        case (.beyondDevice(let left), .beyondDevice(let right)): left == right
        case (.device(let left), .device(let right)): left == right
        default: false
        }
    }
}

extension PartitionError: CustomStringConvertible {
    /// One line for a person, without a full stop.
    public var description: String {
        switch self {
        case .noSignature: "no partition table: block 0 has no signature 0x55AA"
        case .noTable: "no partition table and no FAT file system in block 0"
        case .unsupportedBlockSize: "a partition table needs blocks of 512 to 4096 bytes"
        case .invalidGPT(let field): "the GPT is damaged: " + field.description
        case .invalidGPTCopies(let field): "both copies of the GPT are damaged: " + field.description
        case .invalidExtendedChain(let how): "the chain of logical partitions is damaged: " + how.description
        case .beyondDevice(let number): "partition " + number.description + " reaches past the end of the device"
        case .device(let error): "the device failed: " + error.words
        }
    }
}
