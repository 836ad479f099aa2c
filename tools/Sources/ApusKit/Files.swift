import Foundation

/// The few things done to files in many places, with errors that name the file.
package enum Files {
    /// The content of a file.
    package static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw FileError.unreadable(path: path)
        }
        return [UInt8](data)
    }

    /// Writes a file whole: a reader sees the old content or the new one.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileError.unwritable(path: path)
        }
    }

    /// Writes a text file whole.
    package static func write(_ text: String, to path: String) throws {
        try write(Array(text.utf8), to: path)
    }

    /// Makes a directory and those above it.
    package static func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FileError.unwritable(path: path)
        }
    }

    /// Whether something exists at this path.
    package static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    /// Whether a directory exists at this path.
    package static func isDirectory(_ path: String) -> Bool {
        var directory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &directory) && directory.boolValue
    }

    /// Whether this is a plain file: no device, no directory, nothing special.
    package static func isPlainFile(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: Files.absolute(path))
        return attributes?[.type] as? FileAttributeType == .typeRegular
    }

    /// Removes what is at this path, if anything is.
    package static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path made absolute from the current directory, without `.` and `..`.
    package static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// Makes a file look changed just now.
    package static func touch(_ path: String) {
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
    }

    /// Runs `body` with a new, empty directory, which is removed afterwards.
    package static func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = try makeTemporaryDirectory()
        defer { remove(path) }
        return try body(path)
    }

    /// A new, empty directory, which the caller removes.
    package static func makeTemporaryDirectory() throws -> String {
        // Short, because the path of a Unix socket in it may have 107 bytes.
        let path = FileManager.default.temporaryDirectory.path + "/apus-" + UUID().uuidString.prefix(8)
        try makeDirectory(path)
        return path
    }
}

/// A file that could not be read or written.
package enum FileError: UserError, Equatable {
    case unreadable(path: String)
    case unwritable(path: String)

    package var description: String {
        switch self {
        case .unreadable(let path): "cannot read \(path); check that it exists and is yours to read"
        case .unwritable(let path): "cannot write \(path); check the directory's rights and the free space"
        }
    }
}
