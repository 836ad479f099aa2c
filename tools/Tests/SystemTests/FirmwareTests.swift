import ApusKit
import Testing

/// What the emulator's firmware answers beyond that of a released QEMU.
@Suite(.onBoardEmulator) struct FirmwareTests {
    @Test func `a trial boots the other kernel once, and the next boot is the usual one`() throws {
        let other = try Fixtures.hello.get().image
        let machine = try BoardSession.start(Fixtures.shell, network: .none) {
            $0.extra = ["-global", "apus-firmware.tryboot-kernel=\(other)"]
        }
        try machine.expect(ShellSession.prompt)
        #expect(try machine.monitor("qom-get /machine/videocore is-trial").contains("false"))
        machine.type("reboot try\r")
        // The other kernel is the smallest program there is: it says one thing and switches the power off.
        try machine.expect(BootTests.greeting)
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test func `a trial is over with the next boot, and an ordinary reboot is none`() throws {
        let machine = try BoardSession.start(Fixtures.shell, network: .none) {
            $0.extra = ["-global", "apus-firmware.tryboot-kernel=\(try! Fixtures.shell.get().image)"]
        }
        func isTrial() throws -> Bool { try machine.monitor("qom-get /machine/videocore is-trial").contains("true") }
        try machine.expect(ShellSession.prompt)
        for (command, expected) in [("reboot", false), ("reboot try", true), ("reboot", false), ("reboot try", true)] {
            machine.type(command + "\r")
            try machine.expect("Type `help`.")
            try machine.expect(ShellSession.prompt)
            #expect(try isTrial() == expected, "\(command)")
            #expect(try machine.monitor("qom-get /machine/videocore reboot-flags").contains("0"))
        }
    }

    @Test func `without other boot files a trial boots the usual ones`() throws {
        let machine = try BoardSession.start(Fixtures.shell, network: .none)
        try machine.expect(ShellSession.prompt)
        machine.type("reboot try\r")
        try machine.expect("Type `help`.")
        #expect(try machine.monitor("qom-get /machine/videocore is-trial").contains("false"))
    }

    @Test func `the firmware of a released QEMU takes no trial, and the shell says so`() throws {
        let shell = try ShellSession(card: nil)
        #expect(try shell.run("reboot try").contains("the firmware does not take it"))
    }

    @Test func `the selftest finds the board's devices, and none fails`() throws {
        let machine = try BoardSession.start(Fixtures.shell, network: .none) { $0.card = try? Fixtures.shellCard.get() }
        try machine.expect(ShellSession.prompt)
        machine.type("selftest\r")
        let report = try machine.expect("\n" + ShellSession.prompt, timeout: 120)
        #expect(report.contains(" 0 failed") && report.contains("card supply on"), "\(report)")
        #expect(BoardReport(in: report)?.isIntact == true)
    }

    /// Tags that another release may not know, or not mark, or answer with nothing; not those without which no board is known.
    @Test(arguments: ["unknown", "unmarked", "empty"])
    func `firmware that treats its tags in another way is no failure`(style: String) throws {
        let tags =
            "0x30002:0x30004:0x30006:0x3000a:0x30041:0x38041:0x30046:0x30047:0x30048:0x30064:0x38064:0x38002:0x60001"
        let machine = try BoardSession.start(Fixtures.shell, network: .none) {
            $0.card = try? Fixtures.shellCard.get()
            $0.extra = ["-global", "apus-firmware.\(style)-tags=\(tags)"]
        }
        try machine.expect(ShellSession.prompt)
        machine.type("selftest\r")
        let report = try machine.expect("\n" + ShellSession.prompt, timeout: 120)
        #expect(report.contains(" 0 failed") && report.contains("firmware: throttling: absent"), "\(report)")
        machine.type("reboot\r")
        try machine.expect("Type `help`.", timeout: 60)
    }

    @Test func `the watchdog counts down and resets, unless it is asked again or stopped`() throws {
        let machine = try BoardSession.start(Fixtures.shell, network: .none)
        func type(_ command: String) throws -> String {
            machine.type(command + "\r")
            return try machine.expect("\n" + ShellSession.prompt)
        }
        try machine.expect(ShellSession.prompt)
        #expect(try type("watchdog 16").contains("it counts 1 to 15 seconds"))
        #expect(try type("watchdog").contains("the watchdog is off"))
        #expect(try type("watchdog 3").contains("a reset comes in "))
        #expect(try type("watchdog off").contains("the watchdog is off"))
        // Longer than it counts, but asked again in time.
        for _ in 0..<3 {
            #expect(try type("watchdog 3").contains("a reset comes in "))
            _ = try type("sleep 1.5")
        }
        try machine.expect("Type `help`.", timeout: 30)
        try machine.expect(ShellSession.prompt)
        #expect(try type("devices").contains("last reset by watchdog"))
    }

    @Test func `a watchdog that does not count is not started`() throws {
        let shell = try ShellSession(card: nil)
        #expect(try shell.run("watchdog 3").contains("does not count"))
    }
}
