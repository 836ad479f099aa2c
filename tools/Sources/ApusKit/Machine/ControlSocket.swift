import Foundation
import Glibc

/// The socket that QEMU takes commands on (QEMU Machine Protocol: one JSON object a line).
final class ControlSocket {
    private let descriptor: Int32
    private var lines = LineSplitter()
    private var pending: [String] = []
    private var isReady = false

    /// Takes over one end of `pair()`.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Two connected sockets: one to keep and one for QEMU. The caller owns both.
    static func pair() throws -> (mine: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw MachineError.noControl(String(cString: strerror(errno)))
        }
        // Descriptors below 10 are those that a child is given by number.
        let high = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
        ends.forEach { _ = close($0) }
        return (high[0], high[1])
    }

    /// Runs a command and returns what stands in its answer's `return`, as JSON.
    func execute(_ command: String, _ arguments: [String: String]) throws -> String {
        if !isReady {
            isReady = true
            _ = try nextLine()
            _ = try execute("qmp_capabilities", [:])
        }
        struct Request: Encodable {
            let execute: String
            let arguments: [String: String]?
        }
        let request = Request(execute: command, arguments: arguments.isEmpty ? nil : arguments)
        Descriptor.writeAll(Array(try JSONEncoder().encode(request)) + [UInt8(ascii: "\n")], to: descriptor)
        while true {
            let line = try nextLine()
            // Events come in between; nobody here asks for them.
            if line.hasPrefix("{\"return\"") { return line }
            if line.hasPrefix("{\"error\"") { throw MachineError.noControl(line) }
        }
    }

    /// Runs a command of the monitor for people and returns what it prints.
    func monitor(_ line: String) throws -> String {
        let answer = try execute("human-monitor-command", ["command-line": line])
        struct Answer: Decodable { let `return`: String }
        return try JSONDecoder().decode(Answer.self, from: Data(answer.utf8)).return
    }

    private func nextLine() throws -> String {
        while pending.isEmpty {
            guard Descriptor.wait(for: [descriptor], milliseconds: 30_000)[0],
                case .bytes(let bytes) = Descriptor.read(descriptor)
            else { throw MachineError.noControl("no answer within 30 seconds") }
            pending += lines.add(bytes)
        }
        return pending.removeFirst()
    }
}
