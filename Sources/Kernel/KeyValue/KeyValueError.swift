import Interfaces

/// Why a store could not do what it was asked. Whenever a commit throws, the store holds what it held before; after
/// `device` it may turn out at the next mount that the commit was done after all, unless another one followed.
public enum KeyValueError: Error, Equatable, Sendable {
    /// The device holds nothing: `KeyValueStore.format` makes a store of it.
    case notFormatted
    /// The device holds something else. Formatting would destroy it.
    case foreign
    /// The store was made by a program that is newer than this one; holds the version of its format.
    case unsupportedVersion(UInt16)
    /// The store was made for a device with larger or other blocks: the card is smaller than the image was.
    case wrongGeometry
    /// The device has too few blocks, too many, or blocks of a size that no store has.
    case unsuitableDevice
    /// What was durable is no longer there or no longer right; holds a block at fault. Mounting with `salvaging` gives what is left.
    case damaged(block: UInt32)
    /// The device cannot be written, or the store was mounted for salvage.
    case readOnly
    /// There is no room for the new values. Deleting makes some.
    case full
    /// The key is empty or longer than 255 bytes.
    case invalidKey
    /// A value, or the commit as a whole, is longer than the store takes at once; holds the limit in bytes.
    case tooLarge(limit: Int)
    /// The device under the store failed.
    case device(BlockError)
}

extension KeyValueError: CustomStringConvertible {
    /// One line for a person, without a full stop.
    public var description: String {
        switch self {
        case .notFormatted: "it is empty and wants to be formatted first"
        case .foreign: "it holds something else than a key-value store"
        case .unsupportedVersion(let version): "its format has version " + version.description + ", and 1 is known"
        case .wrongGeometry: "it was made for a larger device or for other blocks"
        case .unsuitableDevice: "a store takes 256 blocks of 512 to 4096 bytes at least"
        case .damaged(let block): "it is damaged in block " + block.description
        case .readOnly: "it is read-only"
        case .full: "it is full"
        case .invalidKey: "a key has 1 to 255 bytes"
        case .tooLarge(let limit): "that is more than the " + limit.description + " bytes it takes at once"
        case .device(let error): "the device failed: " + error.words
        }
    }
}

extension BlockError {
    /// The cause in words.
    fileprivate var words: String {
        switch cause {
        case .absent: "no medium"
        case .outOfRange: "a request past its end"
        case .readOnly: "it is read-only"
        case .corrupted: "a checksum does not match"
        case .timeout(let what): "it did not answer in time: " + what.description
        case .refused(let status): "it refused with status " + status.description
        }
    }
}
