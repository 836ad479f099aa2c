import ApusKit
import Foundation
import Testing

/// What the shell does with servers that others have written: files by TFTP, the log by syslog, itself over TCP.
@Suite struct ShellServicesTests {
    /// The address of servers: one of this machine's alone, which QEMU's network reaches.
    private static let server = "192.0.2.1"

    private static func has(_ program: String) -> Bool {
        Executable.find(program) != nil && NetworkNamespace.isPossible
    }

    private func inNamespace(_ body: @escaping (String) throws -> Void) throws {
        try Files.withTemporaryDirectory { directory in
            try NetworkNamespace.run { _ in
                try Command("ip", ["link", "set", "lo", "up"]).check()
                try Command("ip", ["address", "add", Self.server + "/32", "dev", "lo"]).check()
                try body(directory)
            }
        }
    }

    private func start(_ directory: String, _ way: Way, guestPort: Int = 80, hostPort: Int = 8080) throws -> Machine {
        let card = try TestCard(directory)
        try card.format()
        let machine = try BoardSession.start(
            Fixtures.shell, network: .user(hostPort: hostPort, guestPort: guestPort), way: way
        ) { $0.card = card.path }
        try machine.expect("Type `help`.")
        try machine.expect(ShellSession.prompt)
        return machine
    }

    private func run(_ command: String, _ machine: Machine) throws -> String {
        machine.type(command + "\r")
        return try machine.expect("\n" + ShellSession.prompt)
    }

    private static let content = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ $0 >> 7) }

    /// Gets a file from the server that `start` starts in a directory, sends it back where that is possible, and compares.
    private func transfer(
        puts: Bool, _ way: Way, _ start: @escaping (_ directory: String) throws -> ChildProcess
    ) throws {
        try inNamespace { directory in
            let files = directory + "/files"
            try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
            try Data(Self.content).write(to: URL(fileURLWithPath: files + "/image.bin"))
            let server = try start(files)
            defer { server.terminate() }
            let machine = try self.start(directory, way)
            let get = try self.run("tftp get \(Self.server) a.bin image.bin", machine)
            #expect(get.contains("70000 bytes"), "\(get)")
            let missing = try self.run("tftp get \(Self.server) b.bin nothing.bin", machine)
            #expect(missing.contains("tftp: the server says: "), "\(missing)")
            let listing = try self.run("ls -l", machine)
            #expect(listing.contains("70000") && !listing.contains("b.bin"), "\(listing)")
            if puts {
                let put = try self.run("tftp put \(Self.server) a.bin back.bin", machine)
                #expect(put.contains("70000 bytes"), "\(put)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: files + "/back.bin")) == Data(Self.content))
            }
            #expect(!machine.console.contains("crash report"))
        }
    }

    @Test(.enabled(if: has("dnsmasq"), "there is no dnsmasq, or no namespace for it"), arguments: Way.available)
    func `a file comes from dnsmasq`(way: Way) throws {
        try transfer(puts: false, way) { files in
            try ChildProcess(
                try #require(Executable.find("dnsmasq")),
                [
                    "-k", "--port=0", "--conf-file=/dev/null", "--enable-tftp", "--tftp-root=\(files)", "--user=root",
                    "--pid-file=\(files).pid",
                ], output: .null, errors: .null)
        }
    }

    @Test(.enabled(if: has("in.tftpd"), "there is no in.tftpd, or no namespace for it"), arguments: Way.available)
    func `and goes to tftpd and back`(way: Way) throws {
        try transfer(puts: true, way) { files in
            try ChildProcess(
                try #require(Executable.find("in.tftpd")),
                ["-L", "-a", Self.server + ":69", "-c", "-p", "-u", "root", "-s", files], output: .null, errors: .null)
        }
    }

    @Test(
        .enabled(if: has("rsyslogd"), "there is no rsyslogd, or no namespace for it"),
        arguments: ["", " tcp"], Way.available)
    func `rsyslog keeps the log`(transport: String, way: Way) throws {
        try inNamespace { directory in
            let configuration = """
                module(load="imudp")
                module(load="imtcp")
                input(type="imudp" port="514" address="\(Self.server)")
                input(type="imtcp" port="514" address="\(Self.server)")
                template(name="all" type="string" string="%pri%|%hostname%|%app-name%|%structured-data%|%msg%\\n")
                action(type="omfile" file="\(directory)/kept" template="all")
                """
            try Data((configuration + "\n").utf8).write(to: URL(fileURLWithPath: directory + "/rsyslog.conf"))
            let server = try ChildProcess(
                try #require(Executable.find("rsyslogd")),
                ["-n", "-f", directory + "/rsyslog.conf", "-i", directory + "/pid"], output: .null, errors: .null)
            defer { server.terminate() }
            let machine = try self.start(directory, way)
            _ = try self.run("log remote \(Self.server)\(transport)", machine)
            // What the shell shows of its log has arrived, message by message.
            let shown = try self.run("log", machine).matches(of: /\] [a-z]+ ([A-Za-z0-9 -]+): ([^\r\n]+)/)
            #expect(!shown.isEmpty)
            var kept = ""
            for _ in 0..<50 {
                kept = (try? String(contentsOfFile: directory + "/kept", encoding: .utf8)) ?? ""
                if kept.split(separator: "\n").count >= shown.count { break }
                Thread.sleep(forTimeInterval: 0.2)
            }
            for line in shown {
                let name = line.1.replacingOccurrences(of: " ", with: "_")
                let found = kept.split(separator: "\n").contains {
                    $0.contains("|apus|\(name)|[meta sequenceId=\"") && $0.hasSuffix(line.2)
                }
                #expect(found, "\(line.0): \(kept)")
            }
            #expect(try self.run("log remote", machine).contains("to \(Self.server):514: "))
            _ = try self.run("log remote off", machine)
            #expect(try self.run("log remote", machine).contains("not sent anywhere"))
        }
    }

    @Test(.enabled(if: NetworkNamespace.isPossible, "there is no namespace for it"), arguments: Way.available)
    func `the shell is there for who connects, only when it was asked to`(way: Way) throws {
        try inNamespace { directory in
            let machine = try self.start(directory, way, guestPort: 2323, hostPort: 2323)
            #expect(try self.run("remote", machine).contains("off"))
            #expect(try self.run("remote 2323", machine).contains("no password"))
            func connect(_ commands: String) throws -> String {
                let output = try Command("curl", ["-sS", "--max-time", "20", "telnet://127.0.0.1:2323"])
                    .capture(input: commands, mergingErrors: true)
                return String(decoding: output.bytes, as: UTF8.self)
            }
            for _ in 0..<2 {
                let answer = try connect("echo one two\rremote off\r\u{4}")
                #expect(answer.contains("one two") && answer.contains("you are remote yourself"), "\(answer)")
            }
            // The console was there all the time.
            #expect(try self.run("echo still here", machine).contains("still here"))
            _ = try self.run("remote off", machine)
            #expect(try self.run("remote", machine).contains("off"))
            let refused = try connect("echo three\r\u{4}")
            #expect(!refused.contains("apus>"))
            #expect(!machine.console.contains("crash report"))
        }
    }
}
