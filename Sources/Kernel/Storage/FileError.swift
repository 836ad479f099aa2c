import Interfaces

/// Why something on a file system could not be reached.
public enum FileError: Error, Equatable, Sendable {
    /// The device holds no FAT file system; names the field of its boot sector that cannot be.
    case notFAT(StaticString)
    /// Nothing has this name. Holds the path up to and including it.
    case notFound(String)
    /// A file stands where the path needs a directory. Holds the path up to and including it.
    case notADirectory(String)
    /// The path names a directory where a file is wanted.
    case isADirectory(String)
    /// The path holds a name that no file can have: longer than 255 UTF-16 units, or with a control character in it; a new
    /// name must not have any of `"*:<>?\|` in it either, or a dot or a blank at its end.
    case invalidName(String)
    /// Something has this name already. Holds the path.
    case exists(String)
    /// The directory holds something. Holds its path.
    case notEmpty(String)
    /// The file must not be written to, or, where the path is empty, nothing on the volume.
    case readOnly(String)
    /// A file or directory that is in use in a way that forbids this. Holds the path.
    case busy(String)
    /// There is no room on the volume. Nothing was changed.
    case full
    /// The directory cannot take more entries.
    case directoryFull
    /// The file was closed, or opened for reading alone.
    case notOpen
    /// The task was cancelled before anything was done.
    case cancelled
    /// The file is, or would become, longer than the limit the caller set or than 4 GiB - 1. Holds its size in bytes.
    case tooLarge(UInt64)
    /// What lies on the medium contradicts itself; names the structure. `fsck.fat` can repair it.
    case corrupted(StaticString)
    /// The device under the file system failed.
    case device(BlockError)

    /// True when both say the same; names and fields are compared byte by byte.
    public static func == (left: FileError, right: FileError) -> Bool {
        switch (left, right) {
        case (.notFAT(let left), .notFAT(let right)), (.corrupted(let left), .corrupted(let right)):
            same(left, right)
        case (.notFound(let left), .notFound(let right)), (.notADirectory(let left), .notADirectory(let right)),
            (.isADirectory(let left), .isADirectory(let right)), (.invalidName(let left), .invalidName(let right)),
            (.exists(let left), .exists(let right)), (.notEmpty(let left), .notEmpty(let right)),
            (.readOnly(let left), .readOnly(let right)), (.busy(let left), .busy(let right)):
            // Bytes, not characters: `String ==` brings the tables of Unicode normalisation with it.
            left.utf8.elementsEqual(right.utf8)
        case (.tooLarge(let left), .tooLarge(let right)): left == right
        case (.device(let left), .device(let right)): left == right
        case (.full, .full), (.directoryFull, .directoryFull), (.notOpen, .notOpen), (.cancelled, .cancelled): true
        default: false
        }
    }
}

extension FileError: CustomStringConvertible {
    /// One line for a person, without a full stop.
    public var description: String {
        switch self {
        case .notFAT(let field): "no FAT file system: " + field.description
        case .notFound(let path): path + ": no such file or directory"
        case .notADirectory(let path): path + ": not a directory"
        case .isADirectory(let path): path + ": is a directory"
        case .invalidName(let path): path + ": not a possible name"
        case .exists(let path): path + ": exists already"
        case .notEmpty(let path): path + ": the directory is not empty"
        case .readOnly(let path): path.utf8.isEmpty ? "the volume is read-only" : path + ": is read-only"
        case .busy(let path): path + ": is in use"
        case .full: "there is no room left"
        case .directoryFull: "the directory is full"
        case .notOpen: "the file is not open for that"
        case .cancelled: "cancelled"
        case .tooLarge(let size): "the file is too large: " + size.description + " bytes"
        case .corrupted(let structure): "the file system is damaged: " + structure.description
        case .device(let error): "the device failed: " + error.words
        }
    }
}

extension BlockError {
    /// The cause in words.
    var words: String {
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

/// Whether two literals have the same bytes.
func same(_ left: StaticString, _ right: StaticString) -> Bool {
    left.description.utf8.elementsEqual(right.description.utf8)
}
