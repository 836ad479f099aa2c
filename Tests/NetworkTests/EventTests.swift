import Interfaces
import Testing

@testable import Network

@Suite struct EventTests {
    @Test func `an event of a socket that was closed meanwhile goes nowhere`() throws {
        let pair = StackPair()
        let server = try pair.right.stack.openUDP(Endpoint(.unspecified, 53))
        pair.right.stack.setOwner(42, of: server)
        let client = try pair.left.stack.openUDP(Endpoint(.unspecified, 0))
        try pair.left.send([1], from: client, to: Endpoint(pair.right.address, 53), now: pair.now)
        // The address is asked for, answered, and the datagram arrives; nobody asks for events yet.
        for _ in 0..<3 {
            for (from, to) in [(pair.left, pair.right), (pair.right, pair.left)] {
                from.cable.now = pair.now
                from.cable.deliver(until: pair.now + .milliseconds(1)) { frame in
                    to.stack.receive(frame, checksum: .unknown, on: to.interface, now: pair.now, into: &to.cable)
                }
            }
        }
        #expect(pair.right.stack.statistics.receivedDatagrams == 1)
        pair.right.stack.close(server)
        let event = pair.right.stack.nextEvent()
        #expect(event == nil)
    }

    @Test func `an event of a listener that was closed meanwhile goes nowhere`() throws {
        let pair = StackPair()
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        pair.right.stack.setOwner(42, of: listener)
        _ = try pair.left.stack.connect(to: Endpoint(pair.right.address, 80), now: pair.now)
        pair.flush()
        for _ in 0..<4 {
            for (from, to) in [(pair.left, pair.right), (pair.right, pair.left)] {
                from.cable.now = pair.now
                from.cable.deliver(until: pair.now + .milliseconds(1)) { frame in
                    to.stack.receive(frame, checksum: .unknown, on: to.interface, now: pair.now, into: &to.cable)
                }
                pair.flush()
            }
        }
        var waiting = 0
        pair.right.stack.forEachListener { waiting = $3 }
        #expect(waiting == 1)
        pair.right.stack.close(listener, now: pair.now, into: &pair.right.cable)
        let event = pair.right.stack.nextEvent()
        #expect(event == nil)
    }
}
