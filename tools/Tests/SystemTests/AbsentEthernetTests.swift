import ApusKit
import Testing

/// Machines that lack what the board has.
@Suite struct AbsentEthernetTests {
    @Test func `where there is no controller Reflect says so and ends`() throws {
        let machine = try Machine(Fixtures.board(Fixtures.reflect))
        try machine.expect("reflect: there is no Ethernet here")
        #expect(try machine.exitStatus() == .exited(0))
    }

    @Test func `where there is no controller the shell's commands say so`() throws {
        let shell = try ShellSession(card: nil)
        #expect(try shell.run("mdio").contains("Ethernet: there is none"))
        // Adapters may come on USB.
        #expect(try shell.run("link").contains("link down"))
        #expect(try shell.run("ping 10.0.2.2").contains("the link is down"))
        #expect(try shell.run("echo still here") == "still here")
    }
}
