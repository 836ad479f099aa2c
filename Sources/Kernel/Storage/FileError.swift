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
    /// The path holds a name that no file can have: longer than 255 UTF-16 units, or with a control character in it.
    case invalidName(String)
    /// The file is longer than the limit the caller set. Holds its size in bytes.
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
            (.isADirectory(let left), .isADirectory(let right)), (.invalidName(let left), .invalidName(let right)):
            // Bytes, not characters: `String ==` brings the tables of Unicode normalisation with it.
            left.utf8.elementsEqual(right.utf8)
        case (.tooLarge(let left), .tooLarge(let right)): left == right
        case (.device(let left), .device(let right)): left == right
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
