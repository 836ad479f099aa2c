/// A file system for Linux to start with: a cpio archive in the "newc" form.
struct InitialFileSystem {
    private enum Kind {
        static let directory = 0o040755
        static let executable = 0o100755
        static let console = 0o020600
    }

    private(set) var bytes: [UInt8] = []
    private var count = 0

    /// Adds a directory.
    mutating func addDirectory(_ name: String) {
        add(name, mode: Kind.directory)
    }

    /// Adds a file that may be run.
    mutating func addFile(_ name: String, _ content: [UInt8]) {
        add(name, mode: Kind.executable, content)
    }

    /// Adds the console, which Linux opens before anything runs: a character device 5:1.
    mutating func addConsole() {
        add("dev/console", mode: Kind.console, device: (5, 1))
    }

    /// Ends the archive.
    mutating func finish() {
        add("TRAILER!!!", mode: 0)
    }

    private mutating func add(
        _ name: String, mode: Int, _ content: [UInt8] = [], device: (major: Int, minor: Int) = (0, 0)
    ) {
        count += 1
        let fields = [
            count, mode, 0, 0, 1, 0, content.count, 0, 0, device.major, device.minor, name.utf8.count + 1, 0,
        ]
        bytes += Array("070701".utf8) + fields.flatMap(Self.hexadecimal) + Array(name.utf8) + [0]
        pad()
        bytes += content
        pad()
    }

    private mutating func pad() {
        bytes += [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }

    private static func hexadecimal(_ value: Int) -> [UInt8] {
        let digits = String(value, radix: 16)
        return Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
    }
}
