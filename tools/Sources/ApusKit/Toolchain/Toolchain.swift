import Foundation

/// The Swift toolchain and the one library of GCC that Apus is built with.
package struct Toolchain: Sendable {
    /// What the image is compiled for.
    package static let triple = "aarch64-none-none-elf"

    /// The directory of `swift`, `clang`, `ld.lld` and the `llvm-` tools.
    package let binaries: String

    /// Finds the toolchain that `swift` in PATH belongs to.
    package init() throws {
        guard let swift = Executable.find("swift") else {
            throw ToolchainError.noSwift
        }
        let resolved = URL(fileURLWithPath: swift).resolvingSymlinksInPath().path
        let directory = (resolved as NSString).deletingLastPathComponent
        if Files.exists(directory + "/llvm-objcopy") {
            binaries = directory
            return
        }
        // `swift` is a launcher that hands over to a toolchain elsewhere: ask the compiler itself.
        let information = try Command("swiftc", ["-print-target-info"]).capture().bytes
        struct Information: Decodable {
            struct Paths: Decodable { let runtimeResourcePath: String }
            let paths: Paths
        }
        guard let paths = try? JSONDecoder().decode(Information.self, from: Data(information)).paths else {
            throw ToolchainError.noSwift
        }
        let resources = URL(fileURLWithPath: paths.runtimeResourcePath).resolvingSymlinksInPath()
        binaries = resources.deletingLastPathComponent().deletingLastPathComponent().path + "/bin"
    }

    /// The absolute path of one of the toolchain's programs.
    package func tool(_ name: String) throws -> String {
        guard let path = Executable.find(binaries + "/" + name) else {
            throw ToolchainError.toolMissing(name, directory: binaries)
        }
        return path
    }

    /// The toolchain's `usr` directory.
    package var prefix: String { (binaries as NSString).deletingLastPathComponent }

    /// The directory of `libswiftUnicodeDataTables.a`, which comparing and hashing strings needs.
    package var unicodeTables: String { prefix + "/lib/swift/embedded/" + Self.triple }

    /// The path of the `libgcc.a` for aarch64, which holds the compiler's built-in functions.
    package func libgcc() throws -> String {
        let compiler = Command("aarch64-linux-gnu-gcc", ["-print-libgcc-file-name"])
        return try compiler.check().trimmingSuffix(while: \.isWhitespace)
    }

    /// The first line of `swift --version`.
    package func version() throws -> String {
        let text = try Command(tool("swift"), ["--version"]).check()
        let line = text.split(separator: "\n").first { $0.contains("Swift version") } ?? "unknown"
        return String(line)
    }
}

/// A toolchain that lacks something.
package enum ToolchainError: UserError, Equatable {
    case noSwift
    case toolMissing(String, directory: String)

    package var description: String {
        switch self {
        case .noSwift:
            "swift is not in PATH; install Swift 6.3.1 from https://www.swift.org/install/linux/"
        case .toolMissing(let name, let directory):
            "\(name) is not in \(directory); install the complete Swift 6.3.1 toolchain from swift.org"
        }
    }
}
