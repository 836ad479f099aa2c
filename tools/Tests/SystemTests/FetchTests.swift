import ApusKit
import Foundation
import Testing

/// The HTTP client and a server that others have written.
@Suite struct FetchTests {
    static let isPossible = Executable.find("python3") != nil && NetworkNamespace.isPossible

    @Test(.enabled(if: isPossible, "there is no python3, or no namespace for it"), arguments: Way.available)
    func `Fetch prints what Python serves, and what is wrong when nobody does`(way: Way) throws {
        try Files.withTemporaryDirectory { directory in
            try NetworkNamespace.run { _ in
                try Command("ip", ["link", "set", "lo", "up"]).check()
                try Data("a page by Python\n".utf8).write(to: URL(fileURLWithPath: directory + "/index.html"))
                func run() throws -> String {
                    let machine = try BoardSession.start(
                        Fixtures.build("Fetch"), network: .user(hostPort: 8080, guestPort: 80), way: way)
                    #expect(try machine.exitStatus() == .exited(0))
                    return machine.console
                }
                #expect(try run().contains("fetch: nobody listens there"))
                let server = try ChildProcess(
                    try #require(Executable.find("python3")),
                    ["-m", "http.server", "--bind", "127.0.0.1", "--directory", directory, "8000"], output: .null,
                    errors: .null)
                defer { server.terminate() }
                var console = ""
                // It takes a moment to listen.
                for _ in 0..<5 where !console.contains("200") { console = try run() }
                #expect(console.contains("fetch: 200, text/html, 17 bytes"), "\(console)")
                #expect(console.contains("a page by Python"))
            }
        }
    }
}
