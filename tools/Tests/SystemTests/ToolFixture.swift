import ApusKit
import Foundation
import Glibc

/// The command itself, as a person starts it.
enum ToolFixture {
    /// The program that was built along with the tests.
    static var program: String {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        let besides = [tests + "/apus", tests + "/../apus"]
        let root = (try? Fixtures.repository.get().root) ?? "."
        return besides.first(where: Files.exists) ?? root + "/tools/.build/debug/apus"
    }

    static func command(_ arguments: String...) throws -> Command {
        Command(program, arguments, environment: ["APUS_ROOT": try Fixtures.repository.get().root, "CI": "true"])
    }
}

/// A pseudo-terminal that stands for a serial adapter: this side is the board.
final class FakeAdapter {
    private let descriptor: Int32
    /// The adapter's device.
    let path: String

    init() throws {
        var (board, adapter): (Int32, Int32) = (-1, -1)
        guard openpty(&board, &adapter, nil, nil, nil) == 0 else { throw FileError.unreadable(path: "/dev/ptmx") }
        _ = fcntl(board, F_SETFD, FD_CLOEXEC)
        path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(adapter)")
        close(adapter)
        descriptor = board
    }

    /// What the board says.
    func say(_ text: String) {
        Descriptor.writeAll(Array(text.utf8), to: descriptor)
    }

    deinit {
        close(descriptor)
    }
}
