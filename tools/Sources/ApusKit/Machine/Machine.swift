import Foundation
import Glibc

/// A running QEMU with the board in it: its console, its control socket, its end.
///
/// Used from one thread at a time: whoever owns it reads the console when it waits for something.
package final class Machine {
    /// The emulator's program.
    package static let program = "qemu-system-aarch64"
    /// The Ethernet address that QEMU gives the machine's interface.
    package static let hardwareAddress: [UInt8] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56]
    /// How long a test waits for output. Generous, because nothing depends on it but the time a failure takes.
    package static let patience = 60.0

    /// The other end of the Ethernet's cable, if the configuration's network is `.frames`.
    package let frames: FrameLink?

    private let child: ChildProcess
    private let control: ControlSocket
    private var bytes: [UInt8] = []
    private var position = 0
    private var hasEnded = false
    /// What was put into memory, for as long as the emulator may read it.
    private let handOver: HandOver?

    /// Starts the machine. If `path` is given, its console is that file, and `expect` and `type` have nothing to do.
    /// With `ownGroup` no key of this process's terminal reaches it.
    package init(_ configuration: MachineConfiguration, console path: String? = nil, ownGroup: Bool = false) throws {
        guard let program = Executable.find(configuration.program) else {
            throw ProcessError.notFound(configuration.program)
        }
        let (mine, theirs) = try ControlSocket.pair()
        defer { close(theirs) }
        let cable =
            configuration.network == .frames || configuration.adapter == .frames ? try ControlSocket.pair() : nil
        defer { if let cable { close(cable.theirs) } }
        let file = try path.map(Self.create)
        defer { if let file { close(file) } }
        if case .handedOver(let memory) = configuration.boot {
            try memory.write(deviceTree: configuration.deviceTree)
            handOver = memory
        } else {
            handOver = nil
        }
        child = try ChildProcess(
            program, configuration.arguments, input: .pipe, output: file.map { .descriptor($0) } ?? .pipe,
            mergesErrors: true, passing: [theirs] + (cable.map { [$0.theirs] } ?? []), ownGroup: ownGroup)
        Endings.add(child.identifier)
        Descriptor.makeNonBlocking(child.input)
        control = ControlSocket(descriptor: mine)
        frames = cable.map { FrameLink(descriptor: $0.mine) }
    }

    deinit {
        child.terminate()
        if let handOver { Files.remove(handOver.file) }
    }

    private static func create(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError.unwritable(path: path) }
        return descriptor
    }

    /// Waits until QEMU has opened everything that it was told to open.
    package func waitUntilReady() throws {
        try execute("query-status")
    }

    // MARK: The console

    /// What the guest reads from; for those who watch several descriptors at once.
    package var inputDescriptor: Int32 { child.input }

    /// What the guest writes; for those who watch several descriptors at once.
    package var consoleDescriptor: Int32 { child.output }

    /// Everything the guest has written so far, as text.
    package var console: String { String(decoding: bytes, as: UTF8.self) }

    /// Waits for `text` on the console after what earlier calls found, and returns what came before it and itself.
    @discardableResult
    package func expect(_ text: String, timeout: Double = patience) throws -> String {
        let pattern = Array(text.utf8)
        let deadline = Date(timeIntervalSinceNow: timeout)
        while true {
            if let end = firstEnd(of: pattern) {
                let found = String(decoding: bytes[position..<end], as: UTF8.self)
                position = end
                return found
            }
            guard !hasEnded else { throw MachineError.ended(before: text, console: console) }
            guard receive(until: deadline) else { throw MachineError.silent(about: text, console: console) }
        }
    }

    /// Takes what the guest has written, without waiting. Throws when the machine has ended.
    package func listen() throws {
        while !hasEnded && Descriptor.wait(for: [child.output], milliseconds: 0)[0] {
            _ = receive(until: Date(timeIntervalSinceNow: 1))
        }
        if hasEnded { throw MachineError.ended(before: "anything", console: console) }
    }

    /// Types on the console.
    package func type(_ text: String) {
        child.write(Array(text.utf8))
    }

    /// Types bytes on the console.
    package func type(_ bytes: [UInt8]) {
        child.write(bytes)
    }

    /// Takes what the guest has written by `deadline`, waiting if there is nothing yet. False when time is up.
    private func receive(until deadline: Date) -> Bool {
        let left = max(0, deadline.timeIntervalSinceNow)
        guard left > 0, Descriptor.wait(for: [child.output], milliseconds: Int32(min(left * 1000, 1000) + 1))[0]
        else { return left > 0 }
        if case .bytes(let new) = Descriptor.read(child.output) {
            bytes += new
        } else {
            hasEnded = true
        }
        return true
    }

    private func firstEnd(of pattern: [UInt8]) -> Int? {
        guard !pattern.isEmpty else { return position }
        var start = position
        while start + pattern.count <= bytes.count, let found = bytes[start...].firstIndex(of: pattern[0]) {
            if bytes[found...].starts(with: pattern) { return found + pattern.count }
            start = found + 1
        }
        return nil
    }

    // MARK: The machine

    /// Waits for the end of the machine, which a guest brings about by switching the power off.
    package func exitStatus(timeout: Double = patience) throws -> ExitStatus {
        let deadline = Date(timeIntervalSinceNow: timeout)
        while !hasEnded {
            guard receive(until: deadline) else { throw MachineError.stillRunning(console: console) }
        }
        return child.wait()
    }

    /// Waits for the end of the machine without looking at the console, however long it takes.
    package func waitForEnd() -> ExitStatus { child.wait() }

    /// Ends the machine at once.
    package func powerOff() {
        child.terminate()
    }

    /// The way the machine ended, or nil while it runs.
    package var ended: ExitStatus? { child.poll() }

    /// The processor time QEMU has taken of the host, in seconds.
    package func processorTime() throws -> Double {
        let line = String(decoding: try Files.read("/proc/\(child.identifier)/stat"), as: UTF8.self)
        // The name in the second field may hold anything; the fields after it are numbers.
        guard let parenthesis = line.lastIndex(of: ")") else { throw MachineError.noControl("/proc is unreadable") }
        let fields = line[parenthesis...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw MachineError.noControl("/proc is unreadable")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// A command of QEMU's machine protocol, such as `stop` or `query-status`; the answer is JSON.
    @discardableResult
    package func execute(_ command: String, _ arguments: [String: String] = [:]) throws -> String {
        try control.execute(command, arguments)
    }

    /// A command of QEMU's monitor for people, such as `info registers`.
    package func monitor(_ line: String) throws -> String {
        try control.monitor(line)
    }
}

/// A machine that did not do what was expected of it. The description holds the whole console.
package enum MachineError: UserError, Equatable {
    case silent(about: String, console: String)
    case ended(before: String, console: String)
    case stillRunning(console: String)
    case noControl(String)

    package var description: String {
        switch self {
        case .silent(let text, let console):
            "the machine did not say \(text.debugDescription) in time. Its console:\n\(console)\n(end of console)"
        case .ended(let text, let console):
            "the machine ended before it said \(text.debugDescription). Its console:\n\(console)\n(end of console)"
        case .stillRunning(let console):
            "the machine did not end in time. Its console:\n\(console)\n(end of console)"
        case .noControl(let reason):
            "QEMU does not answer on its control socket: \(reason)"
        }
    }
}
