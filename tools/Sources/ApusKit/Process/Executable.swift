import Foundation

/// Finding programs.
package enum Executable {
    /// Debian keeps the tools that make file systems where an ordinary user's PATH does not look.
    private static let administration = ["/usr/local/sbin", "/usr/sbin", "/sbin"]

    /// The absolute path of a program, or nil if it is not installed. A name with a slash is a path already.
    package static func find(
        _ name: String, path: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) -> String? {
        if name.contains("/") {
            return FileManager.default.isExecutableFile(atPath: name) ? name : nil
        }
        let directories = path.split(separator: ":").map(String.init) + administration
        return directories.map { $0 + "/" + name }.first {
            FileManager.default.isExecutableFile(atPath: $0) && !Files.isDirectory($0)
        }
    }
}
