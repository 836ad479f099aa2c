import ApusKit
import Foundation
import Testing

/// What boards and networks do to the Ethernet, in a whole image: cables, partners, firmware, pins.
@Suite(.onBoardEmulator) struct EthernetHardwareTests {
    private static let everybody = [UInt8](repeating: 0xFF, count: 6)

    private func shell(_ properties: [String]) throws -> Machine {
        let machine = try BoardSession.start(Fixtures.shell, network: .frames) {
            $0.extra = properties.flatMap { ["-global", "apus-genet.\($0)"] }
        }
        try machine.expect(ShellSession.prompt)
        return machine
    }

    private func run(_ command: String, on machine: Machine) throws -> String {
        machine.type(command + "\r")
        return try machine.expect("\n" + ShellSession.prompt)
    }

    /// What `link` shows, once it shows `text`, or at last.
    private func link(_ machine: Machine, until text: String) throws -> String {
        var answer = ""
        for _ in 0..<30 where !answer.contains(text) {
            _ = try run("sleep 1", on: machine)
            answer = try run("link", on: machine)
        }
        return answer
    }

    /// A counter of the emulator's controller.
    private func count(_ name: String, on machine: Machine) throws -> Int {
        let text = try machine.monitor("qom-get /machine/genet \(name)")
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), "\(text)")
    }

    @Test func `a ring that nobody empties stops no partner, and no clock is delayed but once`() throws {
        let machine = try BoardSession.reflect()
        let trial = try ReflectionTrial(machine, guest: BoardSession.guest, length: .fixed(60), window: 8000)
        let result = try trial.run(count: 30_000)
        #expect(result.isSound && result.overflows > 0, "\(result)")
        #expect(try count("pauses-sent", on: machine) == 0)
        #expect(try count("frames-spoiled", on: machine) == 0)
    }

    @Test func `over a cable with two pairs the link is slower, and the log says so`() throws {
        let machine = try shell(["two-pairs=on"])
        #expect(try link(machine, until: "link up").contains("100 Mb/s, full duplex"))
        #expect(try run("log", on: machine).contains("100 Mb/s where 1000 were agreed"))
    }

    @Test func `a partner that does not negotiate is met in a forced mode`() throws {
        let machine = try shell(["partner-silent=on"])
        #expect(try run("link", on: machine).contains("link down"))
        _ = try run("ethernet 100 full", on: machine)
        #expect(try link(machine, until: "link up").contains("100 Mb/s, full duplex"))
        _ = try run("ethernet 10 half", on: machine)
        #expect(try link(machine, until: "10 Mb/s").contains("10 Mb/s, half duplex"))
        #expect(try run("ethernet 1000", on: machine).contains("usage"))
    }

    @Test func `pins that let no frame pass are set right`() throws {
        let machine = try BoardSession.start(Fixtures.reflect, network: .frames) {
            $0.extra = ["-global", "apus-genet.gate=2"]
        }
        try machine.expect("reflect: link up")
        let trial = try ReflectionTrial(machine, guest: BoardSession.guest, length: .fixed(60), window: 16)
        #expect(try trial.run(count: 100).received == 100)
        // The other bit of that word belongs to the card's slot.
        #expect(try machine.monitor("xp /1wx 0xfe2000d0").contains("0x00000003"))
    }

    @Test func `a hundred failed attempts to open the Ethernet cost no more memory than one`() throws {
        let machine = try shell(["phy-address=32"])
        func inUse() throws -> Int {
            let text = try run("memory", on: machine)
            let number = text.split(separator: "in use:").last?.split(separator: " ").first
            return try #require(number.flatMap { Int($0) }, "\(text)")
        }
        #expect(try run("mdio", on: machine).contains("Ethernet: "))
        let before = try inUse()
        for _ in 0..<100 { _ = try run("mdio", on: machine) }
        #expect(try inUse() - before < 100_000)
    }

    @Test func `a firmware's receiver that was not stopped writes no more once the board has started`() throws {
        let buffers = 0x3800_0000
        let machine = try shell(["netboot-buffers=\(buffers)"])
        func memory() throws -> String { try machine.monitor("xp /64wx \(buffers + 64)") }
        let before = try memory()
        let frames = try #require(machine.frames)
        for mark in UInt8(1)...70 {
            frames.send([Self.everybody + ReflectionTrial.address + [UInt8](repeating: mark, count: 1000)])
        }
        _ = try run("sleep 1", on: machine)
        #expect(try memory() == before)
        // The shell has not opened it.
        #expect(try count("register-writes", on: machine) < 10)
        #expect(try link(machine, until: "link up").contains("link up"))
    }
}
