import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Testing

/// What sockets promise, whatever the order of tasks, interrupts and wakes.
@Suite struct SocketScheduleTests {
    @Test(arguments: Trouble.seeds(4))
    func `streams arrive whole, in any order of things`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            try ConnectionTests().`what is written is read in order, whatever is lost, and then the end`(
                loss: Int(seed % 3) * 20, seed: seed)
            try ConnectionTests().`a task that is cancelled stops reading and writing, and the connection stays`()
            try ConnectionTests().`after finish the other direction goes on`()
            try ConnectionTests().`letting go sends what was written`()
        }
    }

    @Test(arguments: Trouble.seeds(4))
    func `loans end, and datagrams arrive, in any order of things`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            try LendingTests().`what is lent arrives behind what was written and before what follows`(
                loss: Int(seed % 3) * 20, seed: seed)
            try LendingTests().`two tasks that lend take turns`()
            try DatagramTests().`datagrams go both ways, with who sent them`()
            try DatagramTests().`receiving ends at the deadline and by cancellation`()
        }
    }

    @Test(arguments: Trouble.seeds(4))
    func `two readers of a socket get all that arrives`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            try HostPair.run(seed: seed) { (pair) throws in
                let server = try pair.right.openUDP(on: 53)
                var received = 0
                for _ in 0..<2 {
                    try Task.spawn("reader") { () throws(TaskError) in
                        for _ in 0..<10 {
                            if (try? server.receive(until: SystemTime.now + .seconds(5))) != nil { received += 1 }
                        }
                    }.detach()
                }
                let client = try pair.left.openUDP()
                for number in 0..<20 as Range<UInt8> {
                    try client.send([number].span.bytes, to: Endpoint(HostPair.rightAddress, 53))
                    if number % 4 == 0 { try Task.sleep(for: .milliseconds(1)) }
                }
                // Before any reader's patience ends.
                try Task.sleep(for: .seconds(2))
                #expect(received == 20)
                try Task.sleep(for: .seconds(60))
            }
        }
    }

    @Test(arguments: Trouble.seeds(4))
    func `devices are attached and jammed in any order of things`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            try TurnTests().`a device is attached while another one's maintenance waits`()
            try TurnTests().`an interface that takes nothing does not keep other tasks from running`()
            try TurnTests().`timestamps of TCP never go back, though a device takes its time between two segments`()
        }
    }
}
