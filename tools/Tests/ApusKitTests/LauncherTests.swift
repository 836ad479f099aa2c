import Foundation
import Testing

@testable import ApusKit

/// `./apus`, with a Swift that makes a tool of two lines.
@Suite struct LauncherTests {
    /// A working copy that has the launcher, and a `swift` that counts its builds in `builds`.
    private struct Clone {
        let path: String
        let programs: String

        init(_ directory: String) throws {
            path = directory + "/a clone"
            programs = directory + "/bin"
            for place in ["/tools/Sources", "/Sources/Kernel/Services/Settings"] {
                try Files.makeDirectory(path + place)
            }
            for name in ["Interfaces", "Storage", "KeyValue"] {
                try Files.makeDirectory(path + "/Sources/Kernel/" + name)
            }
            try Files.write("", to: path + "/tools/Package.swift")
            try Files.write("", to: path + "/Package.swift")
            let root = try Repository.find(above: URL(fileURLWithPath: #filePath).path).root
            try FileManager.default.copyItem(atPath: root + "/apus", toPath: path + "/apus")
            try Files.makeDirectory(programs)
            // swift build --package-path ROOT/tools ...
            try Files.write(
                """
                #!/bin/bash
                echo x >>"\(directory)/builds"
                sleep 0.5
                mkdir -p "$3/.build/release"
                printf '#!/bin/bash\\necho "root:$APUS_ROOT args:$*"\\n' >"$3/.build/release/apus"
                chmod +x "$3/.build/release/apus"

                """, to: directory + "/script")
            // Written by another process: no child that this one starts meanwhile may hold it open for writing.
            try Command("install", ["-m", "755", directory + "/script", programs + "/swift"]).check()
        }

        func run(_ program: String? = nil, _ environment: [String: String] = [:]) -> Command {
            let path = programs + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
            return Command(
                program ?? self.path + "/apus", ["help"],
                environment: environment.merging(["PATH": path]) { $1 })
        }

        func builds() -> Int { ((try? Files.read(path + "/../builds")) ?? []).count / 2 }
    }

    private func withClone(_ body: (Clone, String) throws -> Void) throws {
        try Files.withTemporaryDirectory { try body(Clone($0), $0) }
    }

    @Test func `it is built once and finds its working copy`() throws {
        try withClone { clone, _ in
            for _ in 0..<2 {
                let text = try clone.run().check()
                #expect(text.hasSuffix("root:\(clone.path) args:help\n"), "\(text)")
            }
            #expect(clone.builds() == 1)
        }
    }

    @Test func `two at once build once`() throws {
        try withClone { clone, _ in
            let children = try (0..<3).map { _ in try clone.run().start(output: .pipe, mergesErrors: true) }
            for child in children {
                let text = String(decoding: Descriptor.readToEnd(child.output), as: UTF8.self)
                #expect(text.hasSuffix("root:\(clone.path) args:help\n"), "\(text)")
                #expect(child.wait() == .exited(0))
            }
            #expect(clone.builds() == 1)
        }
    }

    @Test func `a link in PATH leads to the working copy`() throws {
        try withClone { clone, directory in
            let link = directory + "/bin/apus"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: clone.path + "/apus")
            let text = try clone.run(link).check()
            #expect(text.hasSuffix("root:\(clone.path) args:help\n"), "\(text)")
        }
    }

    @Test func `CDPATH is no place to look`() throws {
        try withClone { clone, directory in
            try FileManager.default.createSymbolicLink(atPath: directory + "/link", withDestinationPath: clone.path)
            var command = clone.run("link/apus", ["CDPATH": directory])
            command = Command(
                "bash", ["-c", "link/apus help"], directory: directory, environment: command.environment)
            let text = try command.check()
            #expect(text.hasSuffix("root:\(clone.path) args:help\n"), "\(text)")
        }
    }

    @Test func `a clone that was moved is built anew`() throws {
        try withClone { clone, directory in
            try clone.run().check()
            try Files.makeDirectory(clone.path + "/.build-board")
            let moved = directory + "/elsewhere"
            try FileManager.default.moveItem(atPath: clone.path, toPath: moved)
            let text = try clone.run(moved + "/apus").check()
            #expect(text.contains("somewhere else before") && text.hasSuffix("root:\(moved) args:help\n"))
            #expect(!Files.exists(moved + "/.build-board"))
            let again = try clone.run(moved + "/apus").check()
            #expect(!again.contains("somewhere else before"), "\(again)")
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root can be somebody else"))
    func `somebody else's clone is not written to, and that is said`() throws {
        try withClone { clone, directory in
            try Command("chmod", ["-R", "a+rX", directory]).check()
            let command = clone.run()
            let output = try Command(
                "setpriv", ["--reuid", "65534", "--clear-groups", command.program, "help"],
                environment: command.environment
            ).capture(mergingErrors: true)
            #expect(output.status == .exited(73) && output.text.contains("is not yours to write"), "\(output.text)")
        }
    }
}
