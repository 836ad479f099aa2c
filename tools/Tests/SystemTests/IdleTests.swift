import ApusKit
import Glibc
import Testing

@Suite struct IdleTests {
    @Test func `an idle image with all four cores costs its host less than 2 % of a core`() throws {
        let machine = try Machine(MachineConfiguration(boot: .image(try Fixtures.shell.get().image)))
        try machine.expect("apus>")
        // The one measurement that needs time to pass: what matters is the share of it. The first second is left to
        // what the start leaves behind.
        sleep(1)
        let before = try machine.processorTime()
        sleep(5)
        let used = try machine.processorTime() - before
        #expect(used / 5 < 0.02, "\(used) s of processor time in 5 s")
    }
}
