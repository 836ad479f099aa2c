import ApusKit
import Foundation
import Glibc
import Testing

/// How `run` and `monitor` end, and that nothing stays behind.
@Suite struct EndTests {
    /// The emulator that `child` has started, once there is one.
    private func emulator(of child: ChildProcess) throws -> pid_t {
        let deadline = Date(timeIntervalSinceNow: Machine.patience)
        while Date() < deadline {
            let found = try Command("pgrep", ["-P", "\(child.identifier)", "-f", "qemu-system"]).capture().text
            if let first = found.split(separator: "\n").first, let identifier = pid_t(first) { return identifier }
            Thread.sleep(forTimeInterval: 0.1)
        }
        throw MachineError.silent(about: "an emulator", console: "")
    }

    /// Waits until that process is gone; false when it stays.
    private func isGone(_ identifier: pid_t) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 10)
        while kill(identifier, 0) == 0 {
            guard Date() < deadline else { return false }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return true
    }

    /// Waits for the end; nil when there is none.
    private func end(of child: ChildProcess) -> ApusKit.ExitStatus? {
        let deadline = Date(timeIntervalSinceNow: Machine.patience)
        while Date() < deadline {
            if let status = child.poll() { return status }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return nil
    }

    private func start(_ arguments: String..., output: ChildProcess.Stream = .pipe) throws -> ChildProcess {
        _ = try Fixtures.shell.get()
        var command = try ToolFixture.command()
        command.arguments = arguments
        return try command.start(input: .pipe, output: output, mergesErrors: true)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func `a signal ends run and its emulator`(number: Int32) throws {
        let child = try start("run", "Shell", "--no-card", "--usb", "none")
        defer { child.terminate() }
        let emulator = try emulator(of: child)
        _ = try CommandTests().wait(for: "Type `help`", from: child)
        child.signal(number)
        #expect(end(of: child) == .signalled(number))
        #expect(isGone(emulator))
    }

    @Test(arguments: [true, false])
    func `run ends with whoever reads it, whether the guest says more or not`(isTalking: Bool) throws {
        // A pipe whose reader goes away, as head does.
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        let child = try start("run", "Shell", "--no-card", "--usb", "none", output: .descriptor(ends[1]))
        defer { child.terminate() }
        close(ends[1])
        let emulator = try emulator(of: child)
        var text = ""
        while !text.contains("Type `help`") {
            guard case .bytes(let bytes) = Descriptor.read(ends[0]) else { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        close(ends[0])
        if isTalking { child.write(Array("help\r".utf8)) }
        #expect(end(of: child) == .exited(0))
        #expect(isGone(emulator))
    }

    @Test func `monitor shows what a board says while the port takes nothing`() throws {
        let adapter = try FakeAdapter()
        let child = try ToolFixture.command("monitor", adapter.path).start(
            input: .pipe, output: .pipe, mergesErrors: true)
        defer { child.terminate() }
        let output = try CommandTests().wait(for: "at 115200 baud", from: child)
        // More than the line's buffers hold, and nobody reads it.
        child.write([UInt8](repeating: 0x41, count: 60_000))
        Thread.sleep(forTimeInterval: 0.5)
        adapter.say("still here\r\n")
        _ = try CommandTests().wait(for: "still here", from: child, after: output)
    }

    @Test func `two monitors of one port are one too many`() throws {
        let adapter = try FakeAdapter()
        let first = try ToolFixture.command("monitor", adapter.path).start(output: .pipe, mergesErrors: true)
        defer { first.terminate() }
        _ = try CommandTests().wait(for: "at 115200 baud", from: first)
        let second = try ToolFixture.command("monitor", adapter.path).start(output: .pipe, mergesErrors: true)
        defer { second.terminate() }
        _ = try CommandTests().wait(for: "in use by another program", from: second)
        #expect(end(of: second) == .exited(2))
    }

    @Test func `monitor says that its log has no room, and goes on`() throws {
        let adapter = try FakeAdapter()
        let child = try ToolFixture.command("monitor", adapter.path, "--log", "/dev/full").start(
            output: .pipe, mergesErrors: true)
        defer { child.terminate() }
        var output = try CommandTests().wait(for: "at 115200 baud", from: child)
        adapter.say("first\r\n")
        output = try CommandTests().wait(for: "the log takes no more", from: child, after: output)
        adapter.say("second\r\n")
        _ = try CommandTests().wait(for: "second", from: child, after: output)
    }
}
