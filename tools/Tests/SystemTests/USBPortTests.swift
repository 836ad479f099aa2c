import ApusKit
import Foundation
import Testing

/// What is plugged into the USB port of an ordinary QEMU.
@Suite struct USBPortTests {
    /// A web server and where it is found.
    private func serve(
        _ change: (inout MachineConfiguration) -> Void = { _ in }, _ body: (Machine, String) throws -> Void
    ) throws {
        let port = try BoardSession.freePort()
        let machine = try BoardSession.start(
            Fixtures.build("WebServer"), network: .user(hostPort: port, guestPort: 80), way: .usb, change)
        try machine.expect("web: http://10.0.2.15/")
        try body(machine, "http://127.0.0.1:\(port)")
        #expect(!machine.console.contains("crash report"), "\(machine.console)")
    }

    private func curl(_ address: String, _ arguments: String...) throws -> String {
        let output = try Command("curl", ["-sS", "--max-time", "20"] + arguments + [address])
            .capture(mergingErrors: true)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    /// The value of a measurement.
    private func metric(_ address: String, _ name: String) throws -> Double {
        let line = try curl(address + "/metrics").split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return try #require(line.flatMap { Double($0.dropFirst(name.count + 1)) }, "\(name)")
    }

    @Test(arguments: ["", ",port=1"])
    func `an adapter at the root port or behind a hub brings the network, by ECM or RNDIS`(
        place: String
    ) throws {
        for arguments in [nil, "usb.rndis"] {
            let port = try BoardSession.freePort()
            let machine = try BoardSession.start(Fixtures.build("WebServer"), network: .none, way: .usb) {
                $0.adapter = nil
                $0.bootArguments = arguments
                $0.extra = [
                    "-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:\(port)-:80", "-device", "usb-net,netdev=n\(place)",
                ]
            }
            try machine.expect("web: http://10.0.2.15/")
            for _ in 0..<20 { #expect(try curl("http://127.0.0.1:\(port)/status").hasSuffix("</html>\n")) }
        }
    }

    @Test func `an adapter that is unplugged while requests run comes back with an address, and nothing leaks`() throws
    {
        try serve { machine, address in
            let page = try curl(address + "/status")
            func load(_ requests: Int) throws -> ChildProcess {
                try ChildProcess(
                    try #require(Executable.find("ab")),
                    ["-q", "-k", "-s", "5", "-n", "\(requests)", "-c", "2", address + "/status"],
                    output: .null, errors: .null)
            }
            func cycle() throws {
                let client = try load(100_000)
                Thread.sleep(forTimeInterval: 0.4)
                #expect(try machine.monitor("device_del adapter") == "")
                Thread.sleep(forTimeInterval: 0.7)
                client.terminate()
                #expect(
                    try machine.monitor("device_add usb-net,netdev=\(NetworkBackend.adapterNetwork),id=adapter") == "")
                var answer = ""
                for _ in 0..<40 where answer != page { answer = try curl(address + "/status") }
                #expect(answer == page)
            }
            try cycle()
            // Connections that were cut off are given up in their time; so are those that the emulator's own network has cut.
            Thread.sleep(forTimeInterval: 14)
            let before = try metric(address, "apus_heap_in_use_bytes")
            for _ in 0..<4 { try cycle() }
            Thread.sleep(forTimeInterval: 14)
            let after = try metric(address, "apus_heap_in_use_bytes")
            #expect(abs(after - before) < 16_384, "\(before) before, \(after) after")
        }
    }

    @Test func `idle, the processor sleeps but for some interrupts`() throws {
        try serve { _, address in
            func interrupts() throws -> Double {
                var sum = 0.0
                for line in try curl(address + "/metrics").split(separator: "\n")
                where line.hasPrefix("apus_interrupts_total{") { sum += Double(line.split(separator: " ")[1]) ?? 0 }
                return sum
            }
            _ = try interrupts()
            Thread.sleep(forTimeInterval: 1)
            let start = try metric(address, "apus_uptime_seconds_total")
            let before = try interrupts()
            Thread.sleep(forTimeInterval: 10)
            let count = try interrupts() - before
            let seconds = try metric(address, "apus_uptime_seconds_total") - start
            #expect(count / seconds < 200, "\(count) interrupts in \(seconds) s")
        }
    }

    @Test func `a keyboard types into the shell`() throws {
        let shell = try ShellSession(card: nil) { $0.extra = ["-device", "usb-kbd"] }
        #expect(try shell.run("usb").contains(", keyboard"))
        // The monitor presses each key for a tenth of a second.
        for key in ["e", "c", "h", "o", "spc", "shift-a", "1", "minus", "dot", "ret"] {
            _ = try shell.machine.monitor("sendkey \(key)")
            Thread.sleep(forTimeInterval: 0.25)
        }
        try shell.machine.expect("echo A1-.\r\nA1-.\r\n")
        _ = try shell.machine.monitor("sendkey ctrl-c")
        try shell.machine.expect(ShellSession.prompt)
    }

    @Test func `a disk is mounted, written to, and whole for other systems`() throws {
        try Files.withTemporaryDirectory { directory in
            let stick = directory + "/stick.img"
            let bytes = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 11 ^ $0 >> 9) }
            try Data(bytes).write(to: URL(fileURLWithPath: directory + "/large.bin"))
            try Command("truncate", ["-s", "32M", stick]).check()
            try Command("mkfs.vfat", [stick]).check()
            try Command("mcopy", ["-i", stick, directory + "/large.bin", "::large.bin"]).check()
            let shell = try ShellSession(card: nil) {
                $0.extra = [
                    "-drive", "if=none,id=stick,format=raw,file=\(stick)", "-device", "usb-storage,drive=stick,id=disk",
                ]
            }
            #expect(try shell.run("ls").contains("there are no files"))
            #expect(try shell.run("mount usb") == "")
            #expect(try shell.run("ls") == "large.bin")
            #expect(try shell.run("cp large.bin copy.bin") == "")
            #expect(try shell.run("write note.txt by a board") == "")
            #expect(try shell.run("check").contains("0 lost clusters"))
            #expect(try shell.run("mount card") == "")
            #expect(try shell.run("ls").contains("there are no files"))
            #expect(try shell.run("mount usb") == "")
            #expect(try shell.run("usb").contains(", storage"))
            _ = try shell.machine.monitor("device_del disk")
            Thread.sleep(forTimeInterval: 1)
            #expect(try shell.run("cat large.bin").contains("no medium"))
            #expect(try !shell.run("usb").contains("storage"))
            shell.machine.powerOff()
            _ = try shell.machine.exitStatus()
            try Command("fsck.vfat", ["-n", stick]).check()
            try Command("mcopy", ["-i", stick, "::copy.bin", "::note.txt", directory]).check()
            #expect(try Files.read(directory + "/copy.bin") == bytes)
            #expect(String(decoding: try Files.read(directory + "/note.txt"), as: UTF8.self) == "by a board\n")
        }
    }

    @Test(.onBoardEmulator) func `the board's Ethernet and an adapter work side by side, each with its network`() throws
    {
        let machine = try BoardSession.start(
            Fixtures.shell, network: .user(hostPort: try BoardSession.freePort(), guestPort: 80)
        ) {
            $0.extra = ["-netdev", "user,id=other,net=10.0.9.0/24", "-device", "usb-net,netdev=other"]
        }
        try machine.expect(ShellSession.prompt)
        func run(_ command: String) throws -> String {
            machine.type(command + "\r")
            return try machine.expect("\n" + ShellSession.prompt)
        }
        #expect(try run("ping 10.0.2.2 1").contains("1 received"))
        _ = try run("usb network")
        var addresses = ""
        for _ in 0..<20 where !addresses.contains("10.0.9.15/24") {
            Thread.sleep(forTimeInterval: 0.5)
            addresses = try run("ip")
        }
        #expect(addresses.contains("ethernet: up") && addresses.contains("usb: up"))
        #expect(addresses.contains("10.0.2.15/24") && addresses.contains("10.0.9.15/24"), "\(addresses)")
        #expect(addresses.contains("route 10.0.9.0/24 on usb") && addresses.contains("route 10.0.2.0/24 on ethernet"))
        #expect(try run("ping 10.0.9.2 2").contains("2 received"))
        #expect(try run("ping 10.0.2.2 2").contains("2 received"))
    }
}
