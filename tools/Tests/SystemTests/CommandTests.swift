import ApusKit
import Foundation
import Testing

@Suite struct CommandTests {
    /// Waits until the child has printed `text`, and returns all it printed so far.
    func wait(for text: String, from child: ChildProcess, after earlier: String = "") throws -> String {
        var output = earlier
        let deadline = Date(timeIntervalSinceNow: Machine.patience)
        while !output.contains(text) {
            guard Date() < deadline else { throw MachineError.silent(about: text, console: output) }
            guard Descriptor.wait(for: [child.output], milliseconds: 1000)[0] else { continue }
            guard case .bytes(let bytes) = Descriptor.read(child.output) else {
                throw MachineError.ended(before: text, console: output)
            }
            output += String(decoding: bytes, as: UTF8.self)
        }
        return output
    }

    @Test func `monitor goes on when the adapter is pulled out and comes back, and writes a log`() throws {
        try Files.withTemporaryDirectory { directory in
            let (port, log) = (directory + "/port", directory + "/log")
            var adapter: FakeAdapter? = try FakeAdapter()
            try FileManager.default.createSymbolicLink(atPath: port, withDestinationPath: adapter!.path)
            let child = try ToolFixture.command("monitor", port, "--log", log).start(output: .pipe, mergesErrors: true)
            defer { child.terminate() }
            var output = try wait(for: "at 115200 baud", from: child)
            adapter?.say("first words\r\n")
            output = try wait(for: "first words", from: child, after: output)
            Files.remove(port)
            adapter = nil
            output = try wait(for: "is gone", from: child, after: output)
            adapter = try FakeAdapter()
            try FileManager.default.createSymbolicLink(atPath: port, withDestinationPath: adapter!.path)
            output = try wait(for: "is back", from: child, after: output)
            adapter?.say("second words\r\n")
            output = try wait(for: "second words", from: child, after: output)
            let logged = String(decoding: try Files.read(log), as: UTF8.self)
            #expect(logged == "first words\r\nsecond words\r\n")
        }
    }

    @Test func `run shows the console and ends with the guest`() throws {
        let output = try ToolFixture.command("run", "Hello", "--no-card", "--timeout", "60").capture(
            mergingErrors: true)
        #expect(output.text.contains(BootTests.greeting))
        #expect(output.status == .exited(0))
    }

    @Test func `debug stops in the application with its source line`() throws {
        let output = try ToolFixture.command(
            "debug", "Hello", "--no-card", "--batch", "--execute", "hbreak apus_application", "--execute", "continue",
            "--execute", "info line *$pc"
        ).capture(mergingErrors: true)
        #expect(output.text.contains("main.swift"), "\(output.text)")
    }

    @Test func `inspect shows note, sections and readable symbols`() throws {
        let built = try Fixtures.hello.get()
        let output = try ToolFixture.command("inspect", built.image).capture(mergingErrors: true)
        #expect(output.text.contains("application: Hello"))
        #expect(output.text.contains(".text"))
        #expect(output.text.contains("largest symbols"))
        #expect(output.status.isSuccess)
    }

    @Test(arguments: [
        (["build", "Nothing"], "there is no application Nothing"),
        (["run", "Hello", "--image", "/no/such"], "There is no file /no/such"),
        (["inspect", "/etc/passwd"], "has no header note"),
        (["monitor", "/dev/no-adapter"], "there is no /dev/no-adapter"),
        (["monitor", "/dev/null", "--baud", "7"], "7 is no baud rate"),
        (["monitor", "/dev/null"], "/dev/null is no serial port"),
        (["flash", "Nothing", "/dev/null"], "neither an application nor a file"),
        (["flash", "Hello", "/dev/null"], "is no block device"),
        (["flash", "/etc/passwd", "/dev/null"], "is no card image"),
        (["fuzz", "Nothing"], "Nothing"),
        (["build", "--package", "/tmp", "X"], "holds no Package.swift"),
    ]) func `wrong use is answered with what to do`(arguments: [String], answer: String) throws {
        var command = try ToolFixture.command()
        command.arguments = arguments
        let output = try command.capture(mergingErrors: true)
        #expect(output.text.contains(answer), "\(output.text)")
        #expect(!output.status.isSuccess)
        #expect(!output.text.contains("Fatal error"))
    }
}
