import ApusKit
import Testing

/// Machines that lack what the board has.
@Suite struct AbsentEthernetTests {
    @Test func `where there is no controller Reflect says so and ends`() throws {
        let machine = try Machine(MachineConfiguration(boot: .image(try Fixtures.reflect.get().image)))
        try machine.expect("reflect: there is no Ethernet here")
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test func `where there is no controller the shell's commands say so`() throws {
        let shell = try ShellSession(card: nil)
        for command in ["link", "ethernet", "mdio"] {
            #expect(try shell.run(command).contains("Ethernet"), "\(command)")
        }
        #expect(try shell.run("echo still here") == "still here")
    }
}
